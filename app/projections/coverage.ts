/**
 * Which entries a hub or the cloud has on disk, by their newest watermarks.
 *
 * 1. `at-host` and `in-cloud` are two independent facts about an entry.
 * 2. The newest watermark of an issuer rules, even when it covers less than the one before.
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { DeviceId, EntryHash, Scope } from '#schemas/ids.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';

export interface Coverage {
	atHost(hash: EntryHash): boolean;
	inCloud(hash: EntryHash): boolean;
	/** The newest watermarks; what they cover is looked at again. */
	update(watermarks: readonly Watermark[]): void;
}

export function createCoverage(ledger: Ledger): Coverage {
	const tiers = { host: emptyTier(), cloud: emptyTier() };

	function isCovered(tier: Tier, hash: EntryHash): boolean {
		if (tier.covered.has(hash)) return true;
		const covers = tier.watermarks.some(({ marks }) => ledger.isCovered(marks, hash));
		if (covers) tier.covered.add(hash);
		return covers;
	}

	return {
		atHost: (hash) => isCovered(tiers.host, hash),
		inCloud: (hash) => isCovered(tiers.cloud, hash),
		update(watermarks) {
			for (const name of ['host', 'cloud'] as const) {
				const next = watermarks.filter(({ tier }) => tier === name);
				// Only what grew may be remembered: a server that was rolled back covers less than before.
				if (!tiers[name].watermarks.every((before) => next.some((now) => now.issuer === before.issuer && grew(before, now, ledger))))
					tiers[name].covered.clear();
				tiers[name].watermarks = next;
			}
		},
	};
}

/**
 * How far a hub or the cloud says that it has a device's own chains: above that, an entry is on this device alone. A mark that is on no chain known here
 * (this device was copied, and the copy went on) covers nothing, nor does one that lies on another side than the device's own heads.
 */
export function sentUpTo(
	ledger: Pick<Ledger, 'entry' | 'chain' | 'hasSeen'>,
	watermarks: readonly Watermark[],
	self: DeviceId,
	belowSeq: (scope: Scope) => number,
	heads: { readonly [scope in Scope]: { readonly hash: EntryHash } | undefined },
): { readonly [scope in Scope]: number } {
	const reach = (scope: Scope): number => {
		const own = watermarks.flatMap(({ marks }) => marks.filter((mark) => mark.device === self && mark.scope === scope));
		return Math.max(0, ...own.filter(({ seq, hash }) => seq <= belowSeq(scope) || isOwn(scope, hash)).map(({ seq }) => seq));
	};
	const isOwn = (scope: Scope, hash: EntryHash): boolean => {
		if (ledger.entry(hash) === undefined) return false;
		if (ledger.chain(self, scope)?.forks !== true) return true;
		const head = heads[scope]?.hash;
		return head !== undefined && (head === hash || ledger.hasSeen(head, hash));
	};
	return { branch: reach('branch'), store: reach('store') };
}

interface Tier {
	watermarks: readonly Watermark[];
	readonly covered: Set<EntryHash>;
}

function emptyTier(): Tier {
	return { watermarks: [], covered: new Set() };
}

/** A longer mark covers a shorter one, but for a chain that forks: there the longer may lie on the other side. */
function grew(before: Watermark, now: Watermark, ledger: Ledger): boolean {
	const bySide = new Map(now.marks.map((mark) => [`${mark.device}:${mark.scope}:${mark.hash}`, mark]));
	const longest = new Map<string, number>();
	for (const { device, scope, seq } of now.marks) longest.set(`${device}:${scope}`, Math.max(seq, longest.get(`${device}:${scope}`) ?? 0));
	return before.marks.every(({ device, scope, seq, hash }) => {
		if (bySide.has(`${device}:${scope}:${hash}`)) return true;
		// An entry that is not here is nobody's question yet.
		return (longest.get(`${device}:${scope}`) ?? 0) >= seq && (ledger.entry(hash) === undefined || ledger.isCovered(now.marks, hash));
	});
}
