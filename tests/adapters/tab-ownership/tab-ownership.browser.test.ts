/** Locks belong to requests, not to tabs, so one page can play two. (Two real tabs: `tests/e2e/vault-kill.e2e.ts`.) */
import { expect, test } from 'vitest';
import { ownSoon, takeOver, tryToOwn, waitToOwn } from '#adapters/tab-ownership/tab-ownership.ts';

const newLock = (): string => `lock-${crypto.randomUUID()}`;
const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
	const waited = Symbol('waited');
	return (await Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 100, waited))])) === waited;
};

test('one tab gets the till, the second is told at once', async () => {
	const lock = newLock();
	const owned = await tryToOwn(lock);
	expect(owned).toBeDefined();
	expect(await tryToOwn(lock)).toBeUndefined();
	expect(await isPending(owned!.lost)).toBe(true);
});

test('who takes over has it; who had it is told, and so on', async () => {
	const lock = newLock();
	const first = (await tryToOwn(lock))!;
	const second = await takeOver(lock);
	await first.lost;
	expect(await isPending(second.lost)).toBe(true);
	const third = await takeOver(lock);
	await second.lost;
	expect(await isPending(third.lost)).toBe(true);
	expect(await tryToOwn(lock)).toBeUndefined();
});

test('a tab that nobody owns is taken over as if it were free', async () => {
	expect(await isPending((await takeOver(newLock())).lost)).toBe(true);
});

test('a tab may wait until the other one closes, and stop waiting', async () => {
	const lock = newLock();
	const frame = await openHolding(lock);
	const stop = new AbortController();
	const impatient = waitToOwn(lock, stop.signal);
	stop.abort();
	await expect(impatient).rejects.toMatchObject({ name: 'AbortError' });
	const patient = waitToOwn(lock);
	expect(await isPending(patient)).toBe(true);
	frame.remove();
	expect(await isPending((await patient).lost)).toBe(true);
});

test('a page that follows the one that held the till gets it once that has let go; beside one that stays it does not', async () => {
	const lock = newLock();
	const frame = await openHolding(lock);
	expect(await ownSoon(lock, 50)).toBeUndefined();
	const following = ownSoon(lock, 25_000);
	expect(await isPending(following)).toBe(true);
	frame.remove();
	expect(await following).toBeDefined();
});

/** A frame is closed as a tab is: its locks go with it. */
async function openHolding(lock: string): Promise<HTMLIFrameElement> {
	const frame = document.createElement('iframe');
	document.body.append(frame);
	await new Promise<void>((resolve) => {
		void frame.contentWindow!.navigator.locks.request(lock, () => {
			resolve();
			return new Promise(() => undefined);
		});
	});
	return frame;
}
