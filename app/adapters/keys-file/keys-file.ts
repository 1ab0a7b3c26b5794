/**
 * Keys of a server in a file of its data folder, readable by its owner alone (mode 0600): PKCS #8 for signing keys, raw bytes for a network key.
 *
 * 1. A key is on disk, whole, before it is used for the first time: what was signed with a key that a crash took can never be continued.
 * 2. A file that exists is never overwritten, not even a broken one: a key that is lost is a device that is lost, and its file may yet be restored.
 */
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Signer } from '#ports';
import type { SigningKey } from '#schemas/ids.ts';
import { generateSigningKey, seedOfPkcs8, signerOfPkcs8 } from './ed25519.ts';

/** The signing key in the file, made on first use. */
export function signerInFile(file: string): Signer {
	return readSigner(file, secretIn(file, generateSigningKey));
}

/** The signing key that the file must have: a new one would not be the one that the device goes by. */
export function knownSignerInFile(file: string, key: SigningKey): Signer {
	if (!existsSync(file)) throw broken(file, 'it is not there');
	const signer = readSigner(file, new Uint8Array(readFileSync(file)));
	if (signer.device !== key) throw broken(file, 'it is another key than the one that this device goes by');
	return signer;
}

function readSigner(file: string, bytes: Uint8Array): Signer {
	try {
		return signerOfPkcs8(bytes);
	} catch (error) {
		throw broken(file, (error as Error).message);
	}
}

/** What the signing key in the file follows from; undefined where there is none. */
export function seedOfSignerIn(file: string): Uint8Array | undefined {
	return existsSync(file) ? seedOfPkcs8(readFileSync(file)) : undefined;
}

/** The key in the file is nowhere on this disk any more when this returns; a backup that was made before still has it. */
export function forgetKeyIn(file: string): void {
	rmSync(file, { force: true });
	flushFolder(dirname(file));
}

/** 32 bytes, made on first use. */
export function seedInFile(file: string): Uint8Array {
	return readSeed(
		file,
		secretIn(file, () => crypto.getRandomValues(new Uint8Array(SEED_BYTES))),
	);
}

/** The 32 bytes that the file must have. */
export function knownSeedInFile(file: string): Uint8Array {
	if (!existsSync(file)) throw broken(file, 'it is not there');
	return readSeed(file, new Uint8Array(readFileSync(file)));
}

function readSeed(file: string, bytes: Uint8Array): Uint8Array {
	if (bytes.length !== SEED_BYTES) throw broken(file, `it has ${bytes.length} bytes, not ${SEED_BYTES}`);
	return bytes;
}

const SEED_BYTES = 32;

function secretIn(file: string, make: () => Uint8Array): Uint8Array {
	if (!existsSync(file)) writeOnce(file, make());
	return new Uint8Array(readFileSync(file));
}

/** On disk when it returns, unless there is one. Written whole under another name and linked into place: a link, unlike a rename, fails when another process was quicker. */
export function writeOnce(file: string, bytes: Uint8Array): void {
	const folder = dirname(file);
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const draft = `${file}.${process.pid}.new`;
	rmSync(draft, { force: true });
	writeFileSync(draft, bytes, { mode: 0o600, flag: 'wx', flush: true });
	try {
		linkSync(draft, file);
	} catch (error) {
		// A file system without links (a memory stick): the lock of the data folder keeps other processes away.
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') renameSync(draft, file);
	}
	rmSync(draft, { force: true });
	flushFolder(folder);
}

/** A new name is on disk when its folder is. Windows cannot open folders, and keeps names by itself. */
function flushFolder(folder: string): void {
	if (process.platform === 'win32') return;
	const handle = openSync(folder, 'r');
	fsyncSync(handle);
	closeSync(handle);
}

function broken(file: string, reason: string): Error {
	return new Error(
		`the key file ${file} cannot be used: ${reason}. Restore it from a backup; if there is none, move it away and enrol this device anew`,
	);
}
