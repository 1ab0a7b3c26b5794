/**
 * A sealed shop that brings its sales to a relay as a hub does: each at once by the live lane, and in the till's segment document a tenth of a second later, with what
 * else came by then, as tills' documents reach their hub. It says how far it has
 * come, and answers what it is asked for. It folds nothing and keeps its documents in memory: what is measured is the relay.
 *
 * 1. A sale is in the cloud when a watermark of the relay covers its place.
 * 2. Sales go out by the lane one by one, as tills send them, never in a batch.
 */
import { createDocuments, type AutomergeDocuments } from '#adapters/documents-automerge/documents-automerge.ts';
import { systemClock } from '#adapters/clock-system/clock-system.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { createRelayLink, type RelayNetworkLink } from '#adapters/relay-websocket/relay-link.ts';
import { splitSealed } from '#core/entry/codec.ts';
import { TELL_EVERY_MS } from '#engine/replicate.ts';
import type { ChunkStorage, Timers } from '#ports';
import { bytesOfHex, decode, hexOf } from '#schemas/cbor.ts';
import { segmentOfSeq, type SegmentName } from '#schemas/documents/segment.ts';
import type { DeviceId, Scope } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import { PAGE_BYTES, PAGE_ENTRIES, type DirectMessage } from '#schemas/wire/direct.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';
import type { SealedShop, SealedTill } from './sealed-shops.ts';

export interface LinkedShop {
	/** Resolves when the relay has the shop's opening on its disk. */
	opened(): Promise<void>;
	/** The next sale of this till; false: there is none left. `atMs`: when it was made, by `performance.now()`. */
	sell(till: number, atMs: number): boolean;
	/** All sales of all tills that lie in `SealedShop`, into the documents alone; before the link, as after a month alone. */
	fillDocuments(): Promise<void>;
	link(): void;
	/** Sent and not in the cloud. */
	waiting(): number;
	onCovered(listener: (ms: number) => void): void;
	close(): Promise<void>;
}

interface Till extends SealedTill {
	/** When each was made; the place is the seq less one. */
	readonly soldAtMs: number[];
	covered: number;
	/** By document. */
	unwritten: { readonly seq: number; readonly sealed: Uint8Array }[];
}

const digest = createDigest();
/** automerge-repo says what changed in a document so long after it did. */
const DOCUMENT_AFTER_MS = 100;
/** As a replica does (`engine/replicate.ts`): the lane may not be open yet. */
const TELL_AGAIN_MS = 1_000;

export async function linkedShop({ shop, opening, tills: sealedTills }: SealedShop, url: string, timers: Timers): Promise<LinkedShop> {
	const { store, branch, hub, hubChain, root } = shop;
	const repoPeer = `peer-of-${hub.device.slice(0, 16)}`;
	const parts = { store, branch, repoPeer, timers, clock: systemClock };
	const link: RelayNetworkLink = createRelayLink({ ...parts, url: () => url, signer: hub, chain: hubChain });
	const documents: AutomergeDocuments = await createDocuments({
		...{ store, branch, genesis: { store, root: root.device }, repoPeer, storage: storageInMemory(), network: [link.network], digest, timers },
	});
	const tills: readonly Till[] = sealedTills.map((till) => ({ ...till, soldAtMs: [], covered: 0, unwritten: [] }));
	const listeners: ((ms: number) => void)[] = [];
	const covers = Promise.withResolvers<undefined>();
	const segmentOf = (device: DeviceId, scope: Scope, seq: number): SegmentName => ({ store, branch, scope, device, n: segmentOfSeq(seq) });

	function hear(signed: string): void {
		const [body] = decode(bytesOfHex(signed)) as [string, string];
		const { marks, tier } = decode(bytesOfHex(body)) as Watermark;
		if (tier !== 'cloud') return;
		const nowMs = performance.now();
		for (const { device, scope, seq } of marks) {
			if (scope === 'store' && device === hub.device && seq >= opening.length) covers.resolve(undefined);
			const till = scope === 'branch' ? tills.find((one) => one.device === device) : undefined;
			for (; till !== undefined && till.covered < seq; till.covered += 1) {
				const soldAtMs = till.soldAtMs[till.covered];
				if (soldAtMs !== undefined) for (const listener of listeners) listener(nowMs - soldAtMs);
			}
		}
	}
	/** All that there is by now. */
	const heldChains = (): readonly HeldChain[] => [
		{ device: hub.device, scope: 'store', chain: hubChain, sealed: opening },
		...tills.map(({ device, chain, sales, soldAtMs }): HeldChain => ({ device, scope: 'branch', chain, sealed: sales.slice(0, soldAtMs.length) })),
	];
	async function tell(): Promise<void> {
		const marks: Mark[] = [];
		for (const { device, scope, sealed } of heldChains()) {
			const body = splitSealed(sealed.at(-1) ?? new Uint8Array())?.body;
			if (body !== undefined) marks.push({ device, scope, seq: sealed.length, hash: hexOf(await digest.sha256(body)) as Mark['hash'] });
		}
		documents.broadcast({ t: 'marks', device: hub.device, marks });
	}
	async function writeDocument(till: Till): Promise<void> {
		const { device, unwritten } = till;
		till.unwritten = [];
		for (const [n, some] of Map.groupBy(unwritten, ({ seq }) => segmentOfSeq(seq)))
			await documents.append(
				{ ...segmentOf(device, 'branch', 1), n },
				some.map(({ sealed }) => sealed),
			);
	}
	const stopTelling = timers.every(TELL_EVERY_MS, tell);
	documents.onLinked((_, isLinked) => {
		if (!isLinked) return;
		void tell();
		timers.after(TELL_AGAIN_MS, tell);
	});
	documents.onLane((message) => {
		if (message.t === 'watermark') hear(message.signed);
	});
	documents.onDirect((message, from) => {
		if (message.t === 'watermark') hear(message.signed);
		else if (message.t === 'ask') documents.sendTo(from, pageFor(message, heldChains()));
	});
	await documents.append(segmentOf(hub.device, 'store', 1), [hubChain, ...opening]);
	for (const { device, chain } of tills) await documents.append(segmentOf(device, 'branch', 1), [chain]);

	return {
		opened: () => covers.promise,
		sell(place, atMs) {
			const till = tills[place];
			const sealed = till?.sales[till.soldAtMs.length];
			if (till === undefined || sealed === undefined) return false;
			till.soldAtMs.push(atMs);
			documents.broadcast({ t: 'entries', sealed: [sealed] });
			const seq = till.soldAtMs.length;
			till.unwritten.push({ seq, sealed });
			if (till.unwritten.length === 1) timers.after(DOCUMENT_AFTER_MS, () => writeDocument(till));
			return true;
		},
		async fillDocuments() {
			for (const { device, sales, soldAtMs, chain } of tills) {
				for (let from = 0; from < sales.length; from += 1_000) {
					const some = sales.slice(from, from + 1_000);
					await documents.append(segmentOf(device, 'branch', from + 1), [chain, ...some]);
					for (const _ of some) soldAtMs.push(performance.now());
				}
			}
		},
		link: link.start,
		waiting: () => tills.reduce((sum, { soldAtMs, covered }) => sum + soldAtMs.length - covered, 0),
		onCovered: (listener) => {
			listeners.push(listener);
		},
		async close() {
			stopTelling();
			for (const till of tills) await writeDocument(till);
			await link.stop();
			await documents.close();
		},
	};
}

interface HeldChain {
	readonly device: DeviceId;
	readonly scope: Scope;
	readonly chain: Uint8Array;
	readonly sealed: readonly Uint8Array[];
}

function pageFor({ id, above }: Extract<DirectMessage, { t: 'ask' }>, held: readonly HeldChain[]): DirectMessage {
	const chains: string[] = [];
	const page: string[] = [];
	let bytes = 0;
	for (const { device, scope, chain, sealed } of held) {
		const reached = above.reduce((most, mark) => (mark.device === device && mark.scope === scope ? Math.max(most, mark.seq) : most), 0);
		if (reached < sealed.length) chains.push(hexOf(chain));
		for (const one of sealed.slice(reached)) {
			if (page.length >= PAGE_ENTRIES || bytes >= PAGE_BYTES) return { t: 'page', id, chains, sealed: page, more: true };
			page.push(hexOf(one));
			bytes += one.length;
		}
	}
	return { t: 'page', id, chains, sealed: page, more: false };
}

/** Nothing of it outlives the process: the disk of a shop is not what is measured. */
function storageInMemory(): ChunkStorage {
	const kept = new Map<string, { readonly key: string[]; readonly data: Uint8Array }>();
	const nameOf = (key: readonly string[]): string => key.join('/');
	const isIn = (name: string, range: string): boolean => name === range || name.startsWith(`${range}/`);
	return {
		load: async (key) => kept.get(nameOf(key))?.data,
		save: async (key, data) => void kept.set(nameOf(key), { key, data }),
		remove: async (key) => void kept.delete(nameOf(key)),
		loadRange: async (prefix) => [...kept].filter(([name]) => isIn(name, nameOf(prefix))).map(([, one]) => one),
		removeRange: async (prefix) => {
			for (const name of [...kept.keys()]) if (isIn(name, nameOf(prefix))) kept.delete(name);
		},
	};
}
