/**
 * X.509: the shop's own certificate authority (CA), and the server certificates that it signs. EC P-256 throughout.
 *
 * 1. The authority can vouch for a shop's own network only: private and loopback addresses, and names under `.local` and `localhost`. Whoever steals its key
 *    cannot pretend to be a bank towards the tills that trust it (RFC 5280, 4.2.1.10; critical, as it says: browsers of today all know the extension).
 * 2. It signs servers only, and no further authority.
 * 3. A server certificate lasts at most 397 days, which every browser accepts, and never longer than its authority.
 */
import 'reflect-metadata'; // First: x509 is put together by it.
import { createHash, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

// The platform's `crypto` is named in every call: `@libp2p/webrtc` makes another one the default of x509, which does not take the platform's keys.

/** As it lies on the disk: PEM, the key as PKCS #8. */
export interface KeyAndCertificate {
	readonly key: string;
	readonly certificate: string;
}

const DAY_MS = 86_400_000;
/** Ten years and their leap days. */
const AUTHORITY_DAYS = 3_652;
const SERVER_DAYS = 397;
/** A till whose clock is behind ours must not find us not valid yet. */
export const BACKDATED_DAYS = 2;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const NAME_CONSTRAINTS = '2.5.29.30';

const PERMITTED_NAMES = ['local', 'localhost'];
/** Address and mask: RFC 1918, RFC 6598 (carriers, and overlay networks), RFC 3927, loopback; ULA, link-local and loopback of IPv6. */
const PERMITTED_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '127.0.0.0/8'];
const PERMITTED_NETWORKS_6 = ['fc00::/7', 'fe80::/10', '::1/128'];

/** `name` is how a person finds it in the list of a system. */
export async function makeAuthority(name: string, nowMs: number): Promise<KeyAndCertificate> {
	const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
	const params: x509.X509CertificateCreateSelfSignedParams = {
		...{ serialNumber: serialNumber(), name: [{ CN: [name] }, { O: ['Holdfast'] }], signingAlgorithm: ALGORITHM, keys },
		...{ notBefore: new Date(nowMs - BACKDATED_DAYS * DAY_MS), notAfter: new Date(nowMs + AUTHORITY_DAYS * DAY_MS) },
		extensions: [
			new x509.BasicConstraintsExtension(true, 0, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
			new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
			new x509.Extension(NAME_CONSTRAINTS, true, nameConstraints()),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
		],
	};
	const certificate = await x509.X509CertificateGenerator.createSelfSigned(params, crypto);
	return { key: await pemOfKey(keys.privateKey), certificate: `${certificate.toString('pem')}\n` };
}

/** For `hosts`, names and addresses; those that the authority may not vouch for would spoil the whole certificate, so leave them out (`isPermitted`). */
export async function makeServerCertificate(authority: KeyAndCertificate, hosts: readonly string[], nowMs: number): Promise<KeyAndCertificate> {
	const issuer = new x509.X509Certificate(authority.certificate);
	const signingKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(authority.key), ALGORITHM, false, ['sign']);
	const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
	const endMs = Math.min(nowMs + (SERVER_DAYS - BACKDATED_DAYS) * DAY_MS, issuer.notAfter.getTime());
	const params: x509.X509CertificateCreateParams = {
		// No host in the subject: browsers read the alternative names alone.
		...{ serialNumber: serialNumber(), subject: [{ CN: ['Holdfast hub'] }], issuer: issuer.subjectName, publicKey: keys.publicKey, signingKey },
		...{ signingAlgorithm: ALGORITHM, notBefore: new Date(nowMs - BACKDATED_DAYS * DAY_MS), notAfter: new Date(endMs) },
		extensions: [
			new x509.BasicConstraintsExtension(false, undefined, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
			new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
			new x509.SubjectAlternativeNameExtension(hosts.map((host): x509.JsonGeneralName => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }))),
			await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, crypto),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
		],
	};
	const certificate = await x509.X509CertificateGenerator.create(params, crypto);
	return { key: await pemOfKey(keys.privateKey), certificate: `${certificate.toString('pem')}\n` };
}

/**
 * For webrtc-direct, where nobody looks at more than its hash: whoever dials knows the hash, and the link itself proves who answers. It says nothing and, as RFC
 * 5280 (4.1.2.5) has it for what has no good end, never ends: a till that was away for a year still knows the hash.
 */
export async function makeDirectCertificate(nowMs: number): Promise<KeyAndCertificate> {
	const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
	const params: x509.X509CertificateCreateSelfSignedParams = {
		...{ serialNumber: serialNumber(), name: [{ CN: ['Holdfast'] }], signingAlgorithm: ALGORITHM, keys },
		...{ notBefore: new Date(nowMs - BACKDATED_DAYS * DAY_MS), notAfter: new Date('9999-12-31T23:59:59Z') },
		extensions: [new x509.BasicConstraintsExtension(false, undefined, true)],
	};
	const certificate = await x509.X509CertificateGenerator.createSelfSigned(params, crypto);
	return { key: await pemOfKey(keys.privateKey), certificate: `${certificate.toString('pem')}\n` };
}

/** Whether the authority may vouch for this name or address. */
export function isPermitted(host: string): boolean {
	const kind = isIP(host);
	if (kind === 0) return /^[a-z0-9.-]+$/i.test(host) && PERMITTED_NAMES.some((name) => host === name || host.endsWith(`.${name}`));
	const bytes = bytesOfAddress(host);
	return (kind === 4 ? PERMITTED_NETWORKS : PERMITTED_NETWORKS_6).some((network) => {
		const { address, mask } = networkOf(network);
		return address.every((byte, at) => byte === ((bytes[at] ?? 0) & (mask[at] ?? 0)));
	});
}

/** `SHA-256` over the certificate, as systems show it: `AB:CD:…`. */
export function fingerprintOf(certificate: string): string {
	return new X509Certificate(certificate).fingerprint256;
}

/** What a browser may be told to trust by: SHA-256 over the public key, in base64 (RFC 7469, 2.4). */
export function publicKeyHash(certificate: string): string {
	const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
	return createHash('sha256').update(key).digest('base64');
}

/** 16 random bytes, positive, as RFC 5280 wants it. */
function serialNumber(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
	return Buffer.from(bytes).toString('hex');
}

async function pemOfKey(key: CryptoKey): Promise<string> {
	return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

/** `NameConstraints { permittedSubtrees [0] { { base GeneralName } … } }`: dNSName is [2], iPAddress [7] as address and mask. */
function nameConstraints(): Uint8Array<ArrayBuffer> {
	const names = PERMITTED_NAMES.map((name) => der(0x30, der(0x82, Buffer.from(name, 'ascii'))));
	const networks = [...PERMITTED_NETWORKS, ...PERMITTED_NETWORKS_6].map((network) => {
		const { address, mask } = networkOf(network);
		return der(0x30, der(0x87, Buffer.from([...address, ...mask])));
	});
	return new Uint8Array(der(0x30, der(0xa0, Buffer.concat([...names, ...networks]))));
}

function der(tag: number, content: Buffer): Buffer {
	const { length } = content;
	const lengthBytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
}

function networkOf(network: string): { readonly address: readonly number[]; readonly mask: readonly number[] } {
	const [text = '', bits = '0'] = network.split('/');
	const address = bytesOfAddress(text);
	return { address, mask: address.map((_, at) => (0xff00 >> Math.max(0, Math.min(8, Number(bits) - at * 8))) & 0xff) };
}

function bytesOfAddress(address: string): readonly number[] {
	if (isIP(address) === 4) return address.split('.').map(Number);
	// The URL parser writes out an IPv4 tail, and shortens by one `::` at most.
	const [head = '', tail] = new URL(`http://[${address.split('%')[0] ?? ''}]`).hostname.slice(1, -1).split('::');
	const groups = (text: string | undefined): string[] => (text ?? '').split(':').filter((group) => group !== '');
	const [before, after] = [groups(head), groups(tail)];
	const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
	return all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}
