/** New keys for a till, on the screens of a till that is only in memory: the till that asks, and the manager's till that says yes or no. */
import { expect, type Locator, type Page } from 'playwright/test';
import { miaAllows } from '../support/gallery/gestures.ts';
import { test } from '../support/gallery/visit.ts';

function asking(page: Page): Locator {
	return page.getByRole('region', { name: /asks for new keys$/ });
}

async function numberOf(waiting: Locator): Promise<string> {
	await expect(waiting).toContainText(/\d{3} \d{3}/);
	return /\d{3} \d{3}/.exec(await waiting.innerText())?.[0] ?? '';
}

test('a till that waits for new keys is listed with its number among the devices, and one tap says yes or no', async ({ page }) => {
	for (const [answer, said] of [
		['Approve', /^Approved: Till 1 takes its new keys/],
		['Refuse', /^Refused: the keys of Till 1 stay/],
	] as const) {
		await page.goto('/settings?till=keys-wait');
		const waiting = asking(page);
		await expect(waiting).toContainText('Approve only if Till 1 shows this very number now');
		expect(await numberOf(waiting)).toMatch(/^\d{3} \d{3}$/);
		await waiting.getByRole('button', { name: answer }).click();
		await expect(page.getByRole('status').filter({ hasText: said })).toBeVisible();
		await expect(waiting).toHaveCount(0);
	}
});

test('somebody without the right asks one who has it, by PIN, and nothing is said before', async ({ page }) => {
	await page.goto('/settings?till=staff-keys-wait');
	const waiting = asking(page);
	await waiting.getByRole('button', { name: 'Approve' }).click();
	const question = page.getByRole('dialog', { name: 'Somebody has to allow this' });
	await expect(question).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(question).toHaveCount(0);
	await expect(waiting).toBeVisible();
	await waiting.getByRole('button', { name: 'Approve' }).click();
	await miaAllows(page);
	await expect(page.getByRole('status').filter({ hasText: 'Approved: Till 1' })).toBeVisible();
});

test('a till that asks shows its number and waits; who closes the question takes it back, and may give a code instead', async ({ page }) => {
	await page.goto('/settings');
	await expect(asking(page)).toHaveCount(0);
	await page.getByRole('button', { name: 'Renew this device’s keys' }).click();
	const dialog = page.getByRole('dialog', { name: 'Renew this device’s keys' });
	await dialog.getByRole('button', { name: 'Ask at a manager’s till' }).click();
	await expect(dialog).toContainText('482 913');
	await expect(dialog.getByRole('status')).toHaveText('Waiting for a yes. Closing this takes the question back.');
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
	await page.getByRole('button', { name: 'Renew this device’s keys' }).click();
	await expect(dialog.getByLabel('Code of the hub')).toBeVisible();
	await expect(dialog).not.toContainText('No hub');
	await expect(dialog.getByRole('button', { name: 'Ask at a manager’s till' })).toBeEnabled();
});

test('keys that were renewed twice are told with who approved which, and who removes the device ends it', async ({ page }) => {
	await page.goto('/sync?till=keys-twice');
	// Under what was settled it is told once more.
	const item = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /Keys renewed twice/ }) });
	await item.getByRole('button', { name: /Keys renewed twice/ }).click();
	await expect(item).toContainText(/The keys of Till 1 .*approved by Hub at .* and Till 3 at /);
	await item.getByRole('button', { name: /^Remove the device/ }).click();
	await expect(page.getByRole('status').filter({ hasText: 'Settled on every till: Till 1, “Remove the device”.' })).toBeVisible();
	await expect(item).toHaveCount(0);
	await page.getByRole('link', { name: 'Settings' }).click();
	await expect(page.getByRole('row', { name: /^Till 1/ })).toContainText('Removed');
});
