/** Several records on one PostgreSQL, as several processes open them: who keeps a branch, who takes it over, and when nobody may. */
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { openPostgresRecord } from '#adapters/record-postgres/record-postgres.ts';
import type { BranchName, RelayProcess, RelayStorage, SharedRecord, SharedTurn } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
import postgres from 'postgres';
import { afterEach, expect, test } from 'vitest';
import { branchName } from '../../contracts/relay-storage.ts';
import { plainEntry } from '../../contracts/vault.ts';
import { eventually } from '../../support/eventually.ts';
import { newDatabase } from '../../support/new-database.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

interface Member {
	readonly record: RelayStorage;
	readonly shared: SharedRecord;
	readonly self: RelayProcess;
	readonly lost: readonly BranchName[];
	readonly turns: readonly SharedTurn[];
	/** As a machine that stands still: no timer of it runs. */
	freeze(still: boolean): void;
}

async function memberOf(url: string, address: string, silentMs = 2_500): Promise<Member> {
	let isStill = false;
	const system = createSystemTimers((error) => {
		throw error as Error;
	});
	const timers: typeof system = { ...system, every: (ms, task) => system.every(ms, () => (isStill ? undefined : task())) };
	const record = await openPostgresRecord({ url, clock: systemClock, timers, silentMs });
	closing.push(() => record.close());
	const { shared } = record;
	if (shared === undefined) throw new Error('a PostgreSQL is shared');
	const lost: BranchName[] = [];
	record.onLost((name) => lost.push(name));
	const turns: SharedTurn[] = [];
	shared.onTurn((turn) => turns.push(turn));
	const self = await shared.join({ address });
	return {
		...{ record, shared, self, lost, turns },
		freeze: (still) => {
			isStill = still;
		},
	};
}

const [FIRST, SECOND] = [branchName('5e', 'b1'), branchName('5e', 'b2')];
const notOwner = { name: 'StorageError', kind: 'not-owner' };

test('a branch of a process that is there is opened by no other, and one that is handed over by whoever got it', async () => {
	const url = await newDatabase();
	const [one, other] = [await memberOf(url, 'http://one'), await memberOf(url, 'http://other')];
	const branch = await one.record.open(FIRST);
	await expect(other.record.open(FIRST)).rejects.toMatchObject(notOwner);
	await branch.entryStore.add([plainEntry('branch', 1, 'key-number-1')]);
	expect(await other.shared.keeper(FIRST, 9)).toEqual(one.self);
	expect(await other.shared.keeperNow(SECOND)).toBeUndefined();
	await branch.close();
	await one.shared.hand(FIRST);
	expect(await one.shared.keeper(FIRST, 9)).toEqual(other.self);
	await eventually(() => other.turns.at(-1)?.open.some((name) => name.branch === FIRST.branch) === true, 'it hears what it was given');
	const now = await other.record.open(FIRST);
	expect((await now.entryStore.page(undefined, 10)).sealed).toEqual([plainEntry('branch', 1, 'key-number-1').sealed]);
	expect(one.lost).toEqual([]);
});

test('new branches go to whoever keeps fewest, none to who leaves, and no more than are allowed', async () => {
	const url = await newDatabase();
	const [one, other] = [await memberOf(url, 'http://one'), await memberOf(url, 'http://other')];
	await one.record.open(FIRST);
	expect(await one.shared.keeper(SECOND, 9)).toEqual(other.self);
	expect(await one.shared.keeper(branchName('5e', 'b3'), 1)).toBe('full');
	await other.shared.stay(false);
	expect(await one.shared.keeper(branchName('5e', 'b4'), 9)).toEqual(one.self);
});

test('who says nothing keeps nothing: another takes over, and who wakes is sure of nothing, writes nothing and hears what it lost', async () => {
	const url = await newDatabase();
	const [one, other] = [await memberOf(url, 'http://one'), await memberOf(url, 'http://other')];
	const before = await one.record.open(FIRST);
	expect(one.shared.isSure()).toBe(true);
	one.freeze(true);
	let sureWhileTaken = false;
	await eventually(async () => {
		const isTaken = await other.record.open(FIRST).then(
			() => true,
			() => false,
		);
		sureWhileTaken ||= isTaken && one.shared.isSure();
		return isTaken;
	}, 'the other one takes it');
	expect(sureWhileTaken).toBe(false);
	await expect(before.entryStore.add([plainEntry('branch', 1, 'key-number-1')])).rejects.toMatchObject(notOwner);
	one.freeze(false);
	await eventually(() => one.shared.isSure(), 'it is among the others again');
	expect(one.lost).toEqual([FIRST]);
	await expect(one.record.open(FIRST)).rejects.toMatchObject(notOwner);
});

test('who wakes and writes nothing hears of its loss all the same', async () => {
	const url = await newDatabase();
	const [one, other] = [await memberOf(url, 'http://one'), await memberOf(url, 'http://other')];
	await one.record.open(FIRST);
	one.freeze(true);
	await eventually(() => other.turns.at(-1)?.open.some((name) => name.branch === FIRST.branch) === true, 'it is nobody’s');
	await other.record.open(FIRST);
	expect(one.lost).toEqual([]);
	one.freeze(false);
	await eventually(() => one.lost.length === 1, 'it hears it');
	expect(other.lost).toEqual([]);
});

test('after the database was away nobody is called silent by who was not heard of itself', async () => {
	const url = await newDatabase();
	const [one, other] = [await memberOf(url, 'http://one'), await memberOf(url, 'http://other')];
	await one.record.open(FIRST);
	for (const each of [one, other]) each.freeze(true);
	await eventually(() => !one.shared.isSure() && !other.shared.isSure(), 'nobody has been heard of');
	const sql = postgres(url, { max: 1 });
	closing.push(() => sql.end());
	await eventually(async () => (await sql`SELECT FROM holdfast.processes WHERE heard_at > now() - interval '2.5 s'`).length === 0, 'all are silent');
	other.freeze(false);
	await eventually(() => other.shared.isSure(), 'one is back');
	await expect(other.record.open(FIRST)).rejects.toMatchObject(notOwner);
	expect(await other.shared.keeper(FIRST, 9)).toBe('unknown');
	one.freeze(false);
	await eventually(() => one.shared.isSure(), 'so is the other one');
	expect(await other.shared.keeper(FIRST, 9)).toEqual(one.self);
});

test('a nonce is spent once, in all processes together, and a value that is there stays', async () => {
	const url = await newDatabase();
	const [one, other] = [await memberOf(url, 'http://one'), await memberOf(url, 'http://other')];
	const spent = await Promise.all([one, other, one].map(({ shared }) => shared.spend('ab'.repeat(16))));
	expect(spent.filter(Boolean)).toHaveLength(1);
	const kept = await Promise.all([one.record.keepValue('device', 'one'), other.record.keepValue('device', 'other')]);
	expect(kept[0]).toBe(kept[1]);
});

test('more than its share is told to who has it, once there is somebody to take it', async () => {
	const url = await newDatabase();
	const one = await memberOf(url, 'http://one');
	for (let n = 0; n < 4; n += 1) await one.record.open(branchName('5e', (16 + n).toString(16)));
	await eventually(() => (one.turns.length > 1 ? one.turns.at(-1)?.surplus === 0 : false), 'alone it has no surplus');
	await memberOf(url, 'http://other');
	await eventually(() => one.turns.at(-1)?.surplus === 2, 'half of it is too much');
});

test('how far the devices of a branch have written for the whole store is read without opening it', async () => {
	const url = await newDatabase();
	const [one, other] = [await memberOf(url, 'http://one'), await memberOf(url, 'http://other')];
	const { entryStore } = await one.record.open(FIRST);
	const { device } = plainEntry('store', 1, 'key-number-1').header;
	await entryStore.add([plainEntry('store', 1, 'key-number-1'), plainEntry('store', 2, 'key-number-2'), plainEntry('branch', 7, 'key-number-7')]);
	const chain = new Uint8Array([1, 2]);
	await entryStore.addCertificates([
		{ device, chain },
		{ device: 'ee'.repeat(32) as DeviceId, chain },
	]);
	expect(await other.shared.storeChains(FIRST, ['ee'.repeat(32) as DeviceId])).toEqual([{ device, chain, seq: 2 }]);
	expect(await other.shared.read(FIRST).chain(device, 'store', 2, 10)).toEqual([plainEntry('store', 2, 'key-number-2').sealed]);
	expect((await other.shared.branchesOf(FIRST.store)).map(({ branch }) => branch)).toEqual([FIRST.branch]);
});
