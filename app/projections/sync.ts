/**
 * Where everything is, in the words of a manager: this till, the shop, the cloud. One sentence first.
 *
 * 1. A number of waiting sales is a count of sales of the branch that no newest watermark of that tier covers; nothing is estimated.
 * 2. A sale that somebody shows as paid is safe on the till that sold it, so the sentence never says that anything is in danger while it only waits.
 */
import { chainKey } from '#core/entry/codec.ts';
import { compareText } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';
import { nextBacklog, type Backlog } from './backlog.ts';
import type { Coverage } from './coverage.ts';
import type { PeerRow, SyncRow } from './rows.ts';
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
	readonly damaged: number;
	readonly log: readonly { readonly atMs: number; readonly event: SyncEvent }[];
}

export type SyncEvent =
	| { readonly event: 'watermark-behind'; readonly tier: 'host' | 'cloud'; readonly entries: number }
	| { readonly event: 'refilled'; readonly tier: 'host' | 'cloud' }
	| { readonly event: 'holder'; readonly device: DeviceId }
	| { readonly event: 'cloud'; readonly state: 'none' | 'connected' | 'apart' }
	| { readonly event: 'damaged'; readonly document: string; readonly reason: string }
	| { readonly event: 'vault'; readonly words: string };

/** A holder that was not heard for this long is no holder: its heartbeat comes every second. */
const HOLDER_SILENT_MS = 5_000;

export function syncRow(ledger: Ledger, coverage: Coverage, facts: SyncFacts): SyncRow {
	const { self, nowMs, workingAlone, linked } = facts;
	const sales = [...ledger.state.sales.values(), ...ledger.state.refunds.values()].map(({ entry }) => entry);
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
		...{ sentence: sentenceOf(state), calm: calmOf(state), workingAlone },
		till: { sales: own.length, onDisk: ledger.size(), ...(own.length === 0 ? {} : { lastAtMs: farthestMs(own, Math.max) }) },
		shop: {
			...{ linked: !workingAlone && linked.length > 0, tills, hubs, waiting: forShop.length, words: shopWords(state) },
			...(lease === undefined ? {} : { holder: deviceName(ledger, lease.holder), holderSinceMs: lease.sinceMs }),
		},
		cloud: {
			...{ known: cloudKnown, linked: cloudLinked, sales: sales.length - forCloud.length, waiting: forCloud.length, words: cloudWords(state) },
			...(forCloud.length === 0 ? {} : { oldestWaitingAtMs: farthestMs(forCloud, Math.min) }),
			...drainingOf(cloudLinked, nextBacklog(facts.backlog, forCloud.length)),
		},
		peers: peerRows(ledger, facts),
		...{ duplicates: facts.duplicates, quarantined: ledger.quarantined().length, damaged: facts.damaged, updateNeeded: ledger.updateNeeded() },
		recalculating: facts.recalculating,
		...(facts.stockSaid === undefined ? {} : { stockSaid: { by: signerName(ledger, facts.stockSaid.issuer), atMs: facts.stockSaid.at } }),
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
	return { issuer: signerName(ledger, issuer), agreedBy: agreedBy.map((signer) => signerName(ledger, signer)), untilMs };
}

/** A hub or a relay. */
function signerName(ledger: Ledger, signer: DeviceId): string {
	return ledger.state.relays.get(signer)?.name ?? deviceName(ledger, signer);
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
	return `${tier === 'cloud' ? 'The cloud' : 'The hub'} lost ${plural(count, 'sale')}, sending ${count === 1 ? 'it' : 'them'} again`;
}

function sentenceOf(state: State): string {
	const { workingAlone, linked, hubs, tills, cloudKnown, forShop, forCloud, lost } = state;
	if (lost !== undefined && linked && !workingAlone) return `${lostWords(lost)}. Everything is safe here.`;
	if (workingAlone)
		return forShop === 0
			? 'Working alone. Everything sold before is safe in the shop.'
			: `Working alone. ${sales(forShop)} safe on this till and ${forShop === 1 ? 'waits' : 'wait'} for the shop.`;
	if (!linked)
		return forShop === 0
			? 'No other device is in reach. Everything sold so far is safe in the shop.'
			: `No other device is in reach. ${sales(forShop)} safe on this till.`;
	if (hubs === 0)
		return forShop === 0
			? `The hub is away; ${plural(tills, 'other till')} in reach. Nothing waits for it.`
			: `The hub is away. ${sales(forShop)} safe on this till and shared with ${plural(tills, 'other till')}.`;
	if (!cloudKnown) return forShop === 0 ? 'Everything is safe in the shop.' : `${sales(forShop)} safe on this till and on the way to the hub.`;
	if (forCloud > 0) return `Everything is safe. ${plural(forCloud, 'sale')} ${forCloud === 1 ? 'waits' : 'wait'} for the cloud.`;
	if (forShop > 0) return `${sales(forShop)} safe in the cloud and on the way to the hub.`;
	return 'Everything is safe, in the shop and in the cloud.';
}

function calmOf({ workingAlone, linked, hubs, cloudKnown, cloudLinked, forShop, forCloud, conflicts }: State): SyncRow['calm'] {
	if (conflicts > 0) return { tone: 'coral', words: `${conflicts} to settle` };
	if (workingAlone) return { tone: 'amber', words: 'Working alone' };
	if (!linked) return { tone: 'amber', words: 'No one in reach' };
	if (hubs === 0) return { tone: 'amber', words: 'Hub away' };
	if (cloudKnown && !cloudLinked) return { tone: 'amber', words: forCloud > 0 ? `${forCloud} for the cloud` : 'Cloud away' };
	return forShop > 0 ? { tone: 'kelp', words: 'Saving' } : { tone: 'kelp', words: 'All safe' };
}

function shopWords({ workingAlone, linked, hubs, tills }: State): string {
	if (workingAlone) return 'Links are closed until you reconnect';
	if (!linked) return 'No device in reach';
	const parts = [...(hubs === 0 ? [] : [plural(hubs, 'hub')]), ...(tills === 0 ? [] : [plural(tills, 'other till')])];
	return `${parts.join(' and ')} in reach${hubs === 0 ? ', the hub is away' : ''}`;
}

function cloudWords({ cloudKnown, cloudLinked, forCloud, lost }: State): string {
	if (lost?.tier === 'cloud') return lostWords(lost);
	if (!cloudKnown) return 'This shop has no relay yet';
	if (!cloudLinked)
		return forCloud === 0 ? 'Not in reach; nothing waits' : `Not in reach; ${plural(forCloud, 'sale')} ${forCloud === 1 ? 'waits' : 'wait'}`;
	return forCloud === 0 ? 'Has everything' : `Taking ${plural(forCloud, 'sale')}`;
}

function peerRows(ledger: Ledger, { self, linked, claimedSeq }: SyncFacts): readonly PeerRow[] {
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
					name,
					role,
					connected: link !== undefined,
					how: link === undefined ? 'not in reach' : (HOW[link.transport] ?? link.transport),
					missing,
				},
				heldSeq: { branch: held[0]?.wholeSeq ?? 0, store: held[1]?.wholeSeq ?? 0 },
				...(link === undefined ? {} : { sinceMs: link.connectedSinceMs }),
			};
		})
		.sort((a, b) => Number(b.connected) - Number(a.connected) || compareText(a.name, b.name) || compareText(a.device, b.device));
}

const HOW: Readonly<Record<string, string>> = { webrtc: 'directly', websocket: 'over the network', 'webrtc-direct': 'directly', other: 'linked' };

function eventText(ledger: Ledger, event: SyncEvent): string {
	switch (event.event) {
		case 'watermark-behind':
			return `${event.tier === 'cloud' ? 'The cloud' : 'The hub'} lost ${plural(event.entries, 'entry', 'entries')}, sending them again`;
		case 'refilled':
			return `${event.tier === 'cloud' ? 'The cloud' : 'The hub'} has everything again`;
		case 'holder':
			return `${deviceName(ledger, event.device)} forwards for the shop`;
		case 'cloud':
			return { none: 'The shop has no relay', connected: 'The cloud is in reach', apart: 'The cloud is out of reach' }[event.state];
		case 'damaged':
			return `Damaged data in ${event.document}: ${event.reason}`;
		case 'vault':
			return `On this till: ${event.words}`;
	}
}

function sales(count: number): string {
	return `${plural(count, 'sale')} ${count === 1 ? 'is' : 'are'}`;
}

function plural(count: number, one: string, many = `${one}s`): string {
	return `${count} ${count === 1 ? one : many}`;
}
