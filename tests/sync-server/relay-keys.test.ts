/** A relay's keys in their folder: renewed whole or not at all, and one key after another whoever looks. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { openRelayKeys, renewRelayKeys, type RelayKeys } from '#server/relay-keys.ts';
import { claimRecord } from '#server/storage/open-record.ts';
import { openSqliteRecord } from '#server/storage/storage-sqlite.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW_MS = 1_764_500_000_000;
const digest = createNodeDigest();
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'holdfast-relay-keys-'));
const copyOf = (folder: string): string => {
	const copy = newFolder();
	cpSync(folder, copy, { recursive: true });
	return copy;
};
const renew = (folder: string, nowMs = NOW_MS): ReturnType<typeof renewRelayKeys> => renewRelayKeys(folder, { digest, nowMs });
const keyOf = ({ line }: RelayKeys): string | undefined => line.at(-1);

async function relayFolder(): Promise<{ readonly folder: string; readonly before: RelayKeys }> {
	const folder = newFolder();
	return { folder, before: await openRelayKeys(folder, digest) };
}

test('1: a renewed key is in force with its succession, signs, and is the same at every start; the relay keeps its name', async () => {
	const { folder, before } = await relayFolder();
	expect(await renew(folder)).toBe('renewed');
	const after = await openRelayKeys(folder, digest);
	expect(after.signer.device).toBe(before.signer.device);
	expect(after.line).toEqual([before.signer.device, after.signer.key]);
	expect(after.line[1]).not.toBe(after.line[0]);
	expect(after.networkSeed).not.toEqual(before.networkSeed);
	const bytes = new Uint8Array([1, 2, 3]);
	expect(await digest.verify(after.line[1]!, bytes, await after.signer.sign(bytes))).toBe(true);
	expect((await openRelayKeys(folder, digest)).line).toEqual(after.line);
	expect([before.isOutdone(), after.isOutdone()]).toEqual([true, false]);
});

test('1: whichever of its files a crash has left, the keys before are in force without the succession, and the next try takes up what lies there', async () => {
	const { folder, before } = await relayFolder();
	const whole = copyOf(folder);
	await renew(whole);
	const { line } = await openRelayKeys(whole, digest);
	const made = readdirSync(whole).filter((name) => !readdirSync(folder).includes(name));
	expect(made.sort()).toEqual(['device.1.key', 'network.1.key', 'succession.1']);
	for (const left of [[], ['device.1.key'], ['network.1.key'], ['device.1.key', 'network.1.key'], ['succession.1.7.new']]) {
		const crashed = copyOf(folder);
		for (const name of left) cpSync(join(whole, name.replace('.7.new', '')), join(crashed, name));
		expect(keyOf(await openRelayKeys(crashed, digest))).toBe(before.signer.device);
		expect(await renew(crashed)).toBe('renewed');
		const after = await openRelayKeys(crashed, digest);
		expect(after.line).toHaveLength(2);
		if (left.includes('device.1.key')) expect(after.line).toEqual(line);
	}
});

test.each(['device.1.key', 'network.1.key', 'succession.1'])(
	'1: a disk that takes no %s leaves the keys before in force, and says where',
	async (name) => {
		const { folder, before } = await relayFolder();
		mkdirSync(join(folder, `${name}.${process.pid}.new`));
		await expect(renew(folder)).rejects.toThrow(`New keys cannot be written into ${folder}`);
		expect(readdirSync(folder)).not.toContain('succession.1');
		expect(keyOf(await openRelayKeys(folder, digest))).toBe(before.signer.device);
		rmSync(join(folder, `${name}.${process.pid}.new`), { recursive: true });
		expect(await renew(folder)).toBe('renewed');
	},
);

test('2: two processes that renew at once have the same key; within a day nothing is renewed again, a day later it is', async () => {
	const { folder } = await relayFolder();
	await Promise.all([renew(folder), renew(folder)]);
	const { line } = await openRelayKeys(folder, digest);
	expect(line).toHaveLength(2);
	expect(await renew(folder, NOW_MS + DAY_MS - 1)).toBe('renewed-today');
	expect((await openRelayKeys(folder, digest)).line).toEqual(line);
	expect(await renew(folder, NOW_MS + DAY_MS)).toBe('renewed');
	const { line: next, successions } = await openRelayKeys(folder, digest);
	expect(next.slice(0, 2)).toEqual(line);
	expect(next).toHaveLength(3);
	expect(successions).toHaveLength(2);
});

test('3: a folder without keys renews none; one whose files do not go together is refused', async () => {
	const empty = newFolder();
	await expect(renew(empty)).rejects.toThrow(`There are no keys to renew in ${empty}`);
	expect(readdirSync(empty)).toEqual([]);

	const { folder } = await relayFolder();
	const other = await relayFolder();
	await renew(folder);
	await renew(other.folder);
	const mixed = copyOf(folder);
	cpSync(join(other.folder, 'succession.1'), join(mixed, 'succession.1'));
	await expect(openRelayKeys(mixed, digest)).rejects.toThrow('does not follow from the keys beside it');
	const damaged = copyOf(folder);
	writeFileSync(join(damaged, 'succession.1'), 'nothing');
	await expect(openRelayKeys(damaged, digest)).rejects.toThrow('does not follow from the keys beside it');
	for (const name of ['device.1.key', 'network.1.key']) {
		const lacking = copyOf(folder);
		rmSync(join(lacking, name));
		await expect(openRelayKeys(lacking, digest)).rejects.toThrow(name);
	}
});

test('a record takes the newer key with what led to it, and then neither the one before nor another that followed on it', async () => {
	const { folder, before } = await relayFolder();
	const copy = copyOf(folder);
	const record = openSqliteRecord(openDataFolder(newFolder(), 'relay'), undefined);
	await claimRecord(record, before.line);
	await renew(folder);
	const { line } = await openRelayKeys(folder, digest);
	await claimRecord(record, line);
	await claimRecord(record, line);
	await expect(claimRecord(record, before.line)).rejects.toThrow('newer keys of this relay');
	await renew(copy);
	await expect(claimRecord(record, (await openRelayKeys(copy, digest)).line)).rejects.toThrow('renewed apart');
	await expect(claimRecord(record, (await relayFolder()).before.line)).rejects.toThrow('signed for by another key');
	await record.close();
});
