/** A device leaves its shop: not while something of the shop is on it alone, and wholly once nothing is. Real Chromium, hub and storage. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import * as v from 'valibot';
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { bytesOfHex, decode } from '#schemas/cbor.ts';
import { journalFile } from '#schemas/documents/journal-file.ts';
import { expectSafe, sell } from '../support/at-the-counter.ts';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';
import { joinCodeOf } from '../support/shop-processes.ts';

const shop = demoShop({ name: 'leaving', tills: 1 });
/** There is enough of it: the last one, sold twice, would be a conflict of its own. */
const CROISSANT = 'Butter croissant';

test.afterAll(shop.close);

/** What is stored of a shop: databases beside the vault, and rows in the vault, which a new device has empty. */
function leftOn(page: Page): Promise<readonly string[]> {
	return page.evaluate(async () => {
		interface Buckets {
			keys(): Promise<readonly string[]>;
			open(name: string): Promise<{ readonly indexedDB: IDBFactory }>;
		}
		const { storageBuckets } = navigator as Navigator & { readonly storageBuckets: Buckets };
		const left = (await indexedDB.databases()).map(({ name }) => name ?? '');
		for (const bucket of await storageBuckets.keys()) {
			const place = (await storageBuckets.open(bucket)).indexedDB;
			if (!bucket.includes('vault')) {
				left.push(...(await place.databases()).map(({ name }) => `${bucket}/${name ?? ''}`));
				continue;
			}
			const database = await new Promise<IDBDatabase>((resolve, reject) => {
				const request = place.open('holdfast');
				request.onsuccess = () => {
					resolve(request.result);
				};
				request.onerror = () => {
					reject(request.error as DOMException);
				};
			});
			for (const store of ['own', 'sales', 'carts']) {
				const rows = await new Promise<number>((resolve) => {
					const request = database.transaction(store).objectStore(store).count();
					request.onsuccess = () => {
						resolve(request.result);
					};
				});
				if (rows > 0) left.push(`${rows} of ${store} in ${bucket}`);
			}
			database.close();
		}
		return left;
	});
}

test('a device with a sale that nobody else has cannot leave; with none it leaves, and nothing of the shop is left on it', async () => {
	const [page] = (await shop.open()) as [Page];
	await expectSafe(page);
	await page.getByRole('button', { name: 'Work alone' }).click();
	await sell(page, CROISSANT);
	await sell(page, CROISSANT);

	expect((await leftOn(page)).filter((words) => / of (own|sales) /.test(words))).toHaveLength(4);
	await goTo(page, 'Settings');
	await page.getByRole('button', { name: 'Leave this shop' }).click();
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText('This device cannot leave yet');
	await expect(dialog.getByRole('alert')).toContainText('2 sales are on this device alone');
	await expect(dialog.getByRole('button', { name: 'Leave this shop' })).toHaveCount(0);
	await page.keyboard.press('Escape');
	// The way out that the dialog names: the journal as a file, which holds both.
	const saving = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Save this till’s journal' }).click();
	const file = join(shop.folder, 'till.journal');
	await (await saving).saveAs(file);
	const { sealed } = v.parse(journalFile, decode(new Uint8Array(readFileSync(file))));
	const receipts = sealed.flatMap((bytes) => {
		const parts = splitSealed(bytesOfHex(bytes));
		const entry = parts && decodeBody(parts.body);
		return entry === undefined || 'damaged' in entry ? [] : entry.facts.flatMap((fact) => ('receipt' in fact ? [fact.receipt.number] : []));
	});
	expect(receipts.sort()).toEqual([1, 2]);

	await goTo(page, 'Sync');
	await page.getByRole('button', { name: 'Reconnect' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toContainText('Everything is safe in the shop');
	await goTo(page, 'Settings');
	await page.getByRole('button', { name: 'Leave this shop' }).click();
	await expect(dialog).toContainText('leaves');
	await dialog.getByRole('button', { name: 'Leave this shop' }).click();

	// It is a new device now: it is asked for a code, and has nothing of what it had.
	await expect(page.getByLabel('Join code')).toBeVisible();
	expect(await leftOn(page)).toEqual([]);
	await page.getByLabel('Join code').fill(await joinCodeOf(shop.hub()));
	await page.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	await sell(page, CROISSANT);
	await goTo(page, 'Sales');
	for (const number of ['T1-000001', 'T1-000002', 'T2-000001'])
		await expect(page.getByRole('region', { name: 'Receipts' }).getByRole('button', { name: number })).toHaveCount(1);
});
