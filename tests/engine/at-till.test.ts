/** Who is at the till: the numbered invariants of `engine/at-till.ts`, with real hashes. */
import { checkPin, hashPin } from '#adapters/pins-argon2id/argon2id.ts';
import { createAtTill, type AtTill, type Keyholder } from '#engine/at-till.ts';
import type { PersonId } from '#schemas/ids.ts';
import { beforeAll, expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';

const SECRET = { id: 'ab'.repeat(16), bytes: new Uint8Array(32).fill(7) };
const [CAS, MIA] = ['cas', 'mia'] as unknown as [PersonId, PersonId];
let casPin = '';
let miaPin = '';

beforeAll(async () => {
	[casPin, miaPin] = [await hashPin('1111', SECRET), await hashPin('2222', SECRET)];
});

const both = (): readonly Keyholder[] => [
	{ person: CAS, role: 'cashier', pin: casPin, disabled: false },
	{ person: MIA, role: 'manager', pin: miaPin, disabled: false },
];

function till(
	kept = new Map<string, unknown>(),
	people = both(),
	{ startMs, check = checkPin }: { readonly startMs?: number; readonly check?: typeof checkPin } = {},
) {
	const time = createManualTime(startMs);
	const wrong: [PersonId, number][] = [];
	const states: AtTill[] = [];
	const at = createAtTill({
		pins: { hash: hashPin, check },
		secrets: () => Promise.resolve([SECRET]),
		people: () => people,
		...{ clock: time.clock, timers: time.timers },
		kept: { get: (name) => Promise.resolve(kept.get(name)), set: (name, value) => Promise.resolve(void kept.set(name, value)) },
		onWrong: (person, tries) => wrong.push([person, tries]),
		onChange: (now) => states.push(now),
		onRule: () => undefined,
		onError(error) {
			throw error;
		},
	});
	return { at, time, kept, wrong, states, employ: (next: readonly Keyholder[]) => (people = next) };
}

test('1: a shop without people has no lock, and gets one with its first person', () => {
	const { at, employ } = till(undefined, []);
	at.look();
	expect([at.now(), at.by()]).toEqual([{ state: 'everybody' }, undefined]);
	employ([{ person: CAS, role: 'owner', pin: casPin, disabled: false }]);
	at.look();
	expect([at.now(), at.isLocked()]).toEqual([{ state: 'locked' }, true]);
});

test('1: a till that has seen people opens for nobody while it does not know them yet', async () => {
	const kept = new Map<string, unknown>();
	till(kept).at.look();
	const { at, employ } = till(kept, []);
	await at.open();
	expect(at.now()).toEqual({ state: 'locked' });
	employ([{ person: CAS, role: 'cashier', pin: casPin, disabled: false }]);
	at.look();
	expect(await at.signIn(CAS, '1111')).toEqual({ pin: 'right' });
});

test('4: who is sent away while the PIN is looked at does not get in', async () => {
	const looking = Promise.withResolvers<undefined>();
	let isAsked = false;
	const { at, employ } = till(undefined, undefined, {
		check: async (...asked) => {
			isAsked = true;
			await looking.promise;
			return checkPin(...asked);
		},
	});
	at.look();
	const signing = at.signIn(CAS, '1111');
	await expect.poll(() => isAsked).toBe(true);
	employ(both().map((one) => (one.person === CAS ? { ...one, disabled: true } : one)));
	at.look();
	looking.resolve(undefined);
	expect(await signing).toEqual({ pin: 'not-here' });
	expect(at.isLocked()).toBe(true);
});

test('who was added a moment ago signs in with the rows that are on their way; who never comes, does not', async () => {
	const { at, employ, time } = till(undefined, []);
	at.look();
	const signing = at.signIn(CAS, '1111');
	employ([{ person: CAS, role: 'owner', pin: casPin, disabled: false }]);
	at.look();
	expect(await signing).toEqual({ pin: 'right' });
	const nobody = at.signIn('nobody' as unknown as PersonId, '1111');
	await time.pass(10_000);
	expect(await nobody).toEqual({ pin: 'not-here' });
});

test('2, 3: a PIN opens it under one name; a wrong one does not, and costs time that a reload does not give back', async () => {
	const { at, wrong, kept, time } = till();
	await at.open();
	expect(at.by()).toBeUndefined();
	expect(await at.signIn(CAS, '2222')).toEqual({ pin: 'wrong', waitMs: 0 });
	expect(await at.signIn(CAS, '1111')).toEqual({ pin: 'right' });
	expect([at.now(), at.by()]).toEqual([{ state: 'in', person: CAS }, CAS]);
	at.lock();
	const guesses = await Promise.all(['0000', '0001', '0002', '1111'].map((pin) => at.signIn(CAS, pin)));
	expect(guesses).toEqual([
		{ pin: 'wrong', waitMs: 0 },
		{ pin: 'wrong', waitMs: 0 },
		{ pin: 'wrong', waitMs: 30_000 },
		{ pin: 'wait', waitMs: 30_000 },
	]);
	expect(wrong).toEqual([[CAS, 3]]);
	const again = till(kept);
	await again.at.open();
	expect(await again.at.signIn(CAS, '1111')).toMatchObject({ pin: 'wait' });
	expect(await again.at.signIn(MIA, '2222')).toEqual({ pin: 'right' });
	await time.pass(30_000);
	expect(await at.signIn(CAS, '1111')).toEqual({ pin: 'right' });
	expect(kept.get('wrongPins')).toEqual({});
});

test('3: who mistyped while the clock stood a year ahead waits a quarter of an hour once it is right, and no longer', async () => {
	const rightMs = 1_800_000_000_000;
	const ahead = till(undefined, both(), { startMs: rightMs + 365 * 86_400_000 });
	for (const pin of ['0000', '0001', '0002']) await ahead.at.signIn(CAS, pin);
	const { at, time } = till(ahead.kept, both(), { startMs: rightMs });
	await at.open();
	expect(await at.signIn(CAS, '1111')).toEqual({ pin: 'wait', waitMs: 900_000 });
	await time.pass(600_000);
	expect(await at.signIn(CAS, '1111')).toEqual({ pin: 'wait', waitMs: 300_000 });
	await time.pass(300_000);
	expect(await at.signIn(CAS, '1111')).toEqual({ pin: 'right' });
});

test('what a scanner typed into the pad is no guess', async () => {
	const { at, wrong } = till();
	for (let scans = 0; scans < 5; scans += 1) expect(await at.signIn(CAS, '5901234123457')).toEqual({ pin: 'wrong', waitMs: 0 });
	expect(wrong).toEqual([]);
	expect(await at.signIn(CAS, '1111')).toEqual({ pin: 'right' });
});

test('3: a manager vouches while the cashier stays; another cashier cannot', async () => {
	const { at } = till();
	await at.open();
	await at.signIn(CAS, '1111');
	expect(await at.vouch(MIA, '2222', 'supervisor')).toEqual({ pin: 'right' });
	expect(await at.vouch(CAS, '1111', 'supervisor')).toEqual({ pin: 'not-enough' });
	expect(at.by()).toBe(CAS);
});

test('4: whoever is sent away is put out, and does not come back', async () => {
	const { at, employ } = till();
	await at.open();
	await at.signIn(CAS, '1111');
	employ([{ person: CAS, role: 'none', pin: casPin, disabled: true }]);
	at.look();
	expect(at.now()).toEqual({ state: 'locked' });
	expect(await at.signIn(CAS, '1111')).toEqual({ pin: 'not-here' });
});

test('it locks by itself after a while without a touch, and after a sale where the till is told so', async () => {
	const { at, time } = till();
	await at.open();
	await at.signIn(CAS, '1111');
	await time.pass(4 * 60_000);
	at.touched();
	await time.pass(4 * 60_000);
	expect(at.by()).toBe(CAS);
	await time.pass(2 * 60_000);
	expect(at.now()).toEqual({ state: 'locked' });
	await at.signIn(CAS, '1111');
	at.saleLeft();
	expect(at.by()).toBe(CAS);
	const never = { afterMinutes: 0, afterSale: true };
	expect(await at.setRule(never)).toBe('not-allowed');
	at.lock();
	expect(await at.setRule(never)).toBe('not-allowed');
	await at.signIn(MIA, '2222');
	expect(await at.setRule(never)).toBe('set');
	await at.signIn(CAS, '1111');
	await time.pass(600 * 60_000);
	expect(at.by()).toBe(CAS);
	at.saleLeft();
	expect(at.now()).toEqual({ state: 'locked' });
});
