/**
 * Who is at the till: opened by name and PIN, locked by hand, after a while, or after a sale.
 *
 * 1. A shop without people has no lock: everybody is the owner. Once this till has seen people it is locked until it knows them again.
 * 2. With people nobody is at the till until a PIN opened it, after a reload too: who was there may have left.
 * 3. One hash is checked a try, of the one who is named first. Wrong tries cost time (`core/people/wrong-pins.ts`), kept across reloads, and are on record.
 * 4. Whoever was sent away, or has no role here any more, is put out as soon as this till hears of it.
 * 5. The open cart stays: several people work at one till.
 */
import { isAtLeast, ROLE_OF_ACT } from '#core/people/roles.ts';
import { afterWrong, FREE_TRIES, isPin, waitMs, type WrongPins } from '#core/people/wrong-pins.ts';
import type { Clock, Pins, PinSecret, Timers } from '#ports';
import type { PersonRole } from '#schemas/facts/person-added.ts';
import type { PersonId } from '#schemas/ids.ts';
import * as v from 'valibot';

/** A person as the lock needs them. */
export interface Keyholder {
	readonly person: PersonId;
	readonly role: PersonRole | 'none';
	readonly pin?: string;
	readonly disabled: boolean;
}

export type AtTill =
	/** The shop has no people. */
	{ readonly state: 'everybody' } | { readonly state: 'locked' } | { readonly state: 'in'; readonly person: PersonId };

export interface LockRule {
	/** 0: never by itself. */
	readonly afterMinutes: number;
	readonly afterSale: boolean;
}

export const LOCK_RULE: LockRule = { afterMinutes: 5, afterSale: false };

export type PinAnswer =
	| { readonly pin: 'right' }
	/** `waitMs`: before the next try. */
	| { readonly pin: 'wrong'; readonly waitMs: number }
	| { readonly pin: 'wait'; readonly waitMs: number }
	/** `no-secret`: the store's secret has not come from a hub yet. `no-pin`: none was chosen. `not-here`: may do nothing here. */
	| { readonly pin: 'no-secret' | 'no-pin' | 'not-here' }
	/** The PIN is right, the role not enough. */
	| { readonly pin: 'not-enough' };

export interface AtTillDeps {
	readonly pins: Pins;
	readonly secrets: () => Promise<readonly PinSecret[]>;
	readonly people: () => readonly Keyholder[];
	readonly clock: Clock;
	readonly timers: Timers;
	readonly kept: { get(name: string): Promise<unknown>; set(name: string, value: unknown): Promise<void> };
	/** Wrong PINs in a row: the till begins to wait. */
	readonly onWrong: (person: PersonId, tries: number) => void;
	readonly onChange: (now: AtTill) => void;
	readonly onRule: (rule: LockRule) => void;
	readonly onError: (error: unknown) => void;
}

export interface AtTillNow {
	/** Nothing may be done until somebody signs in. */
	readonly isLocked: () => boolean;
	readonly now: () => AtTill;
	/** Who seals; undefined: the device itself. */
	readonly by: () => PersonId | undefined;
	open(): Promise<void>;
	/** People have changed. */
	look(): void;
	signIn(person: PersonId, pin: string): Promise<PinAnswer>;
	/** Somebody who may, while somebody else stays at the till. */
	vouch(person: PersonId, pin: string, role: PersonRole): Promise<PinAnswer>;
	/** Undefined: the store's secret has not come yet. */
	hash(pin: string): Promise<string | undefined>;
	lock(): void;
	/** A key, a touch. */
	touched(): void;
	saleLeft(): void;
	/** By whoever may change settings. */
	setRule(rule: LockRule): Promise<'set' | 'not-allowed'>;
}

const WRONG_PINS = 'wrongPins';
const RULE = 'lockRule';
const HAD_PEOPLE = 'hadPeople';
const LOOK_EVERY_MS = 5_000;
/** From the entry that adds somebody to the row that shows them: milliseconds, or a busy worker. */
const COMES_WITHIN_MS = 10_000;

const wrongPins = v.record(v.string(), v.strictObject({ tries: v.number(), untilMs: v.number() }));
const lockRule = v.strictObject({ afterMinutes: v.pipe(v.number(), v.minValue(0), v.maxValue(720)), afterSale: v.boolean() });

export function createAtTill(deps: AtTillDeps): AtTillNow {
	const { pins, people, clock, timers, kept } = deps;
	let hadPeople = false;
	let at: AtTill = { state: people().length === 0 ? 'everybody' : 'locked' };
	let rule = LOCK_RULE;
	let wrong: Readonly<Record<string, WrongPins>> = {};
	let touchedAtMs = clock.nowMs();
	let secrets: readonly PinSecret[] = [];

	function set(next: AtTill): void {
		if (JSON.stringify(next) === JSON.stringify(at)) return;
		at = next;
		deps.onChange(at);
	}

	function holder(person: PersonId): Keyholder | undefined {
		const found = people().find((one) => one.person === person);
		return found === undefined || found.disabled || found.role === 'none' ? undefined : found;
	}

	/** Who wait for a person to be known here. */
	const waiting = new Set<() => void>();

	function look(): void {
		if (people().length > 0 && !hadPeople) {
			hadPeople = true;
			kept.set(HAD_PEOPLE, true).catch(deps.onError);
		}
		if (!hadPeople) set({ state: 'everybody' });
		else if (at.state === 'everybody' || (at.state === 'in' && holder(at.person) === undefined)) set({ state: 'locked' });
		for (const again of waiting) again();
	}

	/** Whoever was added a moment ago, and signs in already, comes with the next rows. */
	async function known(person: PersonId): Promise<void> {
		const isHere = (): boolean => people().some((one) => one.person === person);
		if (isHere()) return;
		const { promise, resolve } = Promise.withResolvers<undefined>();
		const again = (): void => {
			if (isHere()) resolve(undefined);
		};
		waiting.add(again);
		const stop = timers.after(COMES_WITHIN_MS, () => resolve(undefined));
		await promise;
		stop();
		waiting.delete(again);
	}

	async function secretsNow(): Promise<readonly PinSecret[]> {
		if (secrets.length === 0) secrets = await deps.secrets();
		return secrets;
	}

	async function check(person: PersonId, pin: string): Promise<PinAnswer> {
		const one = holder(person);
		if (one === undefined) return { pin: 'not-here' };
		if (one.pin === undefined) return { pin: 'no-pin' };
		const before = wrong[person];
		const nowMs = clock.nowMs();
		const leftMs = waitMs(before, nowMs);
		if (before !== undefined && leftMs > 0) {
			await noteWait(person, before, nowMs + leftMs);
			return { pin: 'wait', waitMs: leftMs };
		}
		// What a scanner typed is no guess.
		if (!isPin(pin)) return { pin: 'wrong', waitMs: 0 };
		let verdict = await pins.check(pin, one.pin, await secretsNow());
		if (verdict === 'no-secret') {
			// Another hub's secret may have come since.
			secrets = await deps.secrets();
			verdict = await pins.check(pin, one.pin, secrets);
		}
		if (verdict === 'no-secret') return { pin: 'no-secret' };
		if (verdict === 'right') {
			if (wrong[person] !== undefined) {
				const { [person]: _forgiven, ...others } = wrong;
				wrong = others;
				await kept.set(WRONG_PINS, wrong);
			}
			return { pin: 'right' };
		}
		const now = afterWrong(wrong[person], clock.nowMs());
		wrong = { ...wrong, [person]: now };
		await kept.set(WRONG_PINS, wrong);
		if (now.tries >= FREE_TRIES) deps.onWrong(person, now.tries);
		return { pin: 'wrong', waitMs: waitMs(now, clock.nowMs()) };
	}

	/** A clock that was turned back would begin the longest wait anew with each look, until it has caught up. */
	async function noteWait(person: PersonId, before: WrongPins, untilMs: number): Promise<void> {
		if (untilMs === before.untilMs) return;
		wrong = { ...wrong, [person]: { ...before, untilMs } };
		await kept.set(WRONG_PINS, wrong);
	}

	/** One try at a time: tries side by side would all be free. */
	let turn: Promise<unknown> = Promise.resolve();
	function inTurn(person: PersonId, pin: string): Promise<PinAnswer> {
		const mine = turn.then(() => check(person, pin));
		turn = mine.catch(() => undefined);
		return mine;
	}

	return {
		isLocked: () => at.state === 'locked',
		now: () => at,
		by: () => (at.state === 'in' ? at.person : undefined),
		async open() {
			const [tries, people, ruled] = await Promise.all([kept.get(WRONG_PINS), kept.get(HAD_PEOPLE), kept.get(RULE)]);
			const keptWrong = v.safeParse(wrongPins, tries);
			if (keptWrong.success) wrong = keptWrong.output;
			hadPeople ||= people === true;
			const keptRule = v.safeParse(lockRule, ruled);
			if (keptRule.success) rule = keptRule.output;
			deps.onRule(rule);
			look();
			deps.onChange(at);
			timers.every(LOOK_EVERY_MS, () => {
				if (at.state === 'in' && rule.afterMinutes > 0 && clock.nowMs() - touchedAtMs >= rule.afterMinutes * 60_000) set({ state: 'locked' });
			});
		},
		look,
		async signIn(person, pin) {
			await known(person);
			const answer = await inTurn(person, pin);
			if (answer.pin !== 'right') return answer;
			// A hash takes its time, and the news that this one was sent away may have come meanwhile.
			if (holder(person) === undefined) return { pin: 'not-here' };
			touchedAtMs = clock.nowMs();
			set({ state: 'in', person });
			return answer;
		},
		async vouch(person, pin, role) {
			const answer = await inTurn(person, pin);
			if (answer.pin !== 'right') return answer;
			return isAtLeast(holder(person)?.role ?? 'none', role) ? answer : { pin: 'not-enough' };
		},
		async hash(pin) {
			secrets = await deps.secrets();
			const [first] = secrets;
			return first === undefined ? undefined : pins.hash(pin, first);
		},
		lock() {
			if (at.state === 'in') set({ state: 'locked' });
		},
		touched() {
			touchedAtMs = clock.nowMs();
		},
		saleLeft() {
			if (at.state === 'in' && rule.afterSale) set({ state: 'locked' });
		},
		async setRule(next) {
			const may = at.state === 'everybody' || (at.state === 'in' && isAtLeast(holder(at.person)?.role ?? 'none', ROLE_OF_ACT.settings));
			if (!may) return 'not-allowed';
			rule = v.parse(lockRule, next);
			await kept.set(RULE, rule);
			deps.onRule(rule);
			return 'set';
		},
	};
}
