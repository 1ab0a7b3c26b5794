import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Automerge as A, Repo, type DocumentId } from '@automerge/automerge-repo/slim';
import { runStorageAdapterTests } from '@automerge/automerge-repo/helpers/tests/storage-adapter-tests.js';
import { describe, expect, test } from 'vitest';
import { createSystemTimers } from '#adapters/clock-system/clock-system.ts';
import { checkStorage } from '#adapters/documents-automerge/checked-storage.ts';
import { firstChangeOfFloor, firstChangeOfGenesis, firstChangeOfSegment } from '#adapters/documents-automerge/first-changes.ts';
import { createSqliteStorage } from '#adapters/documents-automerge/storage-sqlite.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import type { DeviceId, StoreId } from '#schemas/ids.ts';

await startAutomerge();
const folder = mkdtempSync(join(tmpdir(), 'holdfast-checked-'));
const timers = createSystemTimers((error) => {
	throw error as Error;
});
let count = 0;
const disk = () => createSqliteStorage({ file: join(folder, `${(count += 1)}.sqlite`) });
const checked = (raw = disk(), told: string[] = []) =>
	checkStorage(raw, {
		digest: createDigest(),
		timers,
		onDamage: (_, reason) => {
			told.push(reason);
		},
	});

describe('automerge-repo’s own suite', () => {
	runStorageAdapterTests(async () => ({ adapter: checked() }), 'SQLite, checked');
});

test('every bit of a snapshot matters, in the order of a thousand, and so does every length', async () => {
	let document = A.loadIncremental(A.init<{ items: Uint8Array[] }>(), firstChangeOfSegment().bytes);
	for (let n = 0; n < 5; n += 1)
		document = A.change(document, (draft) => {
			draft.items.push(crypto.getRandomValues(new Uint8Array(50)));
		});
	const snapshot = A.save(document);
	const raw = disk();
	const told: string[] = [];
	const storage = checked(raw, told);
	const id = 'document' as DocumentId;
	const look = async (data: Uint8Array): Promise<number> => {
		await raw.save([id, 'snapshot', 'name'], data);
		return (await storage.loadRange([id, 'snapshot'])).length;
	};
	expect(await look(snapshot)).toBe(1);
	for (let at = 0; at < snapshot.length; at += 1)
		expect(await look(snapshot.map((byte, place) => (place === at ? byte ^ (1 << (at % 8)) : byte))), `bit of byte ${at}`).toBe(0);
	for (let length = 0; length < snapshot.length; length += 7) expect(await look(snapshot.slice(0, length)), `${length} bytes`).toBe(0);
	expect(told.length).toBe(snapshot.length + Math.ceil(snapshot.length / 7));
});

test('a snapshot that waits for missing changes, compressed ones among them, is whole too', async () => {
	let document = A.loadIncremental(A.init<{ items: Uint8Array[] }>(), firstChangeOfSegment().bytes);
	for (let n = 0; n < 3; n += 1)
		document = A.change(document, (draft) => {
			draft.items.push(new Uint8Array(5_000).fill(n));
		});
	const [, , ...late] = A.getAllChanges(document);
	const waiting = A.loadIncremental(A.init(), Buffer.concat([firstChangeOfSegment().bytes, ...late]));
	const snapshot = A.save(waiting);
	expect(snapshot.length).toBeGreaterThan(A.save(A.loadIncremental(A.init(), firstChangeOfSegment().bytes)).length); // It carries what waits.
	const raw = disk();
	const storage = checked(raw);
	await raw.save(['document', 'snapshot', 'name'], snapshot);
	expect(await storage.loadRange(['document', 'snapshot'])).toHaveLength(1);
});

test('chunks are named as automerge-repo names them: what the repo wrote is whole, and nothing is told', async () => {
	const raw = disk();
	const told: string[] = [];
	const repo = new Repo({ storage: checked(raw, told) });
	const handle = repo.create<{ items: Uint8Array[] }>({ items: [] });
	for (let n = 0; n < 30; n += 1) {
		handle.change((document) => {
			document.items.push(crypto.getRandomValues(new Uint8Array(300)));
		});
		await repo.flush([handle.documentId]);
	}
	const kinds = (await raw.loadRange([handle.documentId])).map(({ key }) => key[1]);
	expect(new Set(kinds)).toEqual(new Set(['snapshot', 'incremental']));
	const again = await new Repo({ storage: checked(raw, told) }).find<{ items: Uint8Array[] }>(handle.documentId);
	expect(again.doc().items).toHaveLength(30);
	expect(told).toEqual([]);
	const whole = checked(raw, told);
	await whole.saveWhole(handle.documentId, handle.doc());
	const name = createHash('sha256').update(A.getHeads(handle.doc()).join('')).digest('hex');
	expect(await raw.load([handle.documentId, 'snapshot', name])).toBeDefined();
});

test('the first changes are these, for ever: other bytes would hide the lists that exist', () => {
	expect(firstChangeOfSegment().heads).toEqual(['30499f0d0c70d2c96ba24cc6667a3aa3b60294edbc8999ee97cc44b2383b37b2']);
	expect(A.toJS(A.loadIncremental(A.init(), firstChangeOfSegment().bytes))).toEqual({ items: [] });
	expect(A.toJS(A.loadIncremental(A.init(), firstChangeOfFloor().bytes))).toEqual({ favourites: {}, parked: {}, presence: {} });
	const genesis = { store: '11'.repeat(16) as StoreId, root: '22'.repeat(32) as DeviceId };
	expect(firstChangeOfGenesis(genesis)).toEqual(firstChangeOfGenesis(genesis));
	const read = A.loadIncremental(A.init<Record<string, unknown>>(), firstChangeOfGenesis(genesis).bytes);
	expect([String(read['store']), String(read['root'])]).toEqual([genesis.store, genesis.root]);
});
