/**
 * Who carries the branch to the cloud: one device of a network's part holds the lease, the others sync with it. Pure: state, message, now → state, messages.
 *
 * Invariants:
 * 1. A term is (number, device): two holders never share one, and a device's own terms grow for as long as it runs.
 * 2. A holder steps down only when it hears a higher term; nothing that it does not hear makes it stop. Two sides of a split network both have one.
 * 3. Who has heard of no holder for `QUIET_MS` claims; who ranks before the holder claims over it. Rank: has reached the cloud for ten seconds, then a hub
 *    before a till, then the smaller id. So in a part of the network that was steady for five seconds the first in rank holds the lease, alone:
 *    2.5 s of quiet, a claim that is heard at once, and a claim over it by whoever ranks before; each claim ranks before the last, and there are no ties.
 * 4. Time is the device's own and only ever compared with itself; what others say of time they say as a span. A clock that is set back costs a quiet spell.
 */
import { compareText } from '#core/entry/order.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { LaneMessage } from '#schemas/wire/lane.ts';

export type LeaseMessage = Extract<LaneMessage, { readonly t: 'lease' }>;
export type Term = LeaseMessage['term'];

export const HEARTBEAT_MS = 1_000;
/** Two heartbeats may be lost; the third is late by half. */
export const QUIET_MS = 2_500;
/** A cloud that comes and goes moves no lease. */
export const REACHED_MS = 10_000;

export interface LeaseState {
	readonly self: DeviceId;
	readonly isHub: boolean;
	/** Whether this device has reached the cloud, and since when it is so. Undefined: it has no cloud to reach. */
	readonly cloud: { readonly reached: boolean; readonly sinceMs: number } | undefined;
	/** While this device holds the lease. */
	readonly own: { readonly term: Term; readonly sinceMs: number; readonly beatAtMs: number } | undefined;
	/** The other device that does, as last heard. */
	readonly holder: Holder | undefined;
	/** Since when there has been no holder to hear; moves on with every message of one. */
	readonly quietSinceMs: number;
	/** Of every term heard or held. */
	readonly highest: number;
}

export interface Holder {
	readonly term: Term;
	readonly isHub: boolean;
	readonly cloud: LeaseMessage['cloud'];
	readonly cloudForMs: number;
	/** By this device's clock. */
	readonly heardAtMs: number;
	readonly sinceMs: number;
}

export interface LeaseStep {
	readonly state: LeaseState;
	readonly send: readonly LeaseMessage[];
}

export function startLease(self: DeviceId, isHub: boolean, nowMs: number): LeaseState {
	return { self, isHub, cloud: undefined, own: undefined, holder: undefined, quietSinceMs: nowMs, highest: 0 };
}

export function setCloud(state: LeaseState, reached: boolean | undefined, nowMs: number): LeaseState {
	if (state.cloud?.reached === reached) return state;
	return { ...state, cloud: reached === undefined ? undefined : { reached, sinceMs: nowMs } };
}

/** `isHub`: what the roster says of the message's device. */
export function hearLease(state: LeaseState, message: LeaseMessage, isHub: boolean, nowMs: number): LeaseStep {
	const { term } = message;
	// Its own words that come back over a third device, or from a copy of its profile, say nothing of another holder.
	if (term[1] === state.self) return { state: { ...state, highest: Math.max(state.highest, term[0]) }, send: [] };
	const highest = Math.max(state.highest, term[0]);
	if (state.own !== undefined && compareTerms(term, state.own.term) < 0) return { state: { ...state, highest }, send: [] };
	const live = liveHolder(state, nowMs);
	if (live !== undefined && compareTerms(term, live.term) < 0) return { state: { ...state, highest }, send: [] };
	const isSame = state.holder !== undefined && compareTerms(state.holder.term, term) === 0;
	const holder: Holder = {
		...{ term, isHub, cloud: message.cloud, cloudForMs: message.cloudForMs },
		...{ heardAtMs: nowMs, sinceMs: isSame ? state.holder.sinceMs : nowMs },
	};
	return claimIfFirst({ ...state, own: undefined, holder, quietSinceMs: nowMs, highest }, nowMs);
}

/** What is due by now. To be asked at least twice a heartbeat. */
export function tickLease(before: LeaseState, nowMs: number): LeaseStep {
	const state = withoutFuture(before, nowMs);
	const { own } = state;
	if (own === undefined) {
		if (liveHolder(state, nowMs) !== undefined) return claimIfFirst(state, nowMs);
		return nowMs - state.quietSinceMs < QUIET_MS ? { state, send: [] } : claim(state, nowMs);
	}
	if (nowMs < own.beatAtMs) return { state, send: [] };
	return beat({ ...state, own: { ...own, beatAtMs: nowMs + HEARTBEAT_MS } }, nowMs);
}

/** This device forwards now. */
export function holdsLease({ own }: LeaseState): boolean {
	return own !== undefined;
}

/** The other device that forwards, while it is heard. */
export function liveHolder({ holder }: LeaseState, nowMs: number): Holder | undefined {
	return holder !== undefined && nowMs - holder.heardAtMs < QUIET_MS ? holder : undefined;
}

export function compareTerms(a: Term, b: Term): number {
	return a[0] - b[0] || compareText(a[1], b[1]);
}

function claimIfFirst(state: LeaseState, nowMs: number): LeaseStep {
	const { holder, self, isHub } = state;
	if (holder === undefined || state.own !== undefined) return { state, send: [] };
	const ranksBefore =
		rank(hasReached(state, nowMs), isHub, self) < rank(holder.cloud === 'connected' && holder.cloudForMs >= REACHED_MS, holder.isHub, holder.term[1]);
	return ranksBefore ? claim(state, nowMs) : { state, send: [] };
}

function claim(state: LeaseState, nowMs: number): LeaseStep {
	// A number that no honest device could reach came from one that lied; it is silent now, or ranks behind, and counting begins again.
	const number = state.highest >= MOST_TERM ? 1 : state.highest + 1;
	const own = { term: [number, state.self] satisfies [number, DeviceId], sinceMs: nowMs, beatAtMs: nowMs + HEARTBEAT_MS };
	return beat({ ...state, own, holder: undefined, quietSinceMs: nowMs, highest: number }, nowMs);
}

function beat(state: LeaseState, nowMs: number): LeaseStep {
	const { own, cloud } = state;
	if (own === undefined) return { state, send: [] };
	const message: LeaseMessage = {
		...{ t: 'lease', term: [own.term[0], own.term[1]], heldForMs: Math.max(0, nowMs - own.sinceMs) },
		cloud: cloud === undefined ? 'none' : cloud.reached ? 'connected' : 'apart',
		cloudForMs: cloud === undefined ? 0 : Math.max(0, nowMs - cloud.sinceMs),
	};
	return { state, send: [message] };
}

function hasReached({ cloud }: LeaseState, nowMs: number): boolean {
	return cloud?.reached === true && nowMs - cloud.sinceMs >= REACHED_MS;
}

/** The first in rank has the smallest text. */
function rank(hasReachedCloud: boolean, isHub: boolean, device: DeviceId): string {
	return `${hasReachedCloud ? 0 : 1}${isHub ? 0 : 1}${device}`;
}

/** Moments that a clock which was set back puts into the future begin now. */
function withoutFuture(state: LeaseState, nowMs: number): LeaseState {
	const { own, holder, cloud, quietSinceMs } = state;
	const isWrong =
		(own?.beatAtMs ?? 0) > nowMs + HEARTBEAT_MS || (holder?.heardAtMs ?? 0) > nowMs || (cloud?.sinceMs ?? 0) > nowMs || quietSinceMs > nowMs;
	if (!isWrong) return state;
	return {
		...state,
		cloud: cloud && { ...cloud, sinceMs: Math.min(cloud.sinceMs, nowMs) },
		own: own && { ...own, sinceMs: Math.min(own.sinceMs, nowMs), beatAtMs: Math.min(own.beatAtMs, nowMs) },
		holder: holder && { ...holder, heardAtMs: Math.min(holder.heardAtMs, nowMs), sinceMs: Math.min(holder.sinceMs, nowMs) },
		quietSinceMs: Math.min(quietSinceMs, nowMs),
	};
}

/** A claim a second for 30 million years stays below. */
const MOST_TERM = Number.MAX_SAFE_INTEGER - 1;
