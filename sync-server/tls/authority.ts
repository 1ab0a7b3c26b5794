/**
 * The hub's own certificate authority and server certificate, in its data folder: what https on the shop's network stands on.
 *
 * 1. The authority is made once, and is the same after every start: tills trust it by hand. Its files can be read by the hub's user alone.
 * 2. An authority that is damaged is never replaced behind the owner's back, for every till would have to trust the new one: the hub says what to do.
 *    One that has ended by this clock is kept beside the one that follows it and is taken back when it turns out that the clock was ahead.
 * 3. The server certificate is for the addresses that the hub has now, and ends in more than thirty days: `renew` makes a new one as soon as that is not so,
 *    whatever is wrong with the old one. Tills notice nothing, for they trust the authority. A clock that is behind the authority's making is known to be
 *    wrong, and is taken for that moment: what it would date before, no till would take.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FolderTaken, type DataFolder } from '../data-folder.ts';
import { BACKDATED_DAYS, fingerprintOf, isPermitted, makeAuthority, makeServerCertificate, type KeyAndCertificate } from './certificates.ts';

export interface Authority {
	readonly certificate: string;
	/** `AB:CD:…`, as systems show it. */
	readonly fingerprint: string;
	/** The key and the whole chain, for a TLS server: who is shown the chain need hold nothing but trust in its end. */
	server(): { readonly key: string; readonly cert: string };
	/** The names and addresses that the server certificate is for. */
	hosts(): readonly string[];
	/** Whether there is a new server certificate. When it throws, the disk did not take it, and `server` may be new all the same. */
	renew(): Promise<boolean>;
}

export interface AuthorityDeps {
	readonly folder: Pick<DataFolder, 'path' | 'read' | 'write'>;
	/** Names and addresses of this machine as they are now; what the authority may not vouch for is left out. */
	readonly hosts: () => readonly string[];
	readonly nowMs: () => number;
	readonly name: string;
}

const AUTHORITY = 'authority.json';
const AUTHORITY_BEFORE = 'authority-before.json';
const SERVER = 'server-certificate.json';
const DAY_MS = 86_400_000;
const RENEW_BEFORE_MS = 30 * DAY_MS;
const stored = v.object({ key: v.string(), certificate: v.string() });

/** Throws `FolderTaken` with the sentence to show. */
export async function openAuthority({ folder, hosts, nowMs, name }: AuthorityDeps): Promise<Authority> {
	for (const file of [AUTHORITY, AUTHORITY_BEFORE, SERVER]) closeToOthers(join(folder.path, file));
	let authority = await authorityOfNow(readAuthority(folder));
	let server = readPair(SERVER);
	await renew();

	/** After ten years no till trusts it any more; but the clock may be ahead, and then everything would be lost with it. */
	async function authorityOfNow(current: KeyAndCertificate | undefined): Promise<KeyAndCertificate> {
		if (current === undefined) return replace(undefined, await makeAuthority(name, nowMs()));
		const { fromMs, toMs } = spanOf(current);
		if (fromMs <= nowMs() && nowMs() < toMs) return current;
		const before = readPair(AUTHORITY_BEFORE);
		const span = before === undefined ? undefined : spanOf(before);
		if (before !== undefined && span !== undefined && span.fromMs <= nowMs() && nowMs() < span.toMs) return replace(current, before);
		// One that is not valid yet says that the clock is behind.
		return nowMs() < toMs ? current : replace(current, await makeAuthority(name, nowMs()));
	}

	function replace(before: KeyAndCertificate | undefined, next: KeyAndCertificate): KeyAndCertificate {
		// First: a crash between the two must not lose it.
		if (before !== undefined) folder.write(AUTHORITY_BEFORE, before);
		folder.write(AUTHORITY, next);
		return next;
	}

	function readPair(file: string): KeyAndCertificate | undefined {
		try {
			const parsed = v.safeParse(stored, folder.read(file));
			return parsed.success && isPair(parsed.output) ? parsed.output : undefined;
		} catch {
			return undefined;
		}
	}

	function likelyNowMs(): number {
		return Math.max(nowMs(), spanOf(authority).fromMs + BACKDATED_DAYS * DAY_MS);
	}

	function wanted(): readonly string[] {
		return [...new Set(hosts().map(shortened).filter(isPermitted))].sort();
	}

	function isGood(): boolean {
		if (server === undefined) return false;
		const certificate = new X509Certificate(server.certificate);
		const issuer = new X509Certificate(authority.certificate);
		const isOurs = certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
		const endMs = Date.parse(certificate.validTo);
		// One that ends together with its authority cannot be made to last longer.
		const isLasting = likelyNowMs() < endMs - RENEW_BEFORE_MS || endMs === Date.parse(issuer.validTo);
		const isTimely = Date.parse(certificate.validFrom) <= likelyNowMs() && isLasting;
		return isOurs && isTimely && hostsOf(certificate).join() === wanted().join();
	}

	async function renew(): Promise<boolean> {
		authority = await authorityOfNow(authority);
		if (isGood()) return false;
		server = await makeServerCertificate(authority, wanted(), likelyNowMs());
		folder.write(SERVER, server);
		return true;
	}

	const current = (): KeyAndCertificate => {
		if (server === undefined) throw new Error('an authority without a server certificate');
		return server;
	};
	return {
		get certificate() {
			return authority.certificate;
		},
		get fingerprint() {
			return fingerprintOf(authority.certificate);
		},
		server: () => ({ key: current().key, cert: current().certificate + authority.certificate }),
		hosts: () => hostsOf(new X509Certificate(current().certificate)),
		renew,
	};
}

function readAuthority(folder: AuthorityDeps['folder']): KeyAndCertificate | undefined {
	const read = readOrDamaged(folder);
	if (read === undefined) return undefined;
	const parsed = v.safeParse(stored, read.value);
	if (!parsed.success || !isPair(parsed.output)) throw damaged(folder.path);
	const certificate = new X509Certificate(parsed.output.certificate);
	if (!certificate.ca || !certificate.verify(certificate.publicKey)) throw damaged(folder.path);
	return parsed.output;
}

function readOrDamaged(folder: AuthorityDeps['folder']): { readonly value: unknown } | undefined {
	try {
		const value = folder.read(AUTHORITY);
		return value === undefined ? undefined : { value };
	} catch {
		throw damaged(folder.path);
	}
}

function damaged(path: string): FolderTaken {
	return new FolderTaken(
		`The shop's certificate authority, ${AUTHORITY} in ${path}, is damaged. Put it back from a backup; or remove it and every till must trust a new one.`,
	);
}

function spanOf({ certificate }: KeyAndCertificate): { readonly fromMs: number; readonly toMs: number } {
	const { validFrom, validTo } = new X509Certificate(certificate);
	return { fromMs: Date.parse(validFrom), toMs: Date.parse(validTo) };
}

/** We write them so; whoever puts a backup back may not. A disk that knows no modes is no reason not to start. */
function closeToOthers(file: string): void {
	if (!existsSync(file)) return;
	try {
		chmodSync(file, 0o600);
	} catch {
		return;
	}
}

/** Both can be read, and belong together. */
function isPair({ key, certificate }: KeyAndCertificate): boolean {
	try {
		return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
	} catch {
		return false;
	}
}

/** Sorted, as they are compared. */
function hostsOf(certificate: X509Certificate): readonly string[] {
	return (certificate.subjectAltName ?? '')
		.split(', ')
		.map((name) => name.replace(/^(?:DNS|IP Address):/, ''))
		.map(shortened)
		.sort();
}

/** Node writes the IPv6 addresses of a certificate out in full, a system shortens them, and adds its network card. */
function shortened(host: string): string {
	return host.includes(':') ? new URL(`http://[${host.split('%')[0] ?? ''}]`).hostname.slice(1, -1) : host.toLowerCase();
}
