/**
 * Who carries the branch to the cloud when the hub cannot: a till, while the hub is dead, also one that was reloaded meanwhile; a till, while the hub lives and
 * only its way to the cloud is broken. The hub takes it back as soon as it can.
 */
import { expect, test, type Page } from 'playwright/test';
import { sell } from '../support/at-the-counter.ts';
import { layCable, type Cable } from '../support/cable.ts';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';

const shop = demoShop({ name: 'lease', tills: 2, relay: true });
let cable: Cable | undefined;

test.afterAll(async () => {
	await cable?.stop();
	await shop.close();
});

async function expectNothingWaits(page: Page): Promise<void> {
	await goTo(page, 'Sync');
	await expect(page.getByRole('region', { name: 'Sales waiting' })).toContainText(/^Sales waiting\s*0/);
}

/** Within what a person waits for; the lease itself moves in seconds. */
async function expectForwards(page: Page, who: 'Hub' | 'Till', withinMs: number): Promise<void> {
	await goTo(page, 'Sync');
	await expect(page.getByText(who === 'Hub' ? /· (?!Till).* forwards since/ : /· Till \d forwards since/)).toBeVisible({ timeout: withinMs });
}

test('the hub dead, tills carry the branch to the cloud, reloaded or not; a hub without a way to the cloud leaves it to a till, and takes it back', async () => {
	const [first, second] = (await shop.open()) as [Page, Page];
	await sell(first);
	await expectNothingWaits(first);
	for (const page of [first, second]) await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));

	await shop.hub().kill();
	await sell(first);
	await expectForwards(first, 'Till', 20_000);
	await expectNothingWaits(first);

	// With the hub dead a page comes from its service worker, and finds no other till: nobody is there to introduce them. Each goes to the cloud by itself.
	await first.reload();
	await second.reload();
	for (const [page, other] of [
		[first, second],
		[second, first],
	] as const) {
		const receipt = await sell(page);
		await expectNothingWaits(page);
		await goTo(other, 'Sales');
		await expect(other.getByText(receipt).first()).toBeVisible();
	}

	// The shop's record names the relay itself, where the tills reach it; the hub alone has its way over the cable.
	cable = await layCable(Number(new URL(shop.relay().url).port));
	await shop.startHub(cable.port);
	await expectForwards(first, 'Hub', 60_000);
	await sell(first);
	await expectNothingWaits(first);

	cable.pull();
	await expectForwards(first, 'Till', 30_000);
	await sell(first);
	await expectNothingWaits(first);
	await expect(first.getByRole('row', { name: /^Hub (directly|over the network)/ })).toBeVisible();

	cable.mend();
	await expectForwards(first, 'Hub', 60_000);
	await sell(first);
	await expectNothingWaits(first);
});
