/**
 * Facts become an entry: placed on its chain, timed, signed. Nothing is recorded here; `commit` does that.
 *
 * 1. `hlc` is greater than that of the entry before and of everything the state had folded.
 * 2. `seen` is written as changes against the entry before on the same chain, and never names that chain itself.
 * 3. `seen` never goes back: rows from a cache may lag behind what the device's last entry had seen, but a device does not unlearn.
 * 4. What is sealed can be read by everybody: a body that would be damaged or a fact that breaks its shape throws here, before it is true.
 * 5. A wild wall clock stops no sale.
 */
import { chainKey, decodeBody, encodeBody, joinSealed } from '#core/entry/codec.ts';
import { inLowestVersion } from '#core/entry/fact-version.ts';
import { latestHlc, tickHlc } from '#core/entry/hlc.ts';
import { signerOfKey } from '#core/entry/renewals.ts';
import { applySeen, seenDelta, seenOfMark, type SeenVector } from '#core/entry/seen.ts';
import { tradingDayOf } from '#core/time.ts';
import type { Clock, Digest, Head, Signer, VaultState } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import { ENTRY_VERSION, MAX_SEALED_BYTES, type Entry, type Header } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import { OWNER, type EntryHash, type IntentKey, type PersonId, type Scope, type StoreId } from '#schemas/ids.ts';
import type { Hlc } from '#schemas/mark.ts';

/** What the state on the screen had folded. */
export interface Seen {
	readonly vector: SeenVector;
	readonly hlc: Hlc;
}

/** Where the trading day turns. */
export interface DayRule {
	readonly timeZone: string;
	readonly dayStartMinutes: number;
}

export interface SealRequest {
	readonly branch: readonly Fact[];
	readonly store: readonly Fact[];
	readonly key: IntentKey;
	readonly heads: VaultState['heads'];
	readonly hlc: Hlc;
	readonly seen: Seen;
	readonly day: DayRule;
	/** Who is at the device; absent: the owner. */
	readonly by?: PersonId;
}

export interface Sealed {
	/** One, or two parts: branch first. */
	readonly entries: readonly Entry[];
	readonly heads: VaultState['heads'];
	readonly hlc: Hlc;
}

export type Sealer = (request: SealRequest) => Promise<Sealed | { readonly tooLarge: number }>;

export function createSealer({
	store,
	signer,
	digest,
	clock,
}: {
	readonly store: StoreId;
	readonly signer: Signer;
	readonly digest: Digest;
	readonly clock: Clock;
}): Sealer {
	return async ({ branch, store: storeFacts, key, heads, hlc, seen, day, by = OWNER }) => {
		const parts = (
			[
				['branch', branch],
				['store', storeFacts],
			] as const
		).filter(([, facts]) => facts.length > 0);
		if (parts.length === 0) throw new Error('an intent without facts is not sealed');
		const atMs = Math.min(Math.max(0, Math.floor(clock.nowMs())), LATEST_MS);
		const next: { branch: Head | undefined; store: Head | undefined } = { ...heads };
		const entries: Entry[] = [];
		let time = latestHlc(hlc, seen.hlc);
		for (const [scope, said] of parts) {
			const facts = said.map(inLowestVersion);
			time = tickHlc(time, atMs);
			const head = next[scope];
			const before = head?.seen ?? new Map();
			const first = entries[0];
			const header: Header = {
				v: ENTRY_VERSION,
				store,
				scope,
				device: signer.device,
				seq: (head?.seq ?? 0) + 1,
				...(head === undefined ? {} : { prev: head.hash }),
				hlc: time,
				at: atMs,
				tradingDay: tradingDayOf(atMs, day.timeZone, day.dayStartMinutes),
				seen: seenDelta(before, vectorFor(scope, before, seen.vector, next)),
				key,
				by,
				...(signer.key === undefined || signer.key === signer.device ? {} : { signer: signerOfKey(signer.key) }),
				...(parts.length === 1
					? {}
					: { part: { n: first === undefined ? 1 : 2, of: 2, ...(first === undefined ? {} : { first: first.hash }) } as const }),
			};
			const body = encodeBody(header, facts);
			// Signed and hashed by other threads, while this one reads what it wrote.
			const proving = Promise.all([signer.sign(body), digest.sha256(body)]);
			const problem = bodyProblem(body);
			const [signature, sum] = await proving;
			if (problem !== undefined) throw new Error(`an entry that nobody could read was to be sealed: ${problem}`);
			const sealed = joinSealed(body, signature);
			if (sealed.length > MAX_SEALED_BYTES) return { tooLarge: sealed.length };
			const hash = hexOf(sum) as EntryHash;
			entries.push({ hash, header, facts, sealed });
			next[scope] = { seq: header.seq, hash, seen: applySeen(before, header.seen) };
		}
		return { entries, heads: next, hlc: time };
	};

	/** What the state had folded, and this device's own other chain as it stands now; its own chain is said by `prev`. */
	function vectorFor(scope: Scope, before: SeenVector, folded: SeenVector, heads: VaultState['heads']): SeenVector {
		const other: Scope = scope === 'branch' ? 'store' : 'branch';
		const vector = new Map([...folded].filter(([chain, mark]) => mark[2] >= (before.get(chain)?.[2] ?? 0)));
		vector.delete(chainKey(signer.device, scope));
		const head = heads[other];
		if (head !== undefined) {
			const mark = seenOfMark({ device: signer.device, scope: other, seq: head.seq, hash: head.hash });
			vector.set(chainKey(signer.device, other), mark);
		}
		return vector;
	}
}

function bodyProblem(body: Uint8Array): string | undefined {
	const read = decodeBody(body);
	if ('damaged' in read) return read.damaged;
	const invalid = read.facts.find((fact) => 'invalid' in fact);
	return invalid === undefined ? undefined : `${invalid.type}: ${invalid.invalid}`;
}

/** 2100-01-01: where entries stop to verify (`schemas/entry.ts`). */
const LATEST_MS = 4_102_444_800_000;
