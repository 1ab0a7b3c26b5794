import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import {
	Automerge as A,
	interpretAsDocumentId,
	Repo,
	type DocumentId,
	type NetworkAdapterInterface,
	type PeerId,
	type StorageAdapterInterface,
} from '@automerge/automerge-repo/slim';
import { expect, test } from 'vitest';
import { createSystemTimers } from '#adapters/clock-system/clock-system.ts';
import { createDocuments, type DocumentsDeps } from '#adapters/documents-automerge/documents-automerge.ts';
import { firstChangeOfSegment } from '#adapters/documents-automerge/first-changes.ts';
import { createSqliteStorage } from '#adapters/documents-automerge/storage-sqlite.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { encode } from '#schemas/cbor.ts';
import { floorPreimage } from '#schemas/documents/floor.ts';
import { genesisPreimage } from '#schemas/documents/genesis.ts';
import { segmentPreimage, type SegmentDocument } from '#schemas/documents/segment.ts';
import type { DeviceId, StoreId } from '#schemas/ids.ts';
import { contractBranch as branch, contractSegment as segment, contractStore as store, item, listen, wordOf } from '../../contracts/documents.ts';
import type { Timers } from '#ports';
import { eventually } from '../../support/eventually.ts';
import { createNetworkPair } from '../../support/network-pair.ts';

await startAutomerge();
const folder = mkdtempSync(join(tmpdir(), 'holdfast-automerge-'));
const timers = createSystemTimers((error) => {
	throw error as Error;
});
let count = 0;
const newFile = () => join(folder, `${(count += 1)}.sqlite`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function open(
	file: string,
	network: readonly NetworkAdapterInterface[] = [],
	more: Partial<DocumentsDeps> = {},
	storage: StorageAdapterInterface = createSqliteStorage({ file }),
) {
	const documents = await createDocuments({
		store,
		branch,
		repoPeer: `till-${(count += 1)}`,
		storage,
		network,
		digest: createDigest(),
		timers,
		...more,
	});
	const damage: string[] = [];
	documents.onDamage((document, reason) => {
		damage.push(`${document}: ${reason}`);
	});
	return { documents, damage, held: listen(documents), file };
}

/** Another program on the network, that speaks automerge-repo and means no good. */
function stranger(network: NetworkAdapterInterface, name = 'stranger'): Repo {
	return new Repo({ peerId: name as PeerId, network: [network] });
}

function idOf(preimage: readonly (string | number)[]): DocumentId {
	const hash = new Uint8Array(createHash('sha256').update(encode(preimage)).digest());
	return interpretAsDocumentId(hash.slice(0, 16) as Parameters<typeof interpretAsDocumentId>[0]);
}

function chunksOf(file: string, preimage: readonly (string | number)[], kind: 'snapshot' | 'incremental') {
	const database = new DatabaseSync(file);
	const rows = database.prepare('SELECT key, data FROM chunks WHERE key LIKE ? ORDER BY rowid').all(`${idOf(preimage)}/${kind}/%`);
	database.close();
	return rows.map((row) => ({ key: String(row['key']), data: new Uint8Array(row['data'] as Uint8Array) }));
}

function overwrite(file: string, key: string, data: Uint8Array): void {
	const database = new DatabaseSync(file);
	const { changes } = database.prepare('UPDATE chunks SET data = ? WHERE key = ?').run(data, key);
	database.close();
	expect(changes).toBe(1);
}

const words = Array.from({ length: 40 }, (_, n) => `w${String(n).padStart(2, '0')}`);
/** Different in every byte, so that Automerge's compression makes no snapshot of them too small to hold later changes. */
const bigItem = (word: string): Uint8Array => {
	const bytes = new Uint8Array(250).fill(46);
	let noise = createHash('sha256').update(word).digest();
	for (let at = 0; at < 240; at += 32) {
		bytes.set(noise.subarray(0, Math.min(32, 240 - at)), at);
		noise = createHash('sha256').update(noise).digest();
	}
	bytes.set(new TextEncoder().encode(word), 250 - word.length);
	return bytes;
};

/** A segment of 40 items on disk: 20 in a snapshot, then five changes of four items each. */
async function writtenSegment(): Promise<string> {
	const file = newFile();
	const id = idOf(segmentPreimage(segment));
	const storage = createSqliteStorage({ file });
	const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
	let document = A.loadIncremental(A.init<SegmentDocument>(), firstChangeOfSegment().bytes);
	document = A.change(document, (draft) => {
		draft.items.push(...words.slice(0, 20).map(bigItem));
	});
	await storage.save([id, 'snapshot', sha256(A.getHeads(document).join(''))], A.save(document));
	for (let from = 20; from < words.length; from += 4) {
		const before = A.getHeads(document);
		document = A.change(document, (draft) => {
			draft.items.push(...words.slice(from, from + 4).map(bigItem));
		});
		const change = A.saveSince(document, before);
		await storage.save([id, 'incremental', sha256(change)], change);
	}
	storage.close();
	return file;
}
const lastLetters = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(-3));

for (const [kind, hurt] of [
	['incremental', 'a flipped bit'],
	['incremental', 'a cut-off end'],
	['snapshot', 'a flipped bit'],
	['snapshot', 'a cut-off end'],
] as const) {
	test(`${hurt} in a stored ${kind} is told, everything else loads, and a peer brings back what was lost`, async () => {
		const file = await writtenSegment();
		const healthy = newFile();
		const whole = new DatabaseSync(file);
		whole.exec(`VACUUM INTO '${healthy}'`);
		whole.close();
		const chunk = chunksOf(file, segmentPreimage(segment), kind)[kind === 'snapshot' ? 0 : 2];
		if (chunk === undefined) throw new Error(`the segment has no ${kind}`);
		overwrite(
			file,
			chunk.key,
			hurt === 'a flipped bit' ? chunk.data.map((byte, at) => (at === 60 ? byte ^ 1 : byte)) : chunk.data.slice(0, chunk.data.length - 20),
		);

		const network = createNetworkPair();
		const hurtOne = await open(file, [network.left]);
		const got = new Set<string>();
		hurtOne.documents.onItems((_, items) => {
			for (const bytes of items) got.add(lastLetters(bytes));
		});
		await hurtOne.documents.openSegment(segment);
		expect(hurtOne.damage).toHaveLength(1);
		expect(hurtOne.damage[0]).toContain('set aside');
		expect(got.size).toBe(kind === 'snapshot' ? 0 : 28); // What stands on the bad chunk waits for it, and is not lost.

		const other = await open(healthy, [network.right]);
		await other.documents.openSegment(segment);
		await network.link();
		await eventually(() => got.size === words.length, 'the peer brings the rest');
		await hurtOne.documents.append(segment, [bigItem('new')]);
		await hurtOne.documents.close();

		const afterwards = await open(file);
		const kept = new Set<string>();
		afterwards.documents.onItems((_, items) => {
			for (const bytes of items) kept.add(lastLetters(bytes));
		});
		await afterwards.documents.openSegment(segment);
		expect([...kept].sort()).toEqual([...words, 'new'].sort());
		expect(afterwards.damage).toEqual([]); // It lies under another key now, for whoever wants to look at it.
		await afterwards.documents.close();
		await other.documents.close();
	});
}

test('a till that lost a chunk and has no peer gets all of it back from its vault', async () => {
	const file = await writtenSegment();
	const [chunk] = chunksOf(file, segmentPreimage(segment), 'snapshot');
	if (chunk === undefined) throw new Error('no snapshot');
	overwrite(file, chunk.key, chunk.data.slice(0, 5));
	const { documents } = await open(file);
	await documents.append(segment, words.map(bigItem));
	await documents.close();
	const afterwards = await open(file);
	const kept = new Set<string>();
	afterwards.documents.onItems((_, items) => {
		for (const bytes of items) kept.add(lastLetters(bytes));
	});
	await afterwards.documents.openSegment(segment);
	expect([...kept].sort()).toEqual(words);
	await afterwards.documents.close();
});

test('kill −9 between one append and the next loses nothing that was acknowledged', async () => {
	for (const afterItems of [1, 17, 120]) {
		const file = newFile();
		const script = fileURLToPath(new URL('./append-until-killed.ts', import.meta.url));
		const child = spawn(process.execPath, [script, file, store, branch, segment.device], { stdio: ['ignore', 'pipe', 'pipe'] });
		let acknowledged = 0;
		let errors = '';
		child.stderr.on('data', (bytes: Buffer) => {
			errors += bytes.toString();
		});
		await new Promise<void>((resolve) => {
			let text = '';
			child.stdout.on('data', (bytes: Buffer) => {
				text += bytes.toString();
				acknowledged = text.split('\n').filter((line) => line !== '').length;
				if (acknowledged >= afterItems) child.kill('SIGKILL');
			});
			child.on('exit', () => {
				resolve();
			});
		});
		expect(acknowledged, errors).toBeGreaterThanOrEqual(afterItems);
		const { documents, held, damage } = await open(file);
		await documents.openSegment(segment);
		const numbers = new Set(held());
		for (let n = 1; n <= acknowledged; n += 1) expect(numbers.has(`${n}`), `item ${n} of ${acknowledged} acknowledged`).toBe(true);
		expect(damage).toEqual([]);
		await documents.close();
	}
});

test('a disk that never answers: append says so in time, and is done when the disk answers again', async () => {
	const disk = createSqliteStorage({ file: newFile() });
	let answers = true;
	const sometimes: StorageAdapterInterface = { ...disk, save: (key, data) => (answers ? disk.save(key, data) : new Promise(() => undefined)) };
	const { documents } = await open('', [], { storagePatienceMs: 50 }, sometimes);
	await documents.append(segment, [item('before')]);
	answers = false;
	await expect(documents.append(segment, [item('stuck')])).rejects.toMatchObject({ name: 'StorageError', kind: 'failed' });
	answers = true;
	await documents.append(segment, [item('stuck')]);
	const again = await open('', [], {}, disk);
	await again.documents.openSegment(segment);
	expect(again.held()).toEqual(['before', 'stuck']);
	await documents.close();
	await again.documents.close();
});

test('a full disk: append says that it is full, nothing is rejected behind our back, and reading a dead disk still opens documents', async () => {
	const rejections: unknown[] = [];
	const note = (reason: unknown): void => {
		rejections.push(reason);
	};
	process.on('unhandledRejection', note);
	const full: StorageAdapterInterface = {
		load: () => Promise.reject(new Error('unreadable')),
		loadRange: () => Promise.reject(new Error('unreadable')),
		save: () => Promise.reject(Object.assign(new Error('no room'), { name: 'QuotaExceededError' })),
		remove: () => Promise.reject(new Error('no')),
		removeRange: () => Promise.reject(new Error('no')),
	};
	const network = createNetworkPair();
	const { documents, damage, held } = await open('', [network.left], {}, full);
	const other = await open(newFile(), [network.right]);
	await network.link(); // The network comes up without a disk.
	await other.documents.append(segment, [item('from a peer')]);
	await documents.openSegment(segment);
	await eventually(() => held().includes('from a peer'), 'entries still arrive');
	await expect(documents.append(segment, [item('mine')])).rejects.toMatchObject({ name: 'StorageError', kind: 'full' });
	await eventually(() => other.held().includes('mine'), 'and still leave');
	expect(damage.some((found) => found.includes('cannot be read'))).toBe(true);
	await pause(300);
	expect(rejections).toEqual([]);
	process.off('unhandledRejection', note);
	await documents.close();
	await other.documents.close();
});

test('what a peer cuts out of a segment is told, and written again by the next append that names it', async () => {
	const network = createNetworkPair();
	const { documents, damage, held } = await open(newFile(), [network.left]);
	await documents.append(segment, [item('a'), item('b'), item('c')]);
	const other = stranger(network.right);
	await network.link();
	const handle = await other.find<SegmentDocument>(idOf(segmentPreimage(segment)));
	await eventually(() => handle.doc().items.length === 3, 'the stranger has it');
	handle.change((document) => {
		document.items.splice(0, 2);
	});
	await eventually(() => damage.length > 0, 'the cut is noticed');
	expect(damage).toEqual([`segment 1 of d0d0d0d0, branch: items were taken out of it`]);
	await documents.append(segment, [item('a'), item('b'), item('c')]);
	await eventually(() => new Set(handle.doc().items.map(wordOf)).size === 3 && handle.doc().items.length === 3, 'they are back, c not twice');
	expect(held()).toEqual(['a', 'b', 'c']);
	await documents.close();
});

test('things that are no bytes, and a list that was replaced, are told and nothing breaks', async () => {
	const network = createNetworkPair();
	const { documents, damage, held } = await open(newFile(), [network.left]);
	await documents.append(segment, [item('a')]);
	const other = stranger(network.right);
	await network.link();
	const handle = await other.find<{ items: unknown }>(idOf(segmentPreimage(segment)));
	handle.change((document) => {
		(document.items as unknown[]).push('text', { nested: [1] }, 7);
	});
	await eventually(() => damage.includes('segment 1 of d0d0d0d0, branch: holds items that are no bytes'), 'told');
	handle.change((document) => {
		document.items = 'nothing';
	});
	await eventually(() => damage.includes('segment 1 of d0d0d0d0, branch: its list was replaced by something else'), 'told');
	await documents.append(segment, [item('a'), item('b')]);
	await eventually(() => Array.isArray(handle.doc().items) && (handle.doc().items as unknown[]).length === 2, 'the list is there again');
	expect(held()).toEqual(['a', 'b']);
	await documents.close();
});

test('a segment that grows far beyond a full one is told and no longer shared; the others go on', async () => {
	const network = createNetworkPair();
	const limits = { operations: 50, changes: 1_000, bytesOnDisk: 1_000_000 };
	const { documents, damage, held } = await open(newFile(), [network.left], { segmentLimits: limits });
	await documents.append(segment, [item('a')]);
	const second = { ...segment, n: 2 };
	await documents.openSegment(second);
	const other = stranger(network.right);
	await network.link();
	const handle = await other.find<SegmentDocument>(idOf(segmentPreimage(segment)));
	handle.change((document) => {
		document.items.push(...Array.from({ length: 60 }, (_, n) => item(`flood ${n}`)));
	});
	await eventually(() => damage.some((found) => found.includes('no longer shared')), 'noticed');
	const before = held().length;
	handle.change((document) => {
		document.items.push(item('more'));
	});
	await pause(400);
	expect(held()).toHaveLength(before);
	const handleOfSecond = await other.find<SegmentDocument>(idOf(segmentPreimage(second)));
	handleOfSecond.change((document) => {
		document.items.push(item('welcome'));
	});
	await eventually(() => held().includes('welcome'), 'the other segment still travels');
	await documents.append(segment, [item('own')]); // On disk at home all the same.
	await documents.close();
});

test('documents that were not opened here are neither taken nor given', async () => {
	const network = createNetworkPair();
	const { documents, held, file } = await open(newFile(), [network.left]);
	await documents.append(segment, [item('mine')]);
	const other = stranger(network.right);
	await network.link();
	const foreign = other.create<SegmentDocument>({ items: [item('foreign')] });
	await pause(300);
	expect(held()).toEqual(['mine']);
	expect(documents.dropped().get('a document that is not open here')).toBeGreaterThan(0);
	const database = new DatabaseSync(file);
	expect(database.prepare('SELECT key FROM chunks WHERE key LIKE ?').all(`${foreign.documentId}%`)).toEqual([]);
	database.close();
	await documents.close();
	const asking = createNetworkPair();
	const holder = await open(newFile(), [asking.left]);
	await holder.documents.append(segment, [item('of another branch')]);
	const asks = await open(newFile(), [asking.right], { branch: 'b1'.repeat(16) as typeof branch });
	await asking.link();
	await asks.documents.openSegment({ ...segment, branch: 'b1'.repeat(16) as typeof branch });
	await pause(300);
	expect(asks.held()).toEqual([]);
	await holder.documents.close();
	await asks.documents.close();
});

/** Calls of one kind wait until the test lets them. */
function holding(storage: StorageAdapterInterface, kind: 'save' | 'removeRange') {
	const held: PromiseWithResolvers<undefined>[] = [];
	let isHeld = false;
	const wait = async (): Promise<void> => {
		if (!isHeld) return;
		const one = Promise.withResolvers<undefined>();
		held.push(one);
		await one.promise;
	};
	return {
		storage: {
			load: (key) => storage.load(key),
			loadRange: (prefix) => storage.loadRange(prefix),
			remove: (key) => storage.remove(key),
			async save(key, data) {
				if (kind === 'save') await wait();
				await storage.save(key, data);
			},
			async removeRange(prefix) {
				if (kind === 'removeRange') await wait();
				await storage.removeRange(prefix);
			},
		} satisfies StorageAdapterInterface,
		held,
		hold: () => (isHeld = true),
		release() {
			isHeld = false;
			for (const one of held.splice(0)) one.resolve(undefined);
		},
	};
}

test('1. what is written to a segment while that is being closed is on the disk', async () => {
	const file = newFile();
	const disk = holding(createSqliteStorage({ file }), 'removeRange');
	const { documents } = await open(file, [], {}, disk.storage);
	await documents.append(segment, [item('before')]);
	disk.hold();
	const closing = documents.closeSegment(segment);
	await eventually(() => disk.held.length === 1, 'what is closed is being removed');
	const written = documents.append(segment, [item('after all')]);
	await pause(200);
	disk.release();
	await Promise.all([closing, written]);
	await documents.close();
	const again = await open(file);
	await again.documents.openSegment(segment);
	expect(again.held()).toContain('after all');
	await again.documents.close();
});

test('a segment that is opened again while it goes to rest is told what comes, and takes what is written', async () => {
	const network = createNetworkPair();
	const disk = holding(createSqliteStorage({ file: newFile() }), 'save');
	const left = await open(newFile(), [network.left], { saveAfterMs: 60_000 }, disk.storage);
	const right = await open(newFile(), [network.right]);
	await network.link();
	await left.documents.openSegment(segment);
	await right.documents.append(segment, [item('before')]);
	await eventually(() => left.held().includes('before'), 'it arrives');
	disk.hold();
	const resting = left.documents.restSegment(segment);
	await eventually(() => disk.held.length > 0, 'what came is being saved');
	const opened = left.documents.openSegment(segment);
	await pause(200);
	disk.release();
	await Promise.all([resting, opened]);
	await right.documents.append(segment, [item('by the other')]);
	await eventually(() => left.held().includes('by the other'), 'it arrives', 5_000);
	await left.documents.append(segment, [item('own')]);
	await eventually(() => right.held().includes('own'), 'it goes out', 5_000);
	await left.documents.close();
	await right.documents.close();
});

const HALF_AN_HOUR_MS = 30 * 60_000;

test('however many sessions the lane has carried, the next is heard and passed on once; a word that comes round again is not', async () => {
	const [left, right] = [createNetworkPair(), createNetworkPair()];
	let forget: (() => void | Promise<void>) | undefined;
	const every: Timers['every'] = (ms, task) => {
		if (ms === HALF_AN_HOUR_MS) forget = task;
		return timers.every(ms, task);
	};
	const { documents } = await open(newFile(), [left.left, right.left], { timers: { ...timers, every } });
	const heard: unknown[] = [];
	documents.onLane((message) => {
		heard.push(message);
	});
	stranger(left.right);
	const other = stranger(right.right, 'another');
	await left.link();
	await right.link();
	const floor = await other.find(idOf(floorPreimage(store, branch)));
	const passed: unknown[] = [];
	floor.on('ephemeral-message', ({ message }) => passed.push(message));
	const said = encode({ t: 'entries', sealed: ['00ff'] });
	const data = new Uint8Array([0x58, said.length, ...said]); // CBOR: a byte string with one byte of length.
	const say = (sessionId: string, count = 1): boolean =>
		left.left.emit('message', {
			...{ type: 'ephemeral', senderId: 'somebody', targetId: left.left.peerId, documentId: idOf(floorPreimage(store, branch)) },
			...{ data, count, sessionId },
		} as never);
	const SESSIONS = 10_500;
	for (let n = 0; n < SESSIONS; n += 1) {
		if (n === 8_000 || n === 9_000) {
			await eventually(() => passed.length === n, 'all are passed on');
			await pause(100); // They come back from there.
			await forget?.();
		}
		say(`session-${n}`);
	}
	say(`session-${SESSIONS - 1}`); // Round a ring of peers.
	say(`session-${SESSIONS - 1}`, 2);
	await eventually(() => passed.length >= SESSIONS + 1, 'all are passed on');
	await eventually(() => heard.length >= SESSIONS + 1, 'all are heard');
	await pause(50);
	expect([heard.length, passed.length]).toEqual([SESSIONS + 1, SESSIONS + 1]);
	expect(documents.dropped().size).toBe(0);
	await documents.close();
});

test('a lane message goes on before it is heard here, to everybody but its author and who handed it on', async () => {
	const pairs = [createNetworkPair(), createNetworkPair(), createNetworkPair()] as const;
	const names = ['author', 'between', 'neighbour'] as const;
	const { documents } = await open(
		newFile(),
		pairs.map(({ left }) => left),
	);
	const order: string[] = [];
	for (const [at, pair] of pairs.entries()) {
		const other = stranger(pair.right, names[at]);
		await pair.link();
		await other.find(idOf(floorPreimage(store, branch)));
		const { send } = pair.left;
		pair.left.send = (frame) => {
			// As where libp2p is in the same thread (`lan-libp2p/same-process.ts`).
			if (frame.type === 'ephemeral') queueMicrotask(() => order.push(`to the ${names[at] ?? ''}`));
			send.call(pair.left, frame);
		};
	}
	documents.onLane(() => order.push('heard here'));
	const said = encode({ t: 'entries', sealed: ['00ff'] });
	const frame = {
		...{ type: 'ephemeral', senderId: 'author', targetId: pairs[1].left.peerId, documentId: idOf(floorPreimage(store, branch)) },
		...{ data: new Uint8Array([0x58, said.length, ...said]), count: 1, sessionId: 'a-session', via: 'between' },
	};
	pairs[1].left.emit('message', frame as never);
	await eventually(() => order.includes('heard here'), 'it is heard here');
	expect(order).toEqual(['to the neighbour', 'heard here']);
	pairs[1].left.emit('message', { ...frame, count: 2, via: undefined } as never);
	await eventually(() => order.lastIndexOf('heard here') > 1, 'it is heard here, too');
	expect(order).toEqual(['to the neighbour', 'heard here', 'to the between', 'to the neighbour', 'heard here']);
	await documents.close();
});

test('garbage on the lane and in frames is counted and dropped, and the lane goes on', async () => {
	const network = createNetworkPair();
	const { documents } = await open(newFile(), [network.left]);
	const heard: unknown[] = [];
	documents.onLane((message) => {
		heard.push(message);
	});
	const other = stranger(network.right);
	await network.link();
	const floor = await other.find(idOf(floorPreimage(store, branch)));
	for (const garbage of [
		null,
		7,
		'text',
		{ t: 'entries' },
		new Uint8Array(0),
		new Uint8Array([0xff, 0xff]),
		encode({ t: 'nonsense' }),
		encode({ t: 'entries', sealed: [7] }),
		new Uint8Array(600_000),
	]) {
		floor.broadcast(garbage);
	}
	const send = (frame: unknown): boolean => network.left.emit('message', frame as never);
	const frame = {
		type: 'sync',
		senderId: 'stranger',
		targetId: network.left.peerId,
		documentId: idOf(floorPreimage(store, branch)),
		data: new Uint8Array([1, 2, 3]),
	};
	for (const bad of [
		null,
		undefined,
		7,
		[],
		{},
		{ ...frame, type: 'bogus' },
		{ ...frame, documentId: 9 },
		{ ...frame, data: 'text' },
		{ ...frame, targetId: 'else' },
		{ ...frame, senderId: 'somebody' },
	])
		send(bad);
	send(frame); // No sync message at all.
	send({ ...frame, type: 'request', data: new Uint8Array([0x42, 2, 3]) });
	send({ ...frame, type: 'request', data: new Uint8Array([0x42, 0, 0, 0, 9, 9]) }); // Begins like one: automerge-repo itself must live with it.
	floor.broadcast(encode({ t: 'entries', sealed: ['00ff'] }));
	await eventually(() => heard.length === 1, 'the good one arrives');
	expect(documents.dropped().get('a lane message that is none')).toBe(4);
	expect(documents.dropped().get('no lane message')).toBe(5);
	expect(documents.dropped().get('no frame of the protocol')).toBe(11);
	expect(documents.dropped().get('a sender that is not the peer')).toBe(1);
	await documents.close();
});

test('a peer that is linked twice stays reachable when one link goes', async () => {
	const [first, second] = [createNetworkPair(), createNetworkPair()];
	const left = await open(newFile(), [first.left, second.left]);
	const right = await open(newFile(), [first.right, second.right]);
	await first.link();
	await second.link();
	await left.documents.append(segment, [item('by the first')]);
	await right.documents.openSegment(segment);
	await eventually(() => right.held().includes('by the first'), 'it arrives');
	first.unlink();
	await left.documents.append(segment, [item('by the second')]);
	await eventually(() => right.held().includes('by the second'), 'it arrives');
	await left.documents.close();
	await right.documents.close();
});

test('who does not know the genesis is told it by a peer, and believes only one that fits the store', async () => {
	const root = 'ab'.repeat(32) as DeviceId;
	const ours = createHash('sha256').update(Buffer.from(root, 'hex')).digest('hex').slice(0, 32) as StoreId;
	const network = createNetworkPair();
	const knows = await open(newFile(), [network.left], { store: ours, genesis: { store: ours, root } });
	const learns = await open(newFile(), [network.right], { store: ours });
	expect(await learns.documents.genesis()).toBeUndefined();
	await network.link();
	await eventually(async () => (await learns.documents.genesis())?.root === root, 'it is told');
	await knows.documents.close();
	await learns.documents.close();

	const wrong = createNetworkPair();
	const deceived = await open(newFile(), [wrong.left], { store: ours });
	const other = stranger(wrong.right);
	await wrong.link();
	const handle = await other.find<Record<string, unknown>>(idOf(genesisPreimage(ours)));
	handle.change((document) => {
		Object.assign(document, { store: ours, root: 'cd'.repeat(32) });
	});
	await eventually(async () => {
		await deceived.documents.genesis();
		return deceived.damage.length > 0;
	}, 'noticed');
	expect(await deceived.documents.genesis()).toBeUndefined();
	await deceived.documents.close();
});
