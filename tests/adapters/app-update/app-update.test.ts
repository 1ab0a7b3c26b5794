/** When a page goes over to the new version: not under the hands of whoever has just begun a sale. */
import { watchForUpdate } from '#adapters/app-update/app-update.ts';
import { afterEach, expect, test, vi } from 'vitest';
import { createManualTime } from '../../support/manual-time.ts';

afterEach(() => {
	vi.unstubAllGlobals();
});

/** A page to which a new version has come, and that nobody has touched for two minutes. */
async function updated() {
	const page = new EventTarget();
	vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
	const workers = Object.assign(new EventTarget(), { controller: {}, startMessages: () => undefined, getRegistration: () => Promise.resolve({}) });
	const time = createManualTime();
	const asked: PromiseWithResolvers<boolean>[] = [];
	let reloads = 0;
	let look: (() => Promise<void>) | undefined;
	watchForUpdate(workers as unknown as ServiceWorkerContainer, {
		isSaleOpen() {
			const one = Promise.withResolvers<boolean>();
			asked.push(one);
			return one.promise;
		},
		onReady: () => undefined,
		every: (_, task) => (look = task),
		nowMs: () => time.clock.nowMs(),
		reload: () => (reloads += 1),
	});
	workers.dispatchEvent(new Event('controllerchange'));
	await time.pass(120_000);
	const looking = look?.();
	await expect.poll(() => asked.length).toBe(1);
	return {
		touch: () => page.dispatchEvent(new Event('pointerdown')),
		/** What the vault says of open sales. */
		async answers(isOpen: boolean) {
			asked[0]?.resolve(isOpen);
			await looking;
			return reloads;
		},
	};
}

test('it reloads when nobody has touched it for a minute, and no sale is open', async () => {
	expect(await (await updated()).answers(false)).toBe(1);
	expect(await (await updated()).answers(true)).toBe(0);
});

test('it does not when somebody touches it while open sales are looked for', async () => {
	const page = await updated();
	page.touch();
	expect(await page.answers(false)).toBe(0);
});
