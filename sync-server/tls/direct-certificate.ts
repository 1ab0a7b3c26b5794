/**
 * The hub's certificate for webrtc-direct, in its data folder. Tills know its hash from the hub's code, and nothing else leads a page of another origin to the hub.
 *
 * 1. It is made once and is the same after every start, so its hash stays, too.
 * 2. One that is damaged is never replaced behind the owner's back, for tills that joined by the old hash would not find the hub any more.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import * as v from 'valibot';
import { FolderTaken, type DataFolder } from '../data-folder.ts';
import { makeDirectCertificate, type KeyAndCertificate } from './certificates.ts';

/** As libp2p takes it: both in PEM, the hash as multihash in multibase (base64url). */
export interface DirectCertificate {
	readonly privateKey: string;
	readonly pem: string;
	readonly certhash: string;
}

const FILE = 'direct-certificate.json';
const stored = v.object({ key: v.string(), certificate: v.string() });

/** Throws `FolderTaken` with the sentence to show. */
export async function openDirectCertificate(folder: Pick<DataFolder, 'path' | 'read' | 'write'>, nowMs: number): Promise<DirectCertificate> {
	const before = read(folder);
	const { key, certificate } = before ?? (await found(folder, nowMs));
	return { privateKey: key, pem: certificate, certhash: certhashOf(certificate) };
}

async function found(folder: Pick<DataFolder, 'write'>, nowMs: number): Promise<KeyAndCertificate> {
	const made = await makeDirectCertificate(nowMs);
	folder.write(FILE, made);
	return made;
}

function read(folder: Pick<DataFolder, 'path' | 'read'>): KeyAndCertificate | undefined {
	try {
		const value = folder.read(FILE);
		if (value === undefined) return undefined;
		const { key, certificate } = v.parse(stored, value);
		if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return { key, certificate };
	} catch {
		// Said below, in words that help.
	}
	throw new FolderTaken(
		`The hub's certificate for webrtc-direct, ${FILE} in ${folder.path}, is damaged. Put it back from a backup; or remove it, and tills that joined by the hub's setup code need the new one.`,
	);
}

/** `u`: base64url; 0x12 0x20: 32 bytes of SHA-256. */
function certhashOf(certificate: string): string {
	const hash = createHash('sha256').update(new X509Certificate(certificate).raw).digest();
	return `u${Buffer.concat([Buffer.from([0x12, 0x20]), hash]).toString('base64url')}`;
}
