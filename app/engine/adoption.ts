/**
 * A checkpoint that a hub or the relay signed, as the state of a newcomer: usable at once, and another's word until it is recomputed.
 *
 * 1. It is begun from only where nothing was held before, and only if its own roster lets its signer speak. What came meanwhile is folded on it.
 * 2. Until it is recomputed, entries from below its cut are stored and not folded; they are fetched from the bottom of each chain up, by whoever keeps a
 *    whole record (hub, relay), and by a till as soon as something needs them.
 * 3. A till that has pruned what lies below its own checkpoint stands the same way: by its own word.
 * 4. Recomputed means: every entry below the cut is here, and they fold to the very bytes that were signed. If they do not, that is a finding, and the entries rule.
 */
import type { Checkpoint } from '#core/ledger/checkpoint.ts';
import type { Ledger, LedgerChange } from '#core/ledger/ledger.ts';
import type { RenewableLedger } from '#core/ledger/renewable.ts';
import type { LedgerState } from '#core/ledger/state.ts';
import type { Digest, EntryStore } from '#ports';
import { decode, encode, hexOf, bytesOfHex } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, DeviceId, Scope, StoreId } from '#schemas/ids.ts';
import { mark as markSchema, type Mark } from '#schemas/mark.ts';
import { deviceId } from '#schemas/ids.ts';
import type { CheckpointOffer } from '#schemas/wire/checkpoint-offer.ts';
import * as v from 'valibot';
import { encodeCheckpoint, openCheckpoint } from './checkpoints.ts';
import { createOneAtATime } from './one-at-a-time.ts';
import { isKeyOf } from './signed-body.ts';
import { openOffer, type SignedCheckpoint } from './signed-checkpoint.ts';
import type { Verifier } from './verify.ts';

export interface AdoptionDeps {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly entryStore: Pick<EntryStore, 'getCache' | 'setCache'>;
	readonly ledger: RenewableLedger;
	readonly verifier: Verifier;
	readonly digest: Digest;
	/** Hub and relay: they fetch and recompute at once. */
	readonly keepsAll: boolean;
	/** One chain on disk from a place on, the vault's part of it behind what lies in the entry store. */
	readonly chain: (device: DeviceId, scope: Scope, fromSeq: number, limit: number) => Promise<readonly Uint8Array[]>;
	/** Everything on disk. */
	readonly readAll: () => Promise<readonly Entry[]>;
	/** Puts the chains of what is enrolled among these where they belong. */
	readonly certify: (entries: readonly Entry[]) => Promise<void>;
	readonly onBegun: (checkpoint: Checkpoint, change: LedgerChange) => void;
	readonly onRecomputed: () => void;
	/** Two signers differ, or entries and signer do: in words. */
	readonly onDiffers: (words: string) => void;
	readonly onChanged: () => void;
	readonly checkpointCache: string;
}

/** What is told of it. */
export interface Adopted {
	readonly issuer: DeviceId;
	/** Other signers with the same. */
	readonly agreedBy: readonly DeviceId[];
	/** Figures up to here are the signer's; hybrid ms. */
	readonly untilMs: number;
}

export interface Adoption {
	load(): Promise<void>;
	now(): Adopted | undefined;
	/** What lies below a cut is not all on disk. */
	isPartial(): boolean;
	/** What lies below this checkpoint, this device's own or adopted before, leaves by `prune`, which writes the note in the same transaction. */
	standBy(checkpoint: Checkpoint, prune: (note: readonly [name: string, bytes: Uint8Array]) => Promise<unknown>): Promise<void>;
	wants(): 'begin' | 'compare' | 'nothing';
	fits(offer: CheckpointOffer): boolean;
	begin(from: SignedCheckpoint, bytes: Uint8Array): Promise<void>;
	compare(other: CheckpointOffer): Promise<void>;
	/** Everything has come by another way: there is nothing to begin from any more. */
	caughtUp(): void;
	/** What lies below the cut is asked for; true while it is not all here. */
	needBelow(): boolean;
	isClimbing(): boolean;
	/** How far this device holds each chain from its beginning, for an ask. */
	locate(): Promise<readonly Mark[]>;
}

const ADOPTED = 'adopted';
const PAGE = 500;

interface Standing {
	/** Absent: this device's own. */
	readonly word?: SignedCheckpoint;
	/** What the entries below the cut must fold to. */
	readonly hash: CheckpointOffer['hash'];
	readonly agreedBy: readonly DeviceId[];
	readonly cut: readonly Mark[];
}

const record = v.strictObject({
	signed: v.optional(v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/))),
	hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
	agreedBy: v.array(deviceId),
	cut: v.array(markSchema),
});

export function createAdoption(deps: AdoptionDeps): Adoption {
	const { store, branch, entryStore, ledger, verifier, digest } = deps;
	let standing: Standing | undefined;
	let isEmpty = false;
	let wantsBelow = false;
	let recomputing: Promise<void> | undefined;
	/** What stands and what is noted of it change one after another: each begins from what the one before left. */
	const inTurn = createOneAtATime();
	/** Per chain below the cut, how far it is on disk from its beginning. */
	const bottoms = new Map<string, Mark>();

	async function load(): Promise<void> {
		isEmpty = ledger.size() === 0 && ledger.deps.checkpoint === undefined;
		const bytes = await entryStore.getCache(ADOPTED);
		const parsed = v.safeParse(record, bytes === undefined ? undefined : decode(bytes));
		if (!parsed.success || ledger.deps.checkpoint === undefined) return;
		const { signed, hash, agreedBy, cut } = parsed.output;
		const word = signed === undefined ? undefined : await openOffer(bytesOfHex(signed), digest);
		if (signed !== undefined && word === undefined) return;
		standing = { ...(word === undefined ? {} : { word }), hash, agreedBy, cut };
		wantsBelow = deps.keepsAll;
	}

	async function keep(next: Standing | undefined): Promise<void> {
		await entryStore.setCache(ADOPTED, noteOf(next));
		standing = next;
		deps.onChanged();
	}

	function noteOf(of: Standing | undefined): Uint8Array {
		if (of === undefined) return new Uint8Array();
		const { word, hash, agreedBy, cut } = of;
		return encode({ ...(word === undefined ? {} : { signed: hexOf(word.signed) }), hash, agreedBy, cut });
	}

	async function standBy(checkpoint: Checkpoint, prune: Parameters<Adoption['standBy']>[1]): Promise<void> {
		const cut = checkpoint.chains.map(({ device, scope, seq, hash }) => ({ device, scope, seq, hash }));
		const hash = hexOf(await digest.sha256(encodeCheckpoint(checkpoint)));
		const next: Standing = { ...(standing?.word === undefined ? {} : { word: standing.word }), hash, agreedBy: standing?.agreedBy ?? [], cut };
		await prune([ADOPTED, noteOf(next)]);
		standing = next;
		bottoms.clear();
	}

	async function begin(from: SignedCheckpoint, bytes: Uint8Array): Promise<void> {
		const checkpoint = await openCheckpoint(bytes, store, verifier);
		if (checkpoint?.branch !== branch || checkpoint.last.hash !== from.offer.last) return;
		await deps.certify(checkpoint.kept.map(({ entry }) => entry));
		if (draftOn(checkpoint, from.offer) === undefined) return;
		const cut = checkpoint.chains.map(({ device, scope, seq, hash }) => ({ device, scope, seq, hash }));
		// First whose word it is, then the word: a crash in between leaves a note about nothing.
		await keep({ word: from, hash: from.offer.hash, agreedBy: [], cut });
		await entryStore.setCache(deps.checkpointCache, bytes);
		const draft = draftOn(checkpoint, from.offer); // Once more: with what came while the disk wrote.
		if (draft === undefined) {
			await entryStore.setCache(deps.checkpointCache, new Uint8Array());
			await keep(undefined);
			return;
		}
		isEmpty = false;
		wantsBelow = deps.keepsAll;
		deps.onBegun(checkpoint, ledger.renew(draft, checkpoint));
		deps.onChanged();
	}

	/** Undefined where it does not go together with what is here, or its signer may not speak. */
	function draftOn(checkpoint: Checkpoint, offer: CheckpointOffer): Ledger | undefined {
		const ends = new Map(checkpoint.chains.map((end) => [`${end.device}:${end.scope}`, end.seq]));
		const draft = ledger.draft(checkpoint);
		draft.add(ledger.entries().filter(({ header }) => header.seq > (ends.get(`${header.device}:${header.scope}`) ?? 0)));
		return !draft.needsHistory() && maySpeak(offer, draft.state) && knowsKeysOf(offer, draft.state) ? draft : undefined;
	}

	/** Whoever kept a renewal out of its checkpoint that is known here speaks by a key that was given up. */
	function knowsKeysOf({ issuer }: CheckpointOffer, state: LedgerState): boolean {
		const keys = state.relays.get(issuer)?.keys;
		return (ledger.state.relays.get(issuer)?.keys ?? []).every((key, n) => keys?.[n] === key);
	}

	/** A hub of this branch by its certificate until it is removed, a relay that this ledger knows by the key that it has there. */
	function maySpeak(offer: CheckpointOffer, state: LedgerState): boolean {
		const { issuer } = offer;
		const certificate = verifier.certificateOf(issuer);
		const isHub = certificate?.role === 'hub' && certificate.branch === branch && (state.devices.get(issuer)?.standing ?? 'active') === 'active';
		return (isHub || state.relays.has(issuer)) && isKeyOf(offer, state);
	}

	async function compare(other: CheckpointOffer): Promise<void> {
		const offer = standing?.word?.offer;
		if (standing === undefined || offer === undefined || other.last !== offer.last || other.issuer === offer.issuer) return;
		if (!maySpeak(other, ledger.state)) return;
		if (other.hash !== offer.hash) deps.onDiffers(`two signers hold different figures up to the same entry: ${offer.issuer} and ${other.issuer}`);
		else if (!standing.agreedBy.includes(other.issuer)) await keep({ ...standing, agreedBy: [...standing.agreedBy, other.issuer] });
	}

	// ——— from the bottom up

	async function locate(): Promise<readonly Mark[]> {
		const ends = ledger.locator();
		if (standing === undefined || !wantsBelow) return ends;
		const open = new Map<string, Mark | undefined>();
		for (const end of standing.cut) {
			const at = await climb(end);
			if (at === undefined || at.seq < end.seq) open.set(nameOf(end), at);
		}
		if (open.size === 0) {
			const of = standing;
			recomputing ??= inTurn(() => recompute(of)).finally(() => {
				recomputing = undefined;
			});
			await recomputing;
			return ledger.locator();
		}
		return [...[...open.values()].filter((at) => at !== undefined), ...ends.filter((end) => !open.has(nameOf(end)))];
	}

	/** As far as the disk has this chain, link by link. */
	async function climb(end: Mark): Promise<Mark | undefined> {
		const { device, scope } = end;
		const lost = lostOf(device, scope);
		let at = bottoms.get(nameOf(end));
		for (let moved = true; moved && (at?.seq ?? 0) < end.seq;) {
			moved = false;
			for (const sealed of await deps.chain(device, scope, (at?.seq ?? 0) + 1, PAGE)) {
				const entry = await verifier.unproven(sealed);
				if (!('header' in entry) || entry.header.seq > end.seq) continue;
				const { seq, prev } = entry.header;
				const isNext = seq === (at?.seq ?? 0) + 1 && prev === at?.hash;
				if (!isNext && !lost.some(({ fromSeq, toSeq }) => fromSeq <= (at?.seq ?? 0) + 1 && toSeq + 1 === seq)) continue;
				at = { device, scope, seq, hash: entry.hash };
				moved = true;
			}
		}
		if (at !== undefined) bottoms.set(nameOf(end), at);
		return at;
	}

	function lostOf(device: DeviceId, scope: Scope): readonly { readonly fromSeq: number; readonly toSeq: number }[] {
		return ledger
			.entries()
			.flatMap(({ facts }) =>
				facts.flatMap((fact) =>
					!('raw' in fact) && fact.type === 'entries.declaredLost' && fact.device === device && fact.chain === scope ? [fact] : [],
				),
			);
	}

	async function recompute(of: Standing): Promise<void> {
		if (standing?.hash !== of.hash) return; // More has left the disk meanwhile: that is another cut.
		const { word, hash, cut } = of;
		const ends = new Map(cut.map((end) => [nameOf(end), end.seq]));
		const past = ledger.draft(undefined);
		past.add((await deps.readAll()).filter(({ header }) => header.seq <= (ends.get(nameOf(header)) ?? 0)));
		const isSame = hexOf(await digest.sha256(encodeCheckpoint(past.asCheckpoint()))) === hash;
		wantsBelow = false;
		bottoms.clear();
		await keep(undefined);
		if (!isSame) deps.onDiffers(`what ${word?.offer.issuer ?? 'this device'} signed is not what its entries come to`);
		deps.onRecomputed();
		if (!isSame) deps.onChanged();
	}

	return {
		load,
		now: () => standing?.word && { issuer: standing.word.offer.issuer, agreedBy: standing.agreedBy, untilMs: standing.word.offer.lastMs },
		isPartial: () => standing !== undefined,
		standBy: (checkpoint, prune) => inTurn(() => standBy(checkpoint, prune)),
		wants: () => (standing !== undefined ? (standing.word === undefined ? 'nothing' : 'compare') : isEmpty ? 'begin' : 'nothing'),
		fits: (offer) => offer.store === store && offer.branch === branch,
		begin: (from, bytes) => inTurn(() => begin(from, bytes)),
		compare: (other) => inTurn(() => compare(other)),
		caughtUp() {
			isEmpty = false;
		},
		needBelow() {
			if (standing === undefined) return false;
			wantsBelow = true;
			return true;
		},
		isClimbing: () => wantsBelow,
		locate,
	};
}

function nameOf({ device, scope }: { readonly device: DeviceId; readonly scope: Scope }): string {
	return `${device}:${scope}`;
}
