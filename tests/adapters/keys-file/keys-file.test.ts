import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { seedInFile, signerInFile } from '#adapters/keys-file/keys-file.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});
const bytes = new TextEncoder().encode('an entry');

test('a server is the same device at every start, and browsers check its signatures', async () => {
	const file = join(folder, 'deep', 'down', 'device.key');
	const made = signerInFile(file);
	const again = signerInFile(file);
	expect(again.device).toBe(made.device);
	expect(await createDigest().verify(made.device, bytes, await again.sign(bytes))).toBe(true);
	expect(signerInFile(join(folder, 'other.key')).device).not.toBe(made.device);
	expect(seedInFile(join(folder, 'network.key'))).toEqual(seedInFile(join(folder, 'network.key')));
});

test('nobody else on the machine reads a key, and no draft of one is left', () => {
	const keys = join(folder, 'private');
	signerInFile(join(keys, 'device.key'));
	seedInFile(join(keys, 'network.key'));
	expect(readdirSync(keys).sort()).toEqual(['device.key', 'network.key']);
	if (process.platform === 'win32') return;
	for (const name of ['device.key', 'network.key']) expect(statSync(join(keys, name)).mode & 0o777).toBe(0o600);
	expect(statSync(keys).mode & 0o777).toBe(0o700);
});

test('2: a broken key file is refused with what to do, and left as it is', () => {
	for (const [name, content] of [
		['cut.key', new Uint8Array(20)],
		['empty.key', new Uint8Array()],
	] as const) {
		const file = join(folder, name);
		writeFileSync(file, content);
		expect(() => signerInFile(file)).toThrow(/cannot be used.*Restore it from a backup/s);
		expect(() => seedInFile(file)).toThrow(/cannot be used.*Restore it from a backup/s);
		expect(readFileSync(file)).toEqual(Buffer.from(content));
	}
});

test('1: a draft that a crash left behind is no key', () => {
	const file = join(folder, 'crashed.key');
	writeFileSync(`${file}.${process.pid}.new`, 'half');
	expect(signerInFile(file).device).toHaveLength(64);
	expect(existsSync(`${file}.${process.pid}.new`)).toBe(false);
});
