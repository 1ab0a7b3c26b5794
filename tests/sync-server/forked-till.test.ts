/** A till whose disk was copied runs beside its copy, and somebody says which of the two goes on. Real HTTP, libp2p and SQLite, on loopback. */
import { cpSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Conflict } from '#core/conflict/conflict.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { EntryHash, IntentKey } from '#schemas/ids.ts';
import type { HeadlessTill } from '#server/headless-till.ts';
import type { Hub } from '#server/hub-process.ts';
import { eventually } from '../support/eventually.ts';
import { close, closeAll, hubAt, newFolder, sellBread, tillAt } from '../support/live-shop.ts';
import { freePort } from '../support/free-port.ts';

afterEach(closeAll);

const ledgerOf = (hub: Hub): Ledger => hub.shop()!.branch.ledger;
const forkIn = (ledger: Ledger): Conflict | undefined => ledger.conflicts().find(({ kind }) => kind === 'chain-forked');
const isDropped = (till: HeadlessTill): boolean => till.branch.writer!.standDown.isDropped();

/** The till with three sales since the copy was made, the copy with two, and the manager's till; all have met. */
async function forked() {
	const [folder, copied] = [newFolder(), newFolder()];
	const hub = await hubAt({ port: await freePort() });
	const before = await tillAt(hub, { folder, claims: true });
	const sold: EntryHash[] = [(await sellBread(before)).entry];
	await eventually(() => ledgerOf(hub).state.sales.size === 1, 'the hub has it');
	await close(before);
	cpSync(folder, copied, { recursive: true });
	const [till, copy, manager] = [await tillAt(hub, { folder }), await tillAt(hub, { folder: copied }), await tillAt(hub)];
	for (const one of [till, copy]) await one.lan.stop();
	for (const one of [till, till, till, copy, copy]) sold.push((await sellBread(one)).entry);
	for (const one of [till, copy]) await one.lan.start();
	await eventually(() => ledgerOf(hub).state.sales.size === sold.length, 'the hub has both sides');
	await eventually(() => manager.branch.ledger.state.sales.size === sold.length, 'the manager’s till has both sides');
	return { hub, till, copy, manager, sold, copied };
}

async function keep(manager: HeadlessTill, entry: EntryHash): Promise<void> {
	const fork = forkIn(manager.branch.ledger);
	if (fork === undefined) throw new Error('no fork');
	const done = await manager.till.perform(
		{ intent: 'resolve', conflict: fork.id, choice: `keep:${entry.slice(0, 16)}` },
		`keep-${entry.slice(0, 8)}-${fork.unsettled.length}-${fork.unsettled[0] ?? ''}` as IntentKey,
	);
	expect(done).toHaveProperty('entry');
}

test('the side that was not kept stands down, live and after a restart; it joins anew, and every sale counts once', async () => {
	const { hub, till, copy, manager, sold, copied } = await forked();
	expect(forkIn(ledgerOf(hub))?.detail).toMatchObject({ doubled: [{ receipt: { number: 2 } }, { receipt: { number: 3 } }] });
	await keep(manager, sold[1]!);
	await eventually(() => isDropped(copy), 'the copy has heard it');
	await expect(sellBread(copy)).rejects.toThrow('"trouble":"dropped"');
	expect(isDropped(till)).toBe(false);
	const next = await sellBread(till);
	expect(next.receipt.number).toBe(5);
	sold.push(next.entry);
	await eventually(() => ledgerOf(hub).state.sales.size === sold.length, 'the hub has what the kept one sold since');
	expect(forkIn(ledgerOf(hub))).toBeUndefined();

	await close(copy);
	const again = await tillAt(hub, { folder: copied });
	await expect(sellBread(again)).rejects.toThrow('"trouble":"dropped"');
	expect((await again.branch.writer!.vault.ownEntries('branch', 1, 100)).length).toBeGreaterThanOrEqual(3);
	await close(again);
	const anew = await tillAt(hub);
	expect(anew.number).toBe(3);
	sold.push((await sellBread(anew)).entry);
	await eventually(() => ledgerOf(hub).state.sales.size === sold.length, 'the hub has all');
	expect([...ledgerOf(hub).state.sales.keys()].sort()).toEqual([...sold].sort());
});

test('what a copy that had not heard sells on opens the fork again with only that, and counts; then it stands down', async () => {
	const { hub, copy, manager, sold } = await forked();
	await copy.lan.stop();
	await keep(manager, sold[1]!);
	await eventually(() => forkIn(ledgerOf(hub)) === undefined, 'the hub has heard it');
	const late = await sellBread(copy);
	sold.push(late.entry);
	await copy.lan.start();
	await eventually(() => isDropped(copy), 'the copy has heard it');
	await eventually(() => forkIn(manager.branch.ledger) !== undefined, 'the fork is open again');
	expect(forkIn(manager.branch.ledger)?.unsettled).toEqual([late.entry]);
	expect(ledgerOf(hub).state.sales.size).toBe(sold.length);
	await keep(manager, sold[1]!);
	expect(forkIn(manager.branch.ledger)).toBeUndefined();
});
