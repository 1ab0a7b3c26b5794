/**
 * Which chains need their documents at a peer that is told everything by the lane: a relay, to which one device brings a whole branch. A document costs memory
 * while it is open, and at each end a sync message for each sale, which brings once more what is here already.
 *
 * Invariants:
 * 1. A chain without a gap needs none: all that anybody claims to hold of it is held here whole, and it has no fork.
 * 2. What is missing is asked for by catch-up first. A chain whose gap is still there after that has its documents opened, so that nothing hangs on the lane or on
 *    catch-up: what they do not bring document sync does.
 * 3. While several devices are linked all documents are open: they are where these meet.
 * 4. Documents that are needed no more stay open for a moment, and then rest: not in memory, not shared, but on the disk.
 */
import { chainKey } from '#core/entry/codec.ts';
import type { Timers } from '#ports';
import type { DeviceId, Scope } from '#schemas/ids.ts';

export interface ChainReach {
	readonly device: DeviceId;
	readonly scope: Scope;
	/** Held without a gap. */
	readonly wholeSeq: number;
	/** The highest that is held here, or that anybody claims to hold. */
	readonly knownSeq: number;
	readonly forks: boolean;
}

export interface SegmentRestDeps {
	readonly timers: Timers;
	/** The branch's own, as they stand now. */
	readonly chains: () => readonly ChainReach[];
	/** What came waits to be looked at: what seems to be missing may be in it. */
	readonly isBusy: () => boolean;
	/** By catch-up, whoever is linked. */
	readonly ask: () => void;
	readonly open: (chain: ChainReach) => void;
	/** Documents of chains that are not wanted any more. */
	readonly rest: () => void;
}

export interface SegmentRest {
	isWanted(device: DeviceId, scope: Scope): boolean;
	/** Something was claimed, or came out of order. */
	look(): void;
	/** Whether several devices are linked. */
	setMany(many: boolean): void;
	close(): void;
}

const LOOK_MS = 250;
/** Of a look while the intake is busy: a branch that never rests is looked after all the same, only later. */
const BUSY_LOOK = 0.1;
const ASK_AT_LOOK = 1;
/** Catch-up has had two seconds; a chain that grew meanwhile begins anew. */
const OPEN_AT_LOOK = 8;
/** Somebody claimed what nobody brings: looked at again with the next claim. */
const LAST_LOOK = 16;
const REST_AFTER_MS = 5_000;

export function createSegmentRest({ timers, chains, isBusy, ask, open, rest }: SegmentRestDeps): SegmentRest {
	const gaps = new Map<string, { wholeSeq: number; looks: number }>();
	/** Opened for a gap, and not at rest again. */
	const wanted = new Set<string>();
	let isMany = false;
	let stopLooking: (() => void) | undefined;
	let stopWaiting: (() => void) | undefined;
	let closed = false;

	function look(): void {
		if (closed || stopLooking !== undefined) return;
		stopLooking = timers.after(LOOK_MS, () => {
			stopLooking = undefined;
			lookNow();
		});
	}

	function lookNow(): void {
		const gappy = gappyChains();
		const names = new Set(gappy.map(nameOf));
		for (const name of gaps.keys()) if (!names.has(name)) gaps.delete(name);
		const weight = isBusy() ? BUSY_LOOK : 1;
		const looked = gappy.map((chain) => lookAt(chain, weight));
		if (looked.some(({ before, looks }) => before < ASK_AT_LOOK && looks >= ASK_AT_LOOK)) ask();
		if (looked.some(({ looks }) => looks < LAST_LOOK)) look();
		if ([...wanted].some((name) => !names.has(name))) restSoon();
	}

	/** How often this gap has been looked at without getting smaller. */
	function lookAt(chain: ChainReach, weight: number): { readonly before: number; readonly looks: number } {
		const name = nameOf(chain);
		const known = gaps.get(name);
		const before = known === undefined || known.wholeSeq < chain.wholeSeq ? undefined : known.looks;
		const looks = before === undefined ? 0 : Math.min(before + weight, LAST_LOOK);
		gaps.set(name, { wholeSeq: chain.wholeSeq, looks });
		if (looks >= OPEN_AT_LOOK && !wanted.has(name)) {
			wanted.add(name);
			open(chain);
		}
		return { before: before ?? 0, looks };
	}

	function restSoon(): void {
		stopWaiting ??= timers.after(REST_AFTER_MS, () => {
			stopWaiting = undefined;
			const names = new Set(gappyChains().map(nameOf));
			for (const name of wanted) if (!names.has(name)) wanted.delete(name);
			rest();
		});
	}

	function gappyChains(): readonly ChainReach[] {
		return chains().filter(({ wholeSeq, knownSeq, forks }) => knownSeq > wholeSeq || forks);
	}

	return {
		isWanted: (device, scope) => isMany || wanted.has(chainKey(device, scope)),
		look,
		setMany(many) {
			if (many === isMany) return;
			isMany = many;
			if (many) for (const chain of chains()) open(chain);
			else restSoon();
		},
		close() {
			closed = true;
			stopLooking?.();
			stopWaiting?.();
		},
	};
}

function nameOf({ device, scope }: ChainReach): string {
	return chainKey(device, scope);
}
