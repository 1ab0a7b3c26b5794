/** A till takes new keys from its settings, and goes on: real Chromium, hub and storage. */
import { expect, test, type Page } from 'playwright/test';
import { sell } from '../support/at-the-counter.ts';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';
import { joinCodeOf } from '../support/shop-processes.ts';

const shop = demoShop({ name: 'new-keys', tills: 2 });
/** There is enough of it: the last one, sold twice, would be a conflict of its own. */
const CROISSANT = 'Butter croissant';

test.afterAll(shop.close);

async function expectAtHub(page: Page, sales: number): Promise<void> {
	await goTo(page, 'Sync');
	await expect(page.getByRole('region', { name: 'Latest receipts' }).getByText('at the hub')).toHaveCount(sales);
}

/** Undefined while it starts again. */
async function peerOfHub(): Promise<string | undefined> {
	const answer = await fetch(`${shop.hub().url}/hub.json`).catch(() => undefined);
	return answer === undefined ? undefined : ((await answer.json()) as { readonly peer: string }).peer;
}

test('a till renews its keys with the code of the hub, another by a yes at that one, and both sell on with their numbers and receipts; the hub renews its own', async () => {
	const [page, other] = (await shop.open()) as [Page, Page];
	expect(await sell(page, CROISSANT)).toBe('T1-000001');
	await expectAtHub(page, 1);

	await goTo(page, 'Settings');
	await page.getByRole('button', { name: 'Renew this device’s keys' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Code of the hub').fill('AAAA-AAAA');
	await dialog.getByRole('button', { name: 'Renew the keys' }).click();
	await expect(dialog).toContainText('That is not the code');
	const code = await joinCodeOf(shop.hub());
	await dialog.getByLabel('Code of the hub').fill(code);
	await dialog.getByRole('button', { name: 'Renew the keys' }).click();
	// It starts again, on the same page.
	await expect(page.getByText(/^Keys renewed /)).toBeVisible();
	expect(await sell(page, CROISSANT)).toBe('T1-000002');
	await expectAtHub(page, 2);
	expect(await sell(other, CROISSANT)).toBe('T2-000001');
	await expectAtHub(other, 3);

	// The other till's, by a yes at this one, which made the shop: both show one number.
	await goTo(other, 'Settings');
	await other.getByRole('button', { name: 'Renew this device’s keys' }).click();
	await other.getByRole('button', { name: 'Ask at a manager’s till' }).click();
	const shown = other.getByRole('dialog').getByText(/^\d{3} \d{3}$/);
	await expect(shown).toBeVisible();
	await goTo(page, 'Settings');
	const waiting = page.getByRole('region', { name: 'Till 2 asks for new keys' });
	await expect(waiting).toContainText(await shown.innerText());
	await waiting.getByRole('button', { name: 'Approve' }).click();
	await expect(page.getByRole('status').filter({ hasText: 'Approved: Till 2' })).toBeVisible();
	await expect(other.getByText(/^Keys renewed /)).toBeVisible();
	expect(await sell(other, CROISSANT)).toBe('T2-000002');
	await expectAtHub(page, 4);

	// The hub's own, countersigned by the till that made the shop: `--renew-keys on`, as a variable.
	const before = await peerOfHub();
	await shop.hub().stop();
	process.env['HOLDFAST_RENEW_KEYS'] = 'on';
	await shop.startHub().finally(() => delete process.env['HOLDFAST_RENEW_KEYS']);
	await expect.poll(async () => ((await peerOfHub()) ?? before) !== before).toBe(true);
	await page.reload();
	expect(await sell(page, CROISSANT)).toBe('T1-000003');
	await expectAtHub(page, 5);
	await expectAtHub(other, 5);
});
