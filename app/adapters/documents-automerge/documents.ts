/**
 * The documents of a branch over automerge-repo. Entries go in and come out as bytes; nobody else sees Automerge.
 *
 * Invariants:
 * 1. A document begins with one constant change, on disk before the Repo looks for it: two peers that make it alone make the same one.
 * 2. `append` resolves when the changes are on disk here, and writes only what the list does not hold.
 * 3. Only documents that were opened here exist for a peer: whatever else it asks for, it is told that there is none.
 * 4. Nothing that a peer put into a document or on the lane throws out of here.
 */
import { Automerge, Repo, type DocHandle, type DocumentId, type NetworkAdapterInterface, type PeerId } from '@automerge/automerge-repo/slim';
import * as v from 'valibot';
import type { Digest, Documents } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import { floorPreimage, type FloorDocument } from '#schemas/documents/floor.ts';
import { genesisPreimage, type Genesis, type GenesisDocument } from '#schemas/documents/genesis.ts';
import { segmentPreimage, type SegmentDocument, type SegmentName } from '#schemas/documents/segment.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import { laneMessage, MAX_LANE_BYTES, type LaneMessage } from '#schemas/wire/lane.ts';
import { documentIdOf } from './document-id.ts';
import type { CheckedStorage } from './storage-checked.ts';

export interface DocumentsDeps {
	readonly genesis: Genesis;
	readonly branch: BranchId;
	/** This process in automerge-repo; what the links authenticate. */
	readonly repoPeer: string;
	readonly storage: CheckedStorage;
	readonly network: readonly NetworkAdapterInterface[];
	readonly digest: Digest;
}

export interface AutomergeDocuments extends Documents {
	/** A further way to peers: the relay's link comes after the LAN's. */
	addNetwork(adapter: NetworkAdapterInterface): void;
	/** Whether a peer may name this document at all; the relay's gate asks before a frame reaches the Repo. */
	isOpen(documentId: string): boolean;
	/** Repo peers that are linked now. */
	peers(): readonly string[];
	/** Lane messages that were no messages. */
	refusedOnLane(): number;
}

/** `A.change(A.init({ actor: zeros }), { time: 0 }, (d) => { d.items = [] })`, made once with Automerge 3.5.0: an encoder may change, this change may not. */
const EMPTY_SEGMENT = bytesOfHex('856f4a8330499f0d0130001000000000000000000000000000000000010100000005150734014202560270027f056974656d73017f027f007f00');
/** The same with the maps `favourites`, `parked` and `presence`: two writers that each made a map would hide one of them. */
const EMPTY_FLOOR = bytesOfHex(
	'856f4a8324f98f190145001000000000000000000000000000000000010100000005151c34014202560270027d0a6661766f757269746573067061726b65640870726573656e636503030003000300',
);
/** An entry is at most 256 KiB and a segment holds 1,000; honest ones stay far below 64 MiB. */
const MOST_ITEMS = 5_000;

interface OpenSegment {
	readonly name: SegmentName;
	readonly handle: DocHandle<SegmentDocument>;
	/** What the list holds, by fingerprint. */
	readonly held: Set<string>;
	/** Written here a moment ago: its patch is no news. */
	readonly own: Set<string>;
}

export async function createDocuments({ genesis, branch, repoPeer, storage, network, digest }: DocumentsDeps): Promise<AutomergeDocuments> {
	const open = new Map<string, OpenSegment>();
	const opening = new Map<string, Promise<OpenSegment>>();
	const shared = new Set<string>();
	const itemListeners: ((name: SegmentName, items: readonly Uint8Array[]) => void)[] = [];
	const floorListeners: ((floor: FloorDocument) => void)[] = [];
	const laneListeners: ((message: LaneMessage, fromRepoPeer: string) => void)[] = [];
	const damageListeners: ((document: string, reason: string) => void)[] = [];
	const labels = new Map<string, string>();
	let refusedOnLane = 0;
	let closed = false;

	const mayShare = async (_peer: PeerId, documentId?: DocumentId): Promise<boolean> => documentId !== undefined && shared.has(documentId);
	const repo = new Repo({ peerId: repoPeer as PeerId, storage, network: [...network], shareConfig: { announce: mayShare, access: mayShare } });
	storage.onDamage((documentId, reason) => { tellDamage(labels.get(documentId) ?? `document ${documentId}`, reason); });

	async function openDocument<Content>(preimage: readonly (string | number)[], beginning: Uint8Array, label: string): Promise<DocHandle<Content>> {
		const id = await documentIdOf(preimage, digest);
		const documentId = id.text as DocumentId;
		labels.set(documentId, label);
		if (!(await storage.hasDocument(documentId))) await storage.save([documentId, 'incremental', hexOf(await digest.sha256(beginning))], beginning);
		shared.add(documentId);
		const handle = await repo.find<Content>(id.url);
		// The beginning itself may have been the damaged chunk.
		if (Object.keys(handle.doc() as object).length === 0) handle.update((doc) => Automerge.loadIncremental(doc, beginning));
		return handle;
	}

	const floor = await openDocument<FloorDocument>(floorPreimage(genesis.store, branch), EMPTY_FLOOR, 'floor');
	floor.on('change', () => { for (const listener of floorListeners) listener(floor.doc()); });
	floor.on('ephemeral-message', ({ message, senderId }) => { hearLane(message, senderId); });
	await openDocument<GenesisDocument>(genesisPreimage(genesis.store), genesisBeginning(genesis), 'genesis');

	// ——— segments

	async function openSegment(name: SegmentName): Promise<OpenSegment> {
		const key = JSON.stringify(segmentPreimage(name));
		const known = open.get(key) ?? opening.get(key);
		if (known !== undefined) return known;
		const promise = openNew(name, key);
		opening.set(key, promise);
		try {
			return await promise;
		} finally {
			opening.delete(key);
		}
	}

	async function openNew(name: SegmentName, key: string): Promise<OpenSegment> {
		const label = `segment ${name.n} of ${name.device.slice(0, 8)}, ${name.scope}`;
		const handle = await openDocument<SegmentDocument>(segmentPreimage(name), EMPTY_SEGMENT, label);
		const segment: OpenSegment = { name, handle, held: new Set(), own: new Set() };
		open.set(key, segment);
		const items: unknown = handle.doc().items;
		tellItems(segment, Array.isArray(items) ? items : []);
		let reported = false;
		handle.on('change', ({ doc, patches }) => {
			const list: unknown = doc.items;
			if (!reported && (!Array.isArray(list) || list.length > MOST_ITEMS)) {
				reported = true;
				tellDamage(label, Array.isArray(list) ? `${list.length} items, far more than a segment holds` : 'somebody replaced its list');
			}
			if (Array.isArray(list) && list.length > MOST_ITEMS) return;
			tellItems(segment, patches.flatMap(valuesOf));
		});
		return segment;
	}

	function tellItems(segment: OpenSegment, values: readonly unknown[]): void {
		const fresh: Uint8Array[] = [];
		for (const value of values) {
			if (!(value instanceof Uint8Array)) continue;
			const print = fingerprint(value);
			segment.held.add(print);
			if (!segment.own.delete(print)) fresh.push(new Uint8Array(value));
		}
		if (fresh.length > 0) for (const listener of itemListeners) listener(segment.name, fresh);
	}

	async function append(name: SegmentName, items: readonly Uint8Array[]): Promise<void> {
		const { handle, held, own } = await openSegment(name);
		const missing = items.filter((item) => !held.has(fingerprint(item)));
		if (missing.length > 0) {
			if (!Array.isArray(handle.doc().items)) throw new Error('somebody replaced the list of this segment');
			for (const item of missing) own.add(fingerprint(item));
			handle.change((doc) => { for (const item of missing) doc.items.push(item); });
		}
		await repo.flush([handle.documentId]);
		await storage.settle(handle.documentId);
	}

	// ——— the live lane

	function hearLane(bytes: unknown, sender: string): void {
		const parsed = bytes instanceof Uint8Array && bytes.length <= MAX_LANE_BYTES ? v.safeParse(laneMessage, decode(new Uint8Array(bytes))) : undefined;
		if (parsed?.success !== true) {
			refusedOnLane += 1;
			return;
		}
		for (const listener of laneListeners) listener(parsed.output, sender);
	}

	function tellDamage(document: string, reason: string): void {
		for (const listener of damageListeners) listener(document, reason);
	}

	return {
		openSegment: async (name) => { await openSegment(name); },
		append,
		onItems(listener) {
			itemListeners.push(listener);
			for (const { name, handle } of open.values()) {
				const items: unknown = handle.doc().items;
				if (Array.isArray(items) && items.length > 0) listener(name, items.filter((item) => item instanceof Uint8Array));
			}
		},
		floor: () => floor.doc(),
		async changeFloor(change) {
			floor.change(change);
			await repo.flush([floor.documentId]);
			await storage.settle(floor.documentId);
		},
		onFloor: (listener) => { floorListeners.push(listener); },
		broadcast(message) {
			if (!closed) floor.broadcast(encode(message));
		},
		onLane: (listener) => { laneListeners.push(listener); },
		onDamage: (listener) => { damageListeners.push(listener); },
		genesis: () => Promise.resolve(genesis),
		addNetwork: (adapter) => { repo.networkSubsystem.addNetworkAdapter(adapter); },
		isOpen: (documentId) => shared.has(documentId),
		peers: () => repo.peers,
		refusedOnLane: () => refusedOnLane,
		async close() {
			closed = true;
			await repo.flush([...open.values()].map(({ handle }) => handle.documentId));
			await repo.shutdown();
			storage.close();
		},
	};
}

/** Constant for a store: whoever knows its root makes the same document. */
function genesisBeginning({ store, root }: Genesis): Uint8Array {
	const empty = Automerge.init<GenesisDocument>({ actor: '00'.repeat(16) });
	const doc = Automerge.change(empty, { time: 0 }, (draft) => {
		draft.root = root satisfies DeviceId;
		draft.store = store satisfies StoreId;
	});
	const [change] = Automerge.getAllChanges(doc);
	if (change === undefined) throw new Error('a document that was changed has a change');
	return change;
}

/** Items that a change of the list brought: an insert names the list's place, a put one of its places. */
function valuesOf(patch: Automerge.Patch): readonly unknown[] {
	if (patch.path[0] !== 'items' || patch.path.length !== 2) return [];
	if (patch.action === 'insert') return patch.values as readonly unknown[];
	return patch.action === 'put' ? [patch.value] : [];
}

/** Sealed entries end in a signature; the length tells a chain, which ends in its issuer's, from all of them. */
function fingerprint(item: Uint8Array): string {
	return `${item.length}:${String.fromCharCode(...item.subarray(-64))}`;
}
