/**
 * Documents as Automerge would carry them, and as a peer that means harm would leave them.
 *
 * A document is a list of elements, each with a name of its own, and of names that were removed. Two copies of one document become one by union of both; so
 * an element that was spliced out stays out, and the same bytes written again are another element. The order in which elements are told means nothing, and
 * is never the same.
 *
 * 1. What is appended is on this machine's disk when `append` resolves.
 * 2. Only documents that a process has opened are told to it, and only those are taken from others.
 * 3. `tamper` splices, tears, flips and repeats: the network carries that on like anything else.
 */
import type { Documents } from '#ports';
import { segmentLabel, type SegmentName } from '#schemas/documents/segment.ts';
import type { FloorDocument } from '#schemas/documents/floor.ts';
import type { Genesis } from '#schemas/documents/genesis.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import type { LaneSaid } from '#schemas/wire/lane.ts';
import type { Power } from './power.ts';
import type { Dice } from './random.ts';

export interface CarriedDocument {
	readonly elements: Map<string, Uint8Array>;
	readonly removed: Set<string>;
}

/** Outlives its process. */
export type DocumentDisk = Map<string, CarriedDocument>;

export interface DocumentsDouble extends Documents {
	readonly disk: DocumentDisk;
	isOpen(document: string): boolean;
	/** What came from another peer. */
	merge(document: string, elements: ReadonlyMap<string, Uint8Array>, removed: ReadonlySet<string>): Promise<void>;
	hearLane(message: LaneSaid): void;
	hearDirect(message: DirectMessage, from: string): void;
	/** Whom the network joins it to, by name. */
	setLinked(peers: ReadonlySet<string>): void;
	/** Elements with these bytes are added as they are, checked by nobody. */
	insert(name: SegmentName, items: readonly Uint8Array[]): void;
	/** Removes elements from the list, for everybody who is told. */
	splice(document: string, count: number): void;
	/** Says that a document did not load whole. */
	reportDamage(document: string, reason: string): void;
}

export interface DocumentsDeps {
	/** Names the elements that this process writes; a new one for every start, as Automerge has actors. */
	readonly actor: string;
	readonly disk: DocumentDisk;
	readonly power: Power;
	readonly dice: Dice;
	readonly genesis: Genesis;
	/** A document changed here: others may be told. */
	readonly onChange: (document: string) => void;
	readonly onOpen: (document: string) => void;
	readonly onBroadcast: (message: LaneSaid) => void;
	readonly onSend: (peer: string, message: DirectMessage) => void;
}

/** A document is stored within so many milliseconds of the world. */
const SLOWEST_STORE_MS = 40;

export function createDocumentsDouble({ actor, disk, power, dice, genesis, onChange, onOpen, onBroadcast, onSend }: DocumentsDeps): DocumentsDouble {
	const open = new Map<string, SegmentName>();
	const itemListeners: ((name: SegmentName, items: readonly Uint8Array[]) => void)[] = [];
	const laneListeners: ((message: LaneSaid, fromRepoPeer: string) => void)[] = [];
	const directListeners: ((message: DirectMessage, fromRepoPeer: string) => void)[] = [];
	const linkListeners: ((repoPeer: string, isLinked: boolean) => void)[] = [];
	const linked = new Set<string>();
	const damageListeners: ((document: string, reason: string) => void)[] = [];
	const floor: FloorDocument = { favourites: {}, parked: {}, presence: {} };
	let made = 0;

	function documentOf(label: string): CarriedDocument {
		let document = disk.get(label);
		if (document === undefined) disk.set(label, (document = { elements: new Map(), removed: new Set() }));
		return document;
	}

	function add({ elements }: CarriedDocument, items: readonly Uint8Array[]): void {
		for (const bytes of items) elements.set(`${actor}:${(made += 1)}`, bytes);
	}

	/** Lists are told in any order, and sometimes whole again. */
	function tell(label: string, items: readonly Uint8Array[]): void {
		const name = open.get(label);
		if (name === undefined || items.length === 0 || !power.isOn()) return;
		const told = dice.chance(0.1) ? [...documentOf(label).elements.values()] : items;
		for (const listener of itemListeners) listener(name, dice.shuffled(told));
	}

	return {
		disk,
		isOpen: (document) => open.has(document),
		async openSegment(name) {
			const label = segmentLabel(name);
			if (open.has(label)) return;
			open.set(label, name);
			await power.step(() => undefined, SLOWEST_STORE_MS);
			onOpen(label);
			tell(label, [...documentOf(label).elements.values()]);
		},
		async closeSegment(name) {
			const label = segmentLabel(name);
			open.delete(label);
			await power.step(() => disk.delete(label), SLOWEST_STORE_MS);
		},
		async restSegment(name) {
			open.delete(segmentLabel(name));
		},
		async append(name, items) {
			const label = segmentLabel(name);
			await power.step(() => {
				const document = documentOf(label);
				const held = new Set([...document.elements.values()].map(textOf));
				add(
					document,
					items.filter((bytes) => !held.has(textOf(bytes))),
				);
			}, SLOWEST_STORE_MS);
			onChange(label);
		},
		async merge(label, elements, removed) {
			const fresh: Uint8Array[] = [];
			await power.step(() => {
				const document = documentOf(label);
				for (const name of removed) {
					document.removed.add(name);
					document.elements.delete(name);
				}
				for (const [name, bytes] of elements) {
					if (document.removed.has(name) || document.elements.has(name)) continue;
					document.elements.set(name, bytes);
					fresh.push(bytes);
				}
			}, SLOWEST_STORE_MS);
			onChange(label);
			tell(label, fresh);
		},
		onItems: (listener) => itemListeners.push(listener),
		floor: () => floor,
		changeFloor: (change) => power.step(() => change(floor)),
		onFloor: () => undefined,
		broadcast(message) {
			if (power.isOn()) onBroadcast(message);
		},
		onLane: (listener) => laneListeners.push(listener),
		hearLane(message) {
			if (power.isOn()) for (const listener of laneListeners) listener(message, 'somebody');
		},
		sendTo(peer, message) {
			if (power.isOn()) onSend(peer, message);
		},
		onDirect: (listener) => directListeners.push(listener),
		hearDirect(message, from) {
			if (power.isOn()) for (const listener of directListeners) listener(message, from);
		},
		onLinked(listener) {
			linkListeners.push(listener);
			for (const peer of linked) listener(peer, true);
		},
		setLinked(peers) {
			const before = new Set(linked);
			linked.clear();
			for (const peer of peers) linked.add(peer);
			for (const peer of before) if (!linked.has(peer)) for (const listener of linkListeners) listener(peer, false);
			for (const peer of linked) if (!before.has(peer)) for (const listener of linkListeners) listener(peer, true);
		},
		onDamage: (listener) => damageListeners.push(listener),
		reportDamage(document, reason) {
			if (power.isOn()) for (const listener of damageListeners) listener(document, reason);
		},
		insert(name, items) {
			const label = segmentLabel(name);
			add(documentOf(label), items);
			onChange(label);
		},
		splice(label, count) {
			const document = documentOf(label);
			const names = [...document.elements.keys()];
			const from = dice.below(Math.max(1, names.length));
			const gone = names.slice(from, from + count);
			for (const name of gone) {
				document.elements.delete(name);
				document.removed.add(name);
			}
			onChange(label);
		},
		genesis: () => Promise.resolve(genesis),
		close: () => Promise.resolve(),
	};
}

function textOf(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString('latin1');
}
