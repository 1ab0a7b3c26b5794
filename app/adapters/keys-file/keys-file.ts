/**
 * Keys of a server in a file of its data folder, readable by its owner alone (mode 0600): PKCS #8 for signing keys, raw bytes for a network key.
 * A file that exists is never overwritten: a key that is lost is a device that is lost.
 */
import { existsSync, mkdirSync, openSync, closeSync, fsyncSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { generateSigningKey, signerOfPkcs8 } from './ed25519.ts';
import type { Signer } from '#ports';

/** The signing key in the file, made on first use. */
export function signerInFile(file: string): Signer {
	if (!existsSync(file)) writeSecret(file, generateSigningKey());
	return signerOfPkcs8(readFileSync(file));
}

/** 32 bytes, made on first use. */
export function seedInFile(file: string): Uint8Array {
	if (!existsSync(file)) writeSecret(file, crypto.getRandomValues(new Uint8Array(32)));
	return new Uint8Array(readFileSync(file));
}

function writeSecret(file: string, bytes: Uint8Array): void {
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	const handle = openSync(file, 'wx', 0o600);
	writeSync(handle, bytes);
	fsyncSync(handle);
	closeSync(handle);
}
