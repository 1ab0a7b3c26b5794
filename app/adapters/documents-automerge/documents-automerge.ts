/**
 * Documents over automerge-repo: segments, floor and genesis of one branch.
 *
 * Invariants:
 * 1. A resolved `append` or `changeFloor` is on the disk; one that could not be written rejects with a `StorageError`, and may be tried again.
 * 2. Two peers that make a segment alone make the same document: their items merge.
 * 3. `append` looks at what the list holds now. What a peer has cut out of it is written again by the next `append` that names it.
 * 4. Only documents that were opened here travel, and no longer than they have a believable size.
 * 5. Whatever peers write into a document, what is told from here are byte strings (segments), numbers and texts (floor), and messages that pass
 *    `schemas/wire/lane.ts`. The rest is told as damage, once for each document and reason.
 */
import {
	Automerge as A,
	cbor,
	interpretAsDocumentId,
	Repo,
	type DocHandle,
	type DocumentId,
	type NetworkAdapterInterface,
	type PeerId,
	type StorageAdapterInterface,
} from '@automerge/automerge-repo/slim';
import * as v from 'valibot';
import type { Digest, Documents, Timers } from '#ports';
import { decode, encode, hexOf, sameBytes, bytesOfHex } from '#schemas/cbor.ts';
import { floorPreimage, type FloorDocument } from '#schemas/documents/floor.ts';
import { genesisPreimage, type Genesis } from '#schemas/documents/genesis.ts';
import { segmentLabel, segmentPreimage, type SegmentDocument, type SegmentName } from '#schemas/documents/segment.ts';
import { deviceId, type BranchId, type StoreId } from '#schemas/ids.ts';
import { DOCUMENT_BOUNDS } from '#schemas/wire/bounds.ts';
import { directMessage, MAX_DIRECT_BYTES } from '#schemas/wire/direct.ts';
import { decodeLane, encodeLane, MAX_LANE_BYTES, type LaneSaid } from '#schemas/wire/lane.ts';
import { checkStorage } from './checked-storage.ts';
import { firstChangeOfFloor, firstChangeOfGenesis, firstChangeOfSegment, type FirstChange } from './first-changes.ts';
import { createHeldItems, type HeldItems } from './held-items.ts';
import { Switchboard, type FrameProblem } from './switchboard.ts';

/** For those who compose the parts and may not import automerge-repo themselves. */
export type { NetworkAdapterInterface, StorageAdapterInterface };

export interface DocumentsDeps {
	readonly store: StoreId;
	readonly branch: BranchId;
	/** A device that knows it (all do once they are enrolled) writes it; one that does not is told it by a peer. */
	readonly genesis?: Genesis;
	/** The name under which peers know this repo; network adapters tell the same one. Unique for each running process and tab. */
	readonly repoPeer: string;
	/** `createSqliteStorage` or `createIndexedDbStorage`; its owner closes it, after `close`. */
	readonly storage: StorageAdapterInterface;
	readonly network: readonly NetworkAdapterInterface[];
	readonly digest: Pick<Digest, 'sha256'>;
	readonly timers: Timers;
	readonly segmentLimits?: SegmentLimits;
	/** How long one call of the storage may take. */
	readonly storagePatienceMs?: number;
	/** What peers wrote is on the disk so long after it came; absent: 100 ms. What is written here waits for nothing. */
	readonly saveAfterMs?: number;
	/** How long what a busy peer writes may wait for more of it; absent: not at all. */
	readonly gatherMs?: number;
}

/** Beyond these, a segment is no longer shared. */
export interface SegmentLimits {
	readonly operations: number;
	readonly changes: number;
	readonly bytesOnDisk: number;
}

export interface AutomergeDocuments extends Documents {
	/** A way to peers that was not there at the start. */
	addNetwork(adapter: NetworkAdapterInterface): void;
	/** What peers sent that was no use, since the start. */
	dropped(): ReadonlyMap<FrameProblem | 'a lane message that is none' | 'a direct message that is none', number>;
}

const SEGMENT_LIMITS: SegmentLimits = {
	operations: DOCUMENT_BOUNDS.segmentOperations,
	changes: DOCUMENT_BOUNDS.segmentChanges,
	bytesOnDisk: DOCUMENT_BOUNDS.segmentBytes,
};
/** Items in one change: so that a peer's reader, which takes a change whole, is never asked for more at once than this (and one entry). */
const MAX_CHANGE_BYTES = 1024 * 1024;
const SAVE_AGAIN_MS = 5_000;
const FORGET_SESSIONS_MS = 30 * 60_000;
const MAX_DAMAGE_TOLD = 1_000;

interface Opened<T> {
	readonly id: DocumentId;
	readonly label: string;
	readonly handle: DocHandle<T>;
}

interface OpenSegment extends Opened<SegmentDocument> {
	readonly name: SegmentName;
	held: HeldItems;
	/** The write under way, and the one that collects while it runs. */
	writing: Promise<unknown>;
	next: { readonly items: Uint8Array[]; readonly written: Promise<void> } | undefined;
}

/** Automerge's wasm must be running: `startAutomerge` of `wasm-browser.ts` or `wasm-node.ts`. */
export async function createDocuments(deps: DocumentsDeps): Promise<AutomergeDocuments> {
	const { store, branch, digest, timers, segmentLimits = SEGMENT_LIMITS } = deps;
	if (!A.isWasmInitialized()) throw new Error('Automerge is not running: await startAutomerge() first');

	const itemListeners: Parameters<Documents['onItems']>[0][] = [];
	const floorListeners: Parameters<Documents['onFloor']>[0][] = [];
	const laneListeners: Parameters<Documents['onLane']>[0][] = [];
	const directListeners: Parameters<Documents['onDirect']>[0][] = [];
	const linkListeners: Parameters<Documents['onLinked']>[0][] = [];
	const damageListeners: Parameters<Documents['onDamage']>[0][] = [];

	const labels = new Map<string, string>();
	const travelling = new Set<string>();
	const segments = new Map<string, Promise<OpenSegment>>();
	/** By the same key: on their way out of memory, and maybe off the disk. */
	const leaving = new Map<string, Promise<void>>();
	const dropped = new Map<FrameProblem | 'a lane message that is none' | 'a direct message that is none', number>();
	const told = new Set<string>();
	/** Damage that was found before anybody listened. */
	let untold: [string, string][] | undefined = [];
	let closed = false;

	const storage = checkStorage(deps.storage, {
		digest,
		timers,
		onDamage: (document, reason) => {
			tellDamage(labels.get(document) ?? document, reason);
		},
		...(deps.storagePatienceMs === undefined ? {} : { patienceMs: deps.storagePatienceMs }),
	});
	const floorId = await documentId(floorPreimage(store, branch));
	const switchboard = new Switchboard({
		isOpen: (document) => travelling.has(document),
		isLane: (document) => document === floorId,
		onDropped: countDropped,
		onDirect: hearDirect,
		onLane(message, via) {
			const said: unknown = cbor.decode(message.data);
			// What can be read is passed on before it is looked at here, to whom automerge-repo would pass it, but for the one that it came from: that one has it.
			const floor = repo.synchronizer.docSynchronizers[floorId];
			for (const peer of switchboard.peers())
				if (peer !== message.senderId && peer !== via && floor?.hasPeer(peer) === true) switchboard.send({ ...message, targetId: peer });
			// Adapters that share the thread with libp2p send in a microtask (`lan-libp2p/same-process.ts`): after theirs.
			queueMicrotask(() => {
				hearLane(said, message.senderId);
			});
		},
		onLost(document, peer) {
			repo.synchronizer.docSynchronizers[document as DocumentId]?.endSync(peer as PeerId);
		},
		onAskedAgain(document, peer) {
			// Beginning anew is what forgets which changes were sent.
			void repo.synchronizer.docSynchronizers[document as DocumentId]?.beginSync([peer as PeerId]);
		},
		gathers: deps.gatherMs === undefined ? undefined : { everyMs: deps.gatherMs, timers },
		onLinked(peer, isLinked) {
			for (const listener of linkListeners) aside(() => listener(peer, isLinked));
		},
	});
	for (const adapter of deps.network) switchboard.add(adapter);

	const travels = async (_: PeerId, document?: DocumentId): Promise<boolean> => document !== undefined && travelling.has(document);
	const repo = new Repo({
		peerId: deps.repoPeer as PeerId,
		storage,
		network: [switchboard],
		shareConfig: { access: travels, announce: travels },
		// Nobody keeps sync states on disk: they save little, and a peer that lost data would be believed to have it.
		isEphemeral: true,
		...(deps.saveAfterMs === undefined ? {} : { saveDebounceRate: deps.saveAfterMs }),
	});

	const genesisOpened = await open<Record<string, unknown>>(genesisPreimage(store), firstChangeOfGenesis(deps.genesis), 'genesis');
	const floorOpened = await open<FloorDocument>(floorPreimage(store, branch), firstChangeOfFloor(), 'floor');
	let floorNow = readFloor(floorOpened.handle.doc());
	floorOpened.handle.on('change', ({ doc }) => {
		floorNow = readFloor(doc);
		for (const listener of floorListeners)
			aside(() => {
				listener(floorNow);
			});
		if (storage.bytesOf(floorId) > DOCUMENT_BOUNDS.floorBytes) tellDamage('floor', 'far larger than a floor should be');
	});

	const stopForgetting = timers.every(FORGET_SESSIONS_MS, () => {
		switchboard.forgetSilent();
	});
	const stopSavingAgain = timers.every(SAVE_AGAIN_MS, async () => {
		for (const document of storage.unsavedDocuments()) {
			const handle = repo.handles[document];
			if (handle?.isReady() === true) await storage.saveWhole(document, handle.doc() as A.Doc<unknown>);
		}
	});

	async function documentId(preimage: readonly (string | number)[]): Promise<DocumentId> {
		const hash = await digest.sha256(encode(preimage));
		return interpretAsDocumentId(hash.slice(0, 16) as Parameters<typeof interpretAsDocumentId>[0]);
	}

	async function open<T>(preimage: readonly (string | number)[], first: FirstChange, label: string): Promise<Opened<T>> {
		const id = await documentId(preimage);
		labels.set(id, label);
		await storage.beginWith(id, first);
		travelling.add(id);
		return { id, label, handle: await repo.find<T>(id) };
	}

	// ——— segments

	async function openSegment(name: SegmentName): Promise<OpenSegment> {
		if (closed) throw new Error('the documents are closed');
		const key = segmentPreimage(name).join(':');
		const known = segments.get(key);
		if (known !== undefined) return await known;
		const opening = startSegment(name, leaving.get(key));
		segments.set(key, opening);
		opening.catch(() => segments.delete(key));
		return await opening;
	}

	async function startSegment(name: SegmentName, hasLeft: Promise<void> | undefined): Promise<OpenSegment> {
		await hasLeft;
		const opened = await open<SegmentDocument>(segmentPreimage(name), firstChangeOfSegment(), segmentLabel(name));
		const segment: OpenSegment = { ...opened, name, held: createHeldItems(), writing: Promise.resolve(), next: undefined };
		readAgain(segment, opened.handle.doc());
		opened.handle.on('change', ({ doc, patches }) => {
			hearSegment(segment, doc, patches);
		});
		return segment;
	}

	/** What was appended is in the patches; for anything else the list is read again. */
	function hearSegment(segment: OpenSegment, doc: A.Doc<SegmentDocument>, patches: readonly A.Patch[]): void {
		const items = appended(patches);
		if (items === undefined) readAgain(segment, doc);
		else {
			for (const item of items) segment.held.add(item);
			tellItems(segment, items);
			checkSize(segment, doc);
		}
	}

	function readAgain(segment: OpenSegment, doc: A.Doc<SegmentDocument>): void {
		const before = segment.held;
		const list: readonly unknown[] = Array.isArray(doc.items) ? doc.items : [];
		const items = list.filter((item) => item instanceof Uint8Array);
		if (!Array.isArray(doc.items)) tellDamage(segment.label, 'its list was replaced by something else');
		else if (items.length < list.length) tellDamage(segment.label, 'holds items that are no bytes');
		segment.held = createHeldItems(items);
		const fresh = items.filter((item) => !before.has(item));
		const kept = new Set(items.filter((item) => before.has(item)).map(hexOf)).size;
		if (kept < before.count()) tellDamage(segment.label, 'items were taken out of it');
		tellItems(segment, fresh);
		checkSize(segment, doc);
	}

	function tellItems({ name }: OpenSegment, items: readonly Uint8Array[]): void {
		if (items.length === 0) return;
		for (const listener of itemListeners)
			aside(() => {
				listener(name, items);
			});
	}

	function checkSize(segment: OpenSegment, doc: A.Doc<SegmentDocument>): void {
		if (!travelling.has(segment.id)) return;
		const { numOps, numChanges } = A.stats(doc);
		const { operations, changes, bytesOnDisk } = segmentLimits;
		if (numOps <= operations && numChanges <= changes && storage.bytesOf(segment.id) <= bytesOnDisk) return;
		travelling.delete(segment.id);
		repo.shareConfigChanged();
		tellDamage(segment.label, 'far larger than a segment may be: it is no longer shared');
	}

	async function closeSegment(name: SegmentName): Promise<void> {
		await letGo(name, { after: (id) => storage.removeRange([id]) });
	}

	async function restSegment(name: SegmentName): Promise<void> {
		await letGo(name, { before: (id) => repo.flush([id]) });
	}

	interface Leaving {
		readonly before?: (id: DocumentId) => Promise<void>;
		readonly after?: (id: DocumentId) => Promise<void>;
	}

	/** Neither shared nor in memory any more, but if it is opened again while its last write runs. Whoever opens it after that waits until it has gone. */
	async function letGo(name: SegmentName, steps: Leaving): Promise<void> {
		const key = segmentPreimage(name).join(':');
		const going = leaving.get(key)?.then(() => leave(key, name, steps)) ?? leave(key, name, steps);
		const gone = going.catch(() => undefined);
		leaving.set(key, gone);
		await gone;
		if (leaving.get(key) === gone) leaving.delete(key);
		await going;
	}

	async function leave(key: string, name: SegmentName, { before, after }: Leaving): Promise<void> {
		const opening = segments.get(key);
		if (opening !== undefined) {
			segments.delete(key);
			const segment = await opening.catch(() => undefined);
			if (segment === undefined) return;
			await segment.writing.catch(() => undefined);
			if (segments.has(key)) return;
			travelling.delete(segment.id);
			repo.shareConfigChanged();
			segment.handle.removeAllListeners();
			await before?.(segment.id);
			await repo.removeFromCache(segment.id);
			storage.forget(segment.id);
		}
		// What rests may lie on the disk all the same.
		await after?.(await documentId(segmentPreimage(name)));
	}

	async function append(name: SegmentName, items: readonly Uint8Array[]): Promise<void> {
		const segment = await openSegment(name);
		segment.next ??= collect(segment);
		segment.next.items.push(...items);
		await segment.next.written;
	}

	/** All that is asked for while a write runs is one change and one write after it. */
	function collect(segment: OpenSegment): NonNullable<OpenSegment['next']> {
		const items: Uint8Array[] = [];
		const written = segment.writing.then(
			() => write(segment, items),
			() => write(segment, items), // The one before failed; its callers know.
		);
		segment.writing = written;
		written.catch(() => undefined); // Every caller of `append` holds it; the chain must not be the one that reports it.
		return { items, written };
	}

	async function write(segment: OpenSegment, items: readonly Uint8Array[]): Promise<void> {
		segment.next = undefined;
		const added = createHeldItems();
		const missing = items.filter((item) => !segment.held.has(item) && added.add(item));
		for (const part of parts(missing)) {
			segment.handle.change(
				(document) => {
					if (!Array.isArray(document.items)) document.items = [];
					// Automerge takes bytes as they lie in memory; a Buffer of Node would be told as such.
					document.items.push(...part.map((item) => new Uint8Array(item)));
				},
				{ time: 0 },
			);
		}
		await makeDurable(segment);
	}

	async function makeDurable({ id, handle }: Opened<SegmentDocument> | Opened<FloorDocument>): Promise<void> {
		await repo.flush([id]);
		if (storage.unsaved(id) === undefined) return;
		const failure = await storage.saveWhole(id, handle.doc() as A.Doc<unknown>);
		if (failure !== undefined) throw failure;
	}

	// ——— floor and lane

	async function changeFloor(change: (floor: FloorDocument) => void): Promise<void> {
		if (closed) throw new Error('the documents are closed');
		const draft = copyOfFloor(floorNow);
		change(draft);
		const before = floorNow;
		floorOpened.handle.change(
			(document) => {
				for (const name of FLOOR_MAPS) {
					const map = floorMap(document, name);
					for (const key of Object.keys(before[name])) if (!(key in draft[name])) Reflect.deleteProperty(map, key);
					for (const [key, value] of Object.entries(draft[name])) {
						// A plain text would be a shared text, one operation a character, that merges two carts into a third.
						if (value !== before[name][key]) map[key] = typeof value === 'string' ? new A.ImmutableString(value) : value;
					}
				}
			},
			{ time: 0 },
		);
		await makeDurable(floorOpened);
	}

	function broadcast(message: LaneSaid): void {
		if (closed) return;
		const bytes = encodeLane(message);
		if (bytes.length > MAX_LANE_BYTES) throw new Error(`a lane message of ${bytes.length} bytes; the most is ${MAX_LANE_BYTES}`);
		const floor = repo.synchronizer.docSynchronizers[floorId];
		switchboard.sayOnLane(floorId, bytes, (peer) => floor?.hasPeer(peer) === true);
	}

	function hearLane(message: unknown, fromRepoPeer: string): void {
		if (closed) return;
		const said = message instanceof Uint8Array && message.length <= MAX_LANE_BYTES ? decodeLane(message) : undefined;
		if (said === undefined) {
			countDropped('a lane message that is none');
			tellDamage('live lane', 'a message that is none');
			return;
		}
		for (const listener of laneListeners)
			aside(() => {
				listener(said, fromRepoPeer);
			});
	}

	// ——— direct messages

	function hearDirect(data: Uint8Array, from: string): void {
		if (closed) return;
		const parsed = data.length <= MAX_DIRECT_BYTES ? v.safeParse(directMessage, decode(data)) : undefined;
		if (parsed?.success !== true) {
			countDropped('a direct message that is none');
			return;
		}
		for (const listener of directListeners)
			aside(() => {
				listener(parsed.output, from);
			});
	}

	// ——— genesis

	async function genesis(): Promise<Genesis | undefined> {
		const { store: storeThere, root } = genesisOpened.handle.doc();
		const device = v.safeParse(deviceId, root === undefined ? undefined : String(root));
		const isOurs = String(storeThere) === store && device.success && (await isRootOf(device.output));
		if (isOurs) return { store, root: device.output };
		if (root !== undefined) tellDamage('genesis', 'does not name the root key of this store');
		return deps.genesis;
	}

	async function isRootOf(root: string): Promise<boolean> {
		const hash = await digest.sha256(bytesOfHex(root));
		return sameBytes(hash.subarray(0, 16), bytesOfHex(store));
	}

	// ——— telling

	function tellDamage(document: string, reason: string): void {
		const finding = `${document}\n${reason}`;
		if (told.has(finding) || told.size >= MAX_DAMAGE_TOLD) return;
		told.add(finding);
		untold?.push([document, reason]);
		for (const listener of damageListeners)
			aside(() => {
				listener(document, reason);
			});
	}

	function countDropped(reason: FrameProblem | 'a lane message that is none' | 'a direct message that is none'): void {
		dropped.set(reason, (dropped.get(reason) ?? 0) + 1);
	}

	return {
		async openSegment(name) {
			await openSegment(name);
		},
		closeSegment,
		restSegment,
		append,
		onItems: (listener) => {
			itemListeners.push(listener);
		},
		floor: () => floorNow,
		changeFloor,
		onFloor: (listener) => {
			floorListeners.push(listener);
		},
		broadcast,
		onLane: (listener) => {
			laneListeners.push(listener);
		},
		sendTo(repoPeer, message) {
			if (!closed) switchboard.sendDirect(repoPeer, encode(message));
		},
		onDirect: (listener) => {
			directListeners.push(listener);
		},
		onLinked(listener) {
			linkListeners.push(listener);
			for (const peer of switchboard.peers()) listener(peer, true);
		},
		onDamage(listener) {
			damageListeners.push(listener);
			const before = untold ?? [];
			untold = undefined;
			for (const [document, reason] of before) listener(document, reason);
		},
		genesis,
		addNetwork: (adapter) => {
			switchboard.add(adapter);
		},
		dropped: () => dropped,
		async close() {
			if (closed) return;
			closed = true;
			stopSavingAgain();
			stopForgetting();
			const opened = await Promise.allSettled(segments.values());
			const open = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
			await Promise.allSettled(open.map(({ writing }) => writing));
			if (deps.gatherMs !== undefined) {
				switchboard.handOn();
				// The repo takes a message in some turns later.
				await new Promise<void>((resolve) => timers.after(0, resolve));
			}
			switchboard.disconnect();
			await repo.flush([genesisOpened, floorOpened, ...open].map(({ id }) => id));
			storage.close();
		},
	};
}

/** A listener that throws is our bug and must be heard of, but not inside automerge-repo, which would lose its place in the document. */
function aside(tell: () => void): void {
	try {
		tell();
	} catch (error) {
		queueMicrotask(() => {
			throw error;
		});
	}
}

/** The byte strings that these patches append, or undefined when they do anything else. */
function appended(patches: readonly A.Patch[]): Uint8Array[] | undefined {
	const items: Uint8Array[] = [];
	for (const patch of patches) {
		if (patch.action !== 'insert' || patch.path.length !== 2 || patch.path[0] !== 'items') return undefined;
		for (const value of patch.values as readonly unknown[]) {
			if (!(value instanceof Uint8Array)) return undefined;
			items.push(value);
		}
	}
	return items;
}

function* parts(items: readonly Uint8Array[]): Iterable<readonly Uint8Array[]> {
	let part: Uint8Array[] = [];
	let bytes = 0;
	for (const item of items) {
		if (part.length > 0 && bytes + item.length > MAX_CHANGE_BYTES) {
			yield part;
			part = [];
			bytes = 0;
		}
		part.push(item);
		bytes += item.length;
	}
	if (part.length > 0) yield part;
}

const FLOOR_MAPS = ['favourites', 'parked', 'presence'] as const;

/** The map in the document; made anew only when a peer has destroyed it, for two writers creating one map hide one of the two. */
function floorMap(document: FloorDocument, name: (typeof FLOOR_MAPS)[number]): Record<string, unknown> {
	const map: unknown = document[name];
	if (typeof map !== 'object' || map === null || Array.isArray(map)) document[name] = {};
	return document[name];
}

function readFloor(document: A.Doc<FloorDocument>): FloorDocument {
	return {
		favourites: valuesOf(document.favourites, (value) => (typeof value === 'number' ? value : undefined)),
		parked: valuesOf(document.parked, (value) => (A.isImmutableString(value) || typeof value === 'string' ? String(value) : undefined)),
		presence: valuesOf(document.presence, (value) => (typeof value === 'number' ? value : undefined)),
	};
}

function valuesOf<T>(map: unknown, read: (value: unknown) => T | undefined): Record<string, T> {
	const values: Record<string, T> = {};
	if (typeof map !== 'object' || map === null) return values;
	for (const [key, value] of Object.entries(map)) {
		const own = read(value);
		if (own !== undefined && key !== '__proto__') values[key] = own;
	}
	return values;
}

function copyOfFloor({ favourites, parked, presence }: FloorDocument): FloorDocument {
	return { favourites: { ...favourites }, parked: { ...parked }, presence: { ...presence } };
}
