/**
 * How long the branch was without a holder, and whether it changed hands for a reason.
 *
 * 1. A takeover runs from the moment at which the holder fell (killed, frozen, its cable pulled) to the first that anybody hears of another one.
 * 2. A holder that was back before anybody missed it needs none, and an observer that was down itself says nothing.
 * 3. A change of hands has a cause when the holder before it had just fallen, or when somebody who fell is back: who ranks before takes the branch back.
 */

/** From then until then this part was down, or cut off. */
export interface Fall {
	readonly part: string;
	readonly fromMs: number;
	/** Undefined: still. */
	readonly toMs: number | undefined;
}

/** Somebody heard that this device carries the branch from now on. */
export interface Change {
	readonly atMs: number;
	readonly device: string;
}

export interface Observer {
	readonly part: string;
	readonly changes: readonly Change[];
}

export interface Takeovers {
	readonly tookMs: readonly number[];
	readonly changes: { readonly fell: number; readonly back: number; readonly withoutCause: readonly Change[] };
}

/** Who misses the holder claims after 2.5 s; one that is back sooner is not missed. A fall of the observer disturbs what it hears for a while after. */
const MISSED_MS = 2_500;
const LONGEST_MS = 20_000;
/** A device that is back carries the branch once it has reached the cloud for ten seconds, and starting takes a while. */
const BACK_MS = 45_000;

export function takeoversOf(falls: readonly Fall[], observers: readonly Observer[], deviceOf: ReadonlyMap<string, string>): Takeovers {
	const tookMs = falls.flatMap((fall) => {
		const device = deviceOf.get(fall.part);
		const times = observers.flatMap(({ part, changes }) => {
			const holder = changes.findLast(({ atMs }) => atMs <= fall.fromMs)?.device;
			const untilMs = Math.min(fall.fromMs + LONGEST_MS, (fall.toMs ?? Infinity) + MISSED_MS);
			const isDisturbed = falls.some((other) => other.part === part && overlaps(other, fall.fromMs - BACK_MS / 4, untilMs));
			if (part === fall.part || device === undefined || holder !== device || isDisturbed) return [];
			const next = changes.find(({ atMs }) => atMs > fall.fromMs && atMs <= untilMs);
			return next === undefined ? [] : [next.atMs - fall.fromMs];
		});
		return times.length === 0 ? [] : [Math.min(...times)];
	});
	return { tookMs, changes: causesOf(falls, observers[0]?.changes ?? [], deviceOf) };
}

function causesOf(falls: readonly Fall[], changes: readonly Change[], deviceOf: ReadonlyMap<string, string>): Takeovers['changes'] {
	let [fell, back] = [0, 0];
	const withoutCause: Change[] = [];
	for (const [place, change] of changes.entries()) {
		const before = changes[place - 1];
		if (before === undefined) continue;
		const isOf = (device: string) => (fall: Fall) => deviceOf.get(fall.part) === device;
		if (falls.filter(isOf(before.device)).some((fall) => overlaps(fall, change.atMs - LONGEST_MS, change.atMs))) fell += 1;
		else if (falls.some((fall) => overlaps(fall, change.atMs - BACK_MS, change.atMs))) back += 1;
		else withoutCause.push(change);
	}
	return { fell, back, withoutCause };
}

function overlaps({ fromMs, toMs }: Fall, startMs: number, endMs: number): boolean {
	return fromMs <= endMs && (toMs ?? Infinity) >= startMs;
}
