/**
 * Every history of three devices up to a depth: time passes, messages arrive, are lost, come twice or late, devices crash, freeze and wake, links are cut one
 * by one, the cloud comes and goes. States that were seen are not looked at again.
 */
import { hearLease, holdsLease, setCloud, startLease, tickLease, type LeaseMessage, type LeaseState } from '#core/lease/lease.ts';
import type { DeviceId } from '#schemas/ids.ts';

export interface World {
	readonly nowMs: number;
	readonly devices: readonly Device[];
	readonly flying: readonly Flying[];
	/** Pairs that cannot hear each other, `0-1`. */
	readonly cut: readonly string[];
}

export interface Device {
	/** Undefined while it is down. */
	readonly lease: LeaseState | undefined;
	readonly isFrozen: boolean;
	readonly hasCloud: boolean;
}

export interface Flying {
	readonly from: number;
	readonly to: number;
	readonly message: LeaseMessage;
}

export const IDS = ['a', 'b', 'c'].map((letter) => letter.repeat(64) as DeviceId);
/** The second is the hub: neither the smallest nor the largest id. */
export const IS_HUB = [false, true, false];
const PAIRS = ['0-1', '0-2', '1-2'];
const STEP_MS = 500;

export function startWorld(): World {
	return {
		nowMs: 0,
		devices: IDS.map((id, index) => ({ lease: startLease(id, IS_HUB[index] === true, 0), isFrozen: false, hasCloud: false })),
		flying: [],
		cut: [],
	};
}

export interface Move {
	readonly name: string;
	readonly next: World;
	/** What a device is given to hear in it. */
	readonly heard?: Flying;
	/** Who begins anew, or is gone. */
	readonly restarts?: number;
}

export function movesOf(world: World): readonly Move[] {
	const moves: Move[] = [
		{ name: 'half a second', next: pass(world, STEP_MS) },
		{ name: 'three seconds', next: pass(world, 3_000) },
	];
	for (const [index, heard] of world.flying.entries()) {
		moves.push({ name: `deliver ${index}`, next: deliver(world, index, false), heard });
		moves.push({ name: `lose ${index}`, next: { ...world, flying: world.flying.filter((_one, at) => at !== index) } });
		moves.push({ name: `deliver ${index} and again later`, next: deliver(world, index, true), heard });
	}
	for (const [index, device] of world.devices.entries()) {
		const put = (change: Partial<Device>): World => withDevice(world, index, { ...device, ...change });
		moves.push(
			device.lease === undefined
				? { name: `start ${index}`, next: put({ lease: started(index, device.hasCloud, world.nowMs) }), restarts: index }
				: { name: `crash ${index}`, next: put({ lease: undefined, isFrozen: false }), restarts: index },
		);
		if (device.lease === undefined) continue;
		moves.push({ name: `${device.isFrozen ? 'wake' : 'freeze'} ${index}`, next: put({ isFrozen: !device.isFrozen }) });
		const lease = setCloud(device.lease, !device.hasCloud, world.nowMs);
		moves.push({ name: `cloud ${index}`, next: put({ hasCloud: !device.hasCloud, lease }) });
	}
	for (const pair of PAIRS) {
		const cut = world.cut.includes(pair) ? world.cut.filter((one) => one !== pair) : [...world.cut, pair].sort();
		moves.push({ name: `link ${pair}`, next: { ...world, cut } });
	}
	return moves;
}

function started(index: number, hasCloud: boolean, nowMs: number): LeaseState {
	const [id = IDS[0]!] = IDS.slice(index);
	return setCloud(startLease(id, IS_HUB[index] === true, nowMs), hasCloud, nowMs);
}

/** Time passes for everybody; whoever is awake does what is due. */
export function pass(world: World, ms: number): World {
	let now: World = { ...world, nowMs: world.nowMs + ms };
	for (const [index, device] of now.devices.entries()) {
		if (device.lease === undefined || device.isFrozen) continue;
		const { state, send } = tickLease(device.lease, now.nowMs);
		now = sent(withDevice(now, index, { ...device, lease: state }), index, send);
	}
	return now;
}

function deliver(world: World, index: number, again: boolean): World {
	const one = world.flying[index];
	const device = one === undefined ? undefined : world.devices[one.to];
	const flying = again ? world.flying : world.flying.filter((_one, at) => at !== index);
	if (one === undefined || device?.lease === undefined || device.isFrozen) return { ...world, flying };
	const author = IDS.indexOf(one.message.term[1]);
	const { state, send } = hearLease(device.lease, one.message, IS_HUB[author] === true, world.nowMs);
	return sent(withDevice({ ...world, flying }, one.to, { ...device, lease: state }), one.to, send);
}

/** To everybody in reach, over others as well: lease messages are passed on. */
function sent(world: World, from: number, send: readonly LeaseMessage[]): World {
	if (send.length === 0) return world;
	const reached = partOf(world, from).filter((to) => to !== from);
	return { ...world, flying: [...world.flying, ...send.flatMap((message) => reached.map((to) => ({ from, to, message })))].slice(-MOST_FLYING) };
}

/** More in the air at once tells nothing new: the oldest are lost. */
const MOST_FLYING = 4;

/** Whom a device is joined with, by any path over devices that are awake. */
export function partOf(world: World, from: number): readonly number[] {
	const part = [from];
	for (const at of part)
		for (const to of world.devices.keys()) {
			const pair = `${Math.min(at, to)}-${Math.max(at, to)}`;
			const isAwake = world.devices[to]?.lease !== undefined && world.devices[to].isFrozen === false;
			if (!part.includes(to) && isAwake && !world.cut.includes(pair)) part.push(to);
		}
	return part;
}

/** Nothing changes any more but time; every message arrives within a tick. */
export function steady(world: World, ms: number): World {
	let now = world;
	for (let passed = 0; passed < ms; passed += STEP_MS / 2) {
		now = pass(now, STEP_MS / 2);
		while (now.flying.length > 0) now = deliver(now, 0, false);
	}
	return now;
}

export function holders(world: World): readonly number[] {
	return [...world.devices.keys()].filter((index) => {
		const lease = world.devices[index]?.lease;
		return lease !== undefined && world.devices[index]?.isFrozen === false && holdsLease(lease);
	});
}

function withDevice(world: World, index: number, device: Device): World {
	return { ...world, devices: world.devices.map((one, at) => (at === index ? device : one)) };
}

/** Two worlds that differ only in when they began are one. */
export function keyOf({ nowMs, devices, flying, cut }: World): string {
	const ago = (ms: number | undefined): number => (ms === undefined ? -1 : Math.min(nowMs - ms, 20_000));
	return JSON.stringify([
		devices.map(({ lease, isFrozen, hasCloud }) => [
			...[isFrozen, hasCloud, lease?.highest ?? -1, ago(lease?.quietSinceMs), lease?.own?.term[0] ?? -1, ago(lease?.own?.beatAtMs)],
			...[
				lease?.cloud?.reached ?? null,
				ago(lease?.cloud?.sinceMs),
				lease?.holder?.term ?? null,
				ago(lease?.holder?.heardAtMs),
				lease?.holder?.cloud ?? null,
			],
		]),
		flying.map(({ to, message }) => [to, message.term[0], message.term[1][0], message.cloud, Math.min(message.cloudForMs, 20_000)]),
		cut,
	]);
}
