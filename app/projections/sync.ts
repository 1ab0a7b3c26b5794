/**
 * Where everything is, in the words of a manager: this till, the shop, the cloud. One sentence first.
 *
 * 1. A number of waiting sales is a count of sales of the branch that no newest watermark of that tier covers; nothing is estimated.
 * 2. A sale that somebody shows as paid is safe on the till that sold it, so the sentence never says that anything is in danger while it only waits.
 * 3. Of another device it says only what that device said to hold (`holders.ts`): a link is no copy.
 * 4. An age is told in whole minutes, hours or days, and from one minute on: a sentence that is read aloud changes once a minute at most while nothing happens.
 */
import { chainKey } from '#core/entry/codec.ts';
import { compareText } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { m } from '#languages/compiled/messages.js';
import { formatAge } from '#languages/figures.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';
import { nextBacklog, type Backlog } from './backlog.ts';
import type { Coverage } from './coverage.ts';
import type { PeerRow, SyncRow } from './rows.ts';
import { damageText, placeText } from './damage-words.ts';
import { deviceNameText } from './device-names.ts';
import { heldElsewhere, holdingsOf, type Holdings } from './holders.ts';
import { deviceName } from './shop.ts';

/** What is known beside the ledger. */
export interface SyncFacts {
	readonly self: DeviceId;
	readonly nowMs: number;
	readonly workingAlone: boolean;
	readonly linked: readonly { readonly device: DeviceId; readonly transport: string; readonly connectedSinceMs: number }[];
	readonly lease:
		{ readonly holder: DeviceId; readonly sinceMs: number; readonly cloud: 'none' | 'connected' | 'apart'; readonly heardAtMs: number } | undefined;
	readonly claimedSeq: ReadonlyMap<string, number>;
	/** What each device last said that it holds. */
	readonly peerMarks: ReadonlyMap<DeviceId, readonly Mark[]>;
	/** What a hub or the cloud covered before it lost some of it. */
	readonly owed?: readonly Watermark[];
	/** Of sales for the cloud, as it stood when this was last asked. */
	readonly backlog?: Backlog | undefined;
	readonly duplicates: number;
	readonly recalculating: boolean;
	/** Who said the stock that is shown, while the own fold is behind. */
	readonly stockSaid?: { readonly issuer: DeviceId; readonly at: number } | undefined;
	readonly adopted?: { readonly issuer: DeviceId; readonly agreedBy: readonly DeviceId[]; readonly untilMs: number } | undefined;
	/** The newest of hubs and the cloud. */
	readonly watermarks?: readonly Pick<Watermark, 'issuer' | 'tier' | 'marks' | 'full'>[];
	readonly damaged: number;
	/** Shown, and not yet on the disk: no sentence says where these are. */
	readonly onTheWay?: ReadonlySet<EntryHash>;
	readonly log: readonly { readonly atMs: number; readonly event: SyncEvent }[];
}

export type SyncEvent =
	| { readonly event: 'watermark-behind'; readonly tier: 'host' | 'cloud'; readonly entries: number }
	| { readonly event: 'refilled'; readonly tier: 'host' | 'cloud' }
	| { readonly event: 'full'; readonly tier: 'host' | 'cloud'; readonly device: DeviceId }
	| { readonly event: 'holder'; readonly device: DeviceId }
	| { readonly event: 'cloud'; readonly state: 'none' | 'connected' | 'apart' }
	| { readonly event: 'damaged'; readonly document: string; readonly reason: string }
	| { readonly event: 'vault'; readonly finding: VaultFinding };

/** As the vault of this till tells it. */
export type VaultFinding = {
	readonly found: 'copy-does-not-open' | 'copy-cannot-be-written' | 'copy-is-full' | 'copy-restored' | 'no-second-copy' | 'copies-equal-again';
};

/** A holder that was not heard for this long is no holder: its heartbeat comes every second. */
const HOLDER_SILENT_MS = 5_000;

export function syncRow(ledger: Ledger, coverage: Coverage, facts: SyncFacts): SyncRow {
	const { self, nowMs, workingAlone, linked, peerMarks, watermarks = [], onTheWay = new Set<EntryHash>() } = facts;
	const sold = [...ledger.state.sales.values(), ...ledger.state.refunds.values()].map(({ entry }) => entry);
	const sales = onTheWay.size === 0 ? sold : sold.filter(({ hash }) => !onTheWay.has(hash));
	const own = sales.filter(({ header }) => header.device === self);
	const waits = (isThere: (hash: EntryHash) => boolean) => sales.filter(({ hash }) => !isThere(hash));
	const forShop = waits((hash) => coverage.atHost(hash));
	const forCloud = waits((hash) => coverage.inCloud(hash));
	const lease = facts.lease !== undefined && nowMs - facts.lease.heardAtMs < HOLDER_SILENT_MS ? facts.lease : undefined;
	const cloudKnown = ledger.state.relays.size > 0;
	const cloudLinked = !workingAlone && lease?.cloud === 'connected';
	const roleOf = (device: DeviceId) => ledger.state.devices.get(device)?.role ?? 'till';
	const hubs = linked.filter(({ device }) => roleOf(device) === 'hub').length;
	const tills = linked.length - hubs;
	const conflicts = ledger.conflicts().length;
	const holdings = holdingsOf(ledger, self, peerMarks, watermarks);
	const state: State = {
		workingAlone,
		linked: linked.length > 0,
		hubs,
		tills,
		cloudKnown,
		cloudLinked,
		forShop: forShop.length,
		forCloud: forCloud.length,
		conflicts,
		...lostOf(ledger, facts, { host: forShop, cloud: forCloud }),
	};
	return {
		...{
			sentence: sentenceOf(state, (entries) => waitWords(ledger, entries, holdings, nowMs), { forShop, forCloud }),
			calm: calmOf(state),
			workingAlone,
		},
		till: { sales: own.length, ...(own.length === 0 ? {} : { lastAtMs: farthestMs(own, Math.max) }) },
		shop: {
			...{ linked: !workingAlone && linked.length > 0, tills, hubs, waiting: forShop.length, words: shopWords(state) },
			...(lease === undefined ? {} : { holder: deviceName(ledger, lease.holder), holderSinceMs: lease.sinceMs }),
		},
		cloud: {
			...{ known: cloudKnown, linked: cloudLinked, sales: sales.length - forCloud.length, waiting: forCloud.length, words: cloudWords(state) },
			...(forCloud.length === 0 ? {} : { oldestWaitingAtMs: farthestMs(forCloud, Math.min) }),
			...drainingOf(cloudLinked, nextBacklog(facts.backlog, forCloud.length)),
		},
		peers: peerRows(ledger, facts, holdings),
		...{ duplicates: facts.duplicates, quarantined: ledger.quarantined().length, damaged: facts.damaged, updateNeeded: ledger.updateNeeded() },
		recalculating: facts.recalculating,
		full: fullOf(ledger, facts),
		...(facts.stockSaid === undefined ? {} : { stockSaid: { by: deviceName(ledger, facts.stockSaid.issuer), atMs: facts.stockSaid.at } }),
		...(facts.adopted === undefined ? {} : { adopted: adoptedOf(ledger, facts.adopted) }),
		log: facts.log.map(({ atMs, event }) => ({ atMs, text: eventText(ledger, event) })).reverse(),
	};
}

/** A few sales are gone before anybody has looked. */
const WORTH_SHOWING = 20;

function drainingOf(isLinked: boolean, backlog: Backlog | undefined): Pick<SyncRow['cloud'], 'draining'> {
	if (!isLinked || backlog === undefined || backlog.sent + backlog.waiting < WORTH_SHOWING) return {};
	return { draining: { sent: backlog.sent, of: backlog.sent + backlog.waiting } };
}

function adoptedOf(ledger: Ledger, { issuer, agreedBy, untilMs }: NonNullable<SyncFacts['adopted']>): NonNullable<SyncRow['adopted']> {
	return { issuer: deviceName(ledger, issuer), agreedBy: agreedBy.map((signer) => deviceName(ledger, signer)), untilMs };
}

/** A day that is over by this clock is over, though nobody has said so yet. */
function fullOf(ledger: Ledger, { watermarks = [], self, nowMs }: SyncFacts): SyncRow['full'] {
	return watermarks.flatMap(({ tier, full }) =>
		full === undefined || full.untilMs <= nowMs
			? []
			: full.devices.map((device) => ({ tier, own: device === self, device: deviceName(ledger, device), untilMs: full.untilMs })),
	);
}

/** One after another: as arguments of one call, a year's sales would be more than a call takes. */
function farthestMs(entries: readonly Entry[], choose: (a: number, b: number) => number): number {
	return entries.map(({ header }) => header.at).reduce((a, b) => choose(a, b));
}

interface State {
	readonly workingAlone: boolean;
	readonly linked: boolean;
	readonly hubs: number;
	readonly tills: number;
	readonly cloudKnown: boolean;
	readonly cloudLinked: boolean;
	readonly forShop: number;
	readonly forCloud: number;
	readonly conflicts: number;
	/** What was put back to an older copy, and the sales that it had before and has not again yet. */
	readonly lost?: { readonly tier: Watermark['tier']; readonly sales: number };
}

function lostOf(ledger: Ledger, { owed = [] }: SyncFacts, waiting: Readonly<Record<Watermark['tier'], readonly Entry[]>>): Pick<State, 'lost'> {
	const losses = owed.map(({ tier, marks }) => ({ tier, sales: waiting[tier].filter(({ hash }) => ledger.isCovered(marks, hash)).length }));
	const most = losses.reduce<(typeof losses)[number] | undefined>((worst, one) => (one.sales > (worst?.sales ?? 0) ? one : worst), undefined);
	return most === undefined ? {} : { lost: most };
}

/** Nothing of it is in danger: whoever says so has it. */
function lostWords({ tier, sales: count }: NonNullable<State['lost']>): string {
	return m.sync_lost({ tier, count });
}

/** How much waits, since when, and where it is meanwhile. */
interface WaitWords {
	readonly count: number;
	readonly oldest: string;
	readonly where: string;
}

function sentenceOf(
	{ workingAlone, linked, hubs, tills, cloudKnown, lost }: State,
	wordsOf: (waiting: readonly Entry[]) => WaitWords,
	{ forShop, forCloud }: { readonly forShop: readonly Entry[]; readonly forCloud: readonly Entry[] },
): string {
	if (lost !== undefined && linked && !workingAlone) return m.sync_lost_safe({ what: lostWords(lost) });
	if (workingAlone) return forShop.length === 0 ? m.sync_alone() : m.sync_alone_waiting(wordsOf(forShop));
	if (!linked) return forShop.length === 0 ? m.sync_nobody() : m.sync_nobody_waiting(wordsOf(forShop));
	if (hubs === 0) return forShop.length === 0 ? m.sync_hub_away({ count: tills }) : m.sync_hub_away_waiting(wordsOf(forShop));
	if (!cloudKnown) return forShop.length === 0 ? m.sync_safe_shop() : m.sync_to_hub(wordsOf(forShop));
	if (forCloud.length > 0) return m.sync_to_cloud(wordsOf(forCloud));
	if (forShop.length > 0) return m.sync_cloud_first({ count: forShop.length });
	return m.sync_safe();
}

function waitWords(ledger: Ledger, waiting: readonly Entry[], holdings: Holdings, nowMs: number): WaitWords {
	const count = waiting.length;
	const age = formatAge(nowMs - farthestMs(waiting, Math.min));
	const { others, alone } = heldElsewhere(ledger, waiting, holdings);
	return { count, oldest: age === undefined ? '' : m.sync_oldest({ count, age }), where: whereWords(count, others, alone) };
}

function whereWords(count: number, others: number, alone: number): string {
	if (others > 0) return m.sync_where_others({ count, others });
	if (alone === 0) return m.sync_where_each();
	return alone === count ? m.sync_where_here({ count }) : m.sync_where_some({ alone });
}

function calmOf({ workingAlone, linked, hubs, cloudKnown, cloudLinked, forShop, forCloud, conflicts }: State): SyncRow['calm'] {
	if (conflicts > 0) return { tone: 'coral', words: m.calm_settle({ count: conflicts }) };
	if (workingAlone) return { tone: 'amber', words: m.calm_alone() };
	if (!linked) return { tone: 'amber', words: m.calm_nobody() };
	if (hubs === 0) return { tone: 'amber', words: m.calm_hub_away() };
	if (cloudKnown && !cloudLinked) return { tone: 'amber', words: forCloud > 0 ? m.calm_for_cloud({ count: forCloud }) : m.calm_cloud_away() };
	return forShop > 0 ? { tone: 'kelp', words: m.calm_saving() } : { tone: 'kelp', words: m.calm_safe() };
}

function shopWords({ workingAlone, linked, hubs, tills }: State): string {
	if (workingAlone) return m.sync_shop_closed();
	if (!linked) return m.sync_shop_nobody();
	if (hubs === 0) return m.sync_shop_tills({ count: tills });
	return tills === 0
		? m.sync_shop_hubs({ count: hubs })
		: m.sync_shop_both({ hubs: m.sync_hubs({ count: hubs }), tills: m.sync_tills({ count: tills }) });
}

function cloudWords({ cloudKnown, cloudLinked, forCloud, lost }: State): string {
	if (lost?.tier === 'cloud') return lostWords(lost);
	if (!cloudKnown) return m.sync_cloud_none();
	if (!cloudLinked) return forCloud === 0 ? m.sync_cloud_away() : m.sync_cloud_away_waiting({ count: forCloud });
	return forCloud === 0 ? m.sync_cloud_all() : m.sync_cloud_taking({ count: forCloud });
}

function peerRows(ledger: Ledger, { self, linked, claimedSeq }: SyncFacts, holdings: Holdings): readonly PeerRow[] {
	const chains = new Map(ledger.chains().map((chain) => [chain.key, chain]));
	return [...ledger.state.devices.values()]
		.filter(({ branch }) => branch === ledger.branch)
		.filter(({ device, standing }) => device !== self && standing === 'active')
		.map(({ device, name, role }): PeerRow => {
			const link = linked.find((one) => one.device === device);
			const held = (['branch', 'store'] as const).map((scope) => chains.get(chainKey(device, scope)));
			const missing = (['branch', 'store'] as const).reduce((sum, scope, place) => {
				const known = Math.max(claimedSeq.get(chainKey(device, scope)) ?? 0, held[place]?.heardSeq ?? 0, held[place]?.heldSeq ?? 0);
				return sum + Math.max(0, known - (held[place]?.wholeSeq ?? 0));
			}, 0);
			return {
				...{
					device,
					name: deviceNameText(name),
					role,
					connected: link !== undefined,
					how: link === undefined ? m.link_none() : (HOW[link.transport]?.() ?? link.transport),
					missing,
				},
				...lackingOf(ledger, self, holdings.get(device)),
				...(link === undefined ? {} : { sinceMs: link.connectedSinceMs }),
			};
		})
		.sort((a, b) => Number(b.connected) - Number(a.connected) || compareText(a.name, b.name) || compareText(a.device, b.device));
}

/** Of a device that has said nothing yet nothing is said. */
function lackingOf(ledger: Ledger, self: DeviceId, marks: readonly Mark[] | undefined): Pick<PeerRow, 'lacking'> {
	if (marks === undefined) return {};
	const lacking = (['branch', 'store'] as const).map((scope) => {
		const there = marks.filter(({ device, scope: of }) => device === self && of === scope).map(({ seq }) => seq);
		return Math.max(0, (ledger.chain(self, scope)?.wholeSeq ?? 0) - Math.max(0, ...there));
	});
	return { lacking: lacking.reduce((sum, count) => sum + count, 0) };
}

const HOW: Readonly<Record<string, () => string>> = {
	...{ webrtc: m.link_direct, 'webrtc-direct': m.link_direct },
	...{ websocket: m.link_network, other: m.link_other },
};

function eventText(ledger: Ledger, event: SyncEvent): string {
	switch (event.event) {
		case 'watermark-behind':
			return m.sync_log_lost({ tier: event.tier, count: event.entries });
		case 'refilled':
			return m.sync_log_refilled({ tier: event.tier });
		case 'full':
			return m.sync_log_full({ tier: event.tier, device: deviceName(ledger, event.device) });
		case 'holder':
			return m.sync_log_holder({ device: deviceName(ledger, event.device) });
		case 'cloud':
			return { none: m.sync_log_no_relay, connected: m.sync_log_connected, apart: m.sync_log_apart }[event.state]();
		case 'damaged':
			return m.sync_log_damaged({ document: placeText(event.document), reason: damageText(event.reason) });
		case 'vault':
			return VAULT[event.finding.found]();
	}
}

const VAULT: Readonly<Record<VaultFinding['found'], () => string>> = {
	'copy-does-not-open': m.vault_copy_does_not_open,
	'copy-cannot-be-written': m.vault_copy_cannot_be_written,
	'copy-is-full': m.vault_copy_is_full,
	'copy-restored': m.vault_copy_restored,
	'no-second-copy': m.vault_no_second_copy,
	'copies-equal-again': m.vault_copies_equal_again,
};
