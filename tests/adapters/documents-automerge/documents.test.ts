import '#adapters/documents-automerge/wasm-node.ts';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { NetworkAdapterInterface } from '@automerge/automerge-repo';
import { expect, test } from 'vitest';
import { createSystemTimers } from '#adapters/clock-system/clock-system.ts';
import { createDocuments, type AutomergeDocuments } from '#adapters/documents-automerge/documents.ts';
import { createCheckedStorage } from '#adapters/documents-automerge/storage-checked.ts';
import { openSqliteStorage } from '#adapters/documents-automerge/storage-sqlite.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import type { SegmentName } from '#schemas/documents/segment.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import type { LaneMessage } from '#schemas/wire/lane.ts';
import { eventually } from '../../support/eventually.ts';
import { createNetworkPair } from '../../support/network-pair.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-documents-'));
const digest = createDigest();
const store = '5e'.repeat(16) as StoreId;
const branch = 'b0'.repeat(16) as BranchId;
const segment: SegmentName = { store, branch, scope: 'branch', device: 'd0'.repeat(32) as DeviceId, n: 1 };
const timers = createSystemTimers((error) => { throw error as Error; });
let count = 0;

async function openDocuments(network: readonly NetworkAdapterInterface[] = [], file = join(folder, `${(count += 1)}.sqlite`)) {
	const storage = createCheckedStorage({ inner: openSqliteStorage(file), digest, timers });
	const documents = await createDocuments({ genesis: { store, root: 'ab'.repeat(32) as DeviceId }, branch, repoPeer: `peer-${(count += 1)}`, storage, network, digest });
	const heard: string[] = [];
	documents.onItems((_, items) => { heard.push(...items.map(wordOf)); });
	return { documents, heard, file };
}

/** An item of the size of an entry that ends differently for each word. */
const item = (word: string): Uint8Array => new TextEncoder().encode(word.padStart(200, '.'));
const wordOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replace(/^\.+/, '');

async function pair() {
	const network = createNetworkPair();
	const left = await openDocuments([network.left]);
	const right = await openDocuments([network.right]);
	return { network, left, right };
}

async function closeAll(...all: { documents: AutomergeDocuments }[]): Promise<void> {
	for (const { documents } of all) await documents.close();
}

test('two peers that made the same segment alone hold all items of both once they meet', async () => {
	const { network, left, right } = await pair();
	await left.documents.append(segment, [item('one'), item('two')]);
	await right.documents.append(segment, [item('three')]);
	await network.link();
	await eventually(() => left.heard.includes('three') && right.heard.includes('one') && right.heard.includes('two'), 'both hear of all');
	expect(left.heard).toEqual(['three']); // What it wrote itself is no news.
	await closeAll(left, right);
});

test('an item that the list holds is not appended again, and one that another peer copied is told twice', async () => {
	const { network, left, right } = await pair();
	await left.documents.append(segment, [item('once'), item('once-more')]);
	await left.documents.append(segment, [item('once')]);
	await right.documents.append(segment, [item('once')]);
	await network.link();
	await eventually(() => right.heard.includes('once-more'), 'the right one hears');
	await eventually(() => left.heard.length === 1, 'the copy is told');
	expect(right.heard.filter((word) => word === 'once')).toHaveLength(1);
	await closeAll(left, right);
});

test('what append acknowledged is there when the process opens the file again', async () => {
	const { documents, file } = await openDocuments();
	await documents.append(segment, [item('kept')]);
	// No close: the process could be gone here.
	const again = await openDocuments([], file);
	await again.documents.openSegment(segment);
	expect(again.heard).toEqual(['kept']);
	await closeAll(again);
});

test.each(['flip', 'truncate'] as const)('a stored change with a %s is set aside and reported, the others load, and a peer heals the document', async (damage) => {
	const healthy = await pair();
	await healthy.network.link();
	const { file } = healthy.right;
	for (const word of ['first', 'second', 'third']) await healthy.left.documents.append(segment, [item(word.repeat(40))]);
	await healthy.right.documents.openSegment(segment);
	await eventually(() => healthy.right.heard.length === 3, 'all three arrive');
	await closeAll(healthy.right);

	const database = new DatabaseSync(file);
	const chunks = database.prepare("SELECT rowid, key, data FROM chunks WHERE key LIKE '%incremental%' AND length(data) > 150 ORDER BY rowid").all();
	const victim = chunks.at(-1);
	expect(victim).toBeDefined();
	const data = new Uint8Array(victim?.['data'] as Uint8Array);
	const broken = damage === 'flip' ? data.map((byte, place) => (place === 90 ? byte ^ 4 : byte)) : data.slice(0, 60);
	database.prepare('UPDATE chunks SET data = ? WHERE rowid = ?').run(broken, Number(victim?.['rowid']));
	database.close();

	const network = createNetworkPair();
	const found: string[] = [];
	const storage = createCheckedStorage({ inner: openSqliteStorage(file), digest, timers });
	storage.onDamage((_, reason) => { found.push(reason); });
	const documents = await createDocuments({ genesis: { store, root: 'ab'.repeat(32) as DeviceId }, branch, repoPeer: 'healed', storage, network: [network.left], digest });
	const heard: string[] = [];
	documents.onItems((_, items) => { heard.push(...items.map(wordOf)); });
	await documents.openSegment(segment);
	expect(found).toHaveLength(1);
	const source = await openDocuments([network.right], healthy.left.file);
	await source.documents.openSegment(segment);
	await network.link();
	await eventually(() => new Set(heard).size === 3, 'the peer brings what was lost');
	await closeAll({ documents }, source, healthy.left);
});

test('the lane brings a message at once, and drops what is none', async () => {
	const { network, left, right } = await pair();
	await network.link();
	await eventually(() => left.documents.peers().length === 1, 'linked');
	const lane: LaneMessage[] = [];
	right.documents.onLane((message) => { lane.push(message); });
	await new Promise((resolve) => setTimeout(resolve, 300)); // The floor's first exchange.
	left.documents.broadcast({ t: 'entries', sealed: ['00ff'] });
	left.documents.broadcast({ t: 'nonsense' } as unknown as LaneMessage);
	await eventually(() => lane.length === 1 && right.documents.refusedOnLane() === 1, 'one message, one refusal', 1_000);
	expect(lane[0]).toEqual({ t: 'entries', sealed: ['00ff'] });
	await closeAll(left, right);
});

test('a document that was not opened here is not given to a peer that asks', async () => {
	const { network, left, right } = await pair();
	const other: SegmentName = { ...segment, n: 2 };
	await right.documents.append(other, [item('secret')]);
	await network.link();
	await left.documents.openSegment(segment);
	await new Promise((resolve) => setTimeout(resolve, 500));
	expect(left.heard).toEqual([]);
	await closeAll(left, right);
});

test('the favourites of two tills that changed them apart are all there', async () => {
	const { network, left, right } = await pair();
	await left.documents.changeFloor((floor) => { floor.favourites['APPLE'] = 1; });
	await right.documents.changeFloor((floor) => { floor.favourites['BREAD'] = 2; });
	await network.link();
	await eventually(() => Object.keys(left.documents.floor().favourites).length === 2, 'both favourites');
	expect({ ...left.documents.floor().favourites }).toEqual({ APPLE: 1, BREAD: 2 });
	await closeAll(left, right);
});
