/** An auditor with a browser and a file: no till, no shop, no server is asked. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { writeArchive } from '#engine/archive.ts';
import { freePort } from '../support/free-port.ts';
import { serve, type Served } from '../support/shop-processes.ts';
import { openSealingShop } from '../support/sealing-till.ts';
import { barriersOf } from '../support/usable.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-verify-'));
let hub: Served | undefined;

test.afterAll(async () => {
	await hub?.kill();
	rmSync(folder, { recursive: true, force: true });
});

test('an archive that is dropped is found whole; with one entry gone, that one is named', async ({ page, browserName: _ }) => {
	const shop = await openSealingShop();
	const till = await shop.till({ vault: createMemoryVault() });
	for (let n = 0; n < 5; n += 1) await till.sell(`sale-number-${n}`);
	const content = {
		...{ store: shop.store, branch: shop.branch, storeName: 'Corner Shop', madeAtMs: Date.UTC(2026, 0, 2), certificates: [till.chain], tables: {} },
		marks: till.told.slice(-1).map(({ header, hash }) => ({ device: header.device, scope: header.scope, seq: header.seq, hash })),
	};
	const [whole, broken] = [join(folder, 'whole.zip'), join(folder, 'broken.zip')];
	writeFileSync(whole, await writeArchive({ ...content, sealed: till.told.map(({ sealed }) => sealed) }, createDigest()));
	writeFileSync(
		broken,
		await writeArchive({ ...content, sealed: till.told.filter(({ header }) => header.seq !== 3).map(({ sealed }) => sealed) }, createDigest()),
	);
	writeFileSync(join(folder, 'other.zip'), 'no zip at all');

	const port = String(await freePort());
	hub = await serve('hub', { data: join(folder, 'hub'), port });
	await page.goto(`http://localhost:${port}/verify`);
	const choose = page.getByLabel('Archive file');
	await choose.setInputFiles(whole);
	const verdict = page.getByRole('region', { name: 'Verdict' });
	await expect(verdict.getByRole('heading', { name: 'Whole' })).toBeVisible();
	await expect(verdict).toContainText('Corner Shop, written 2026-01-02 00:00 UTC: 5 entries.');
	await expect(page.getByRole('row', { name: /Till 1/ })).toContainText('branch');

	await choose.setInputFiles(broken);
	await expect(verdict.getByRole('heading', { name: '1 finding' })).toBeVisible();
	await expect(verdict.getByRole('listitem')).toHaveText(/Missing: entry 3 of Till 1 \(branch\)\. Entry 4/);
	expect(await barriersOf(page)).toEqual([]);

	await choose.setInputFiles(join(folder, 'other.zip'));
	await expect(page.getByRole('alert')).toContainText('This is no archive');
	await page.setViewportSize({ width: 390, height: 844 });
	await choose.setInputFiles(broken);
	await expect(verdict).toBeVisible();
	for (const region of ['Archive', 'Verdict', 'Chains']) {
		const box = await page.getByRole('region', { name: region }).boundingBox();
		expect((box?.x ?? 0) + (box?.width ?? 999), region).toBeLessThanOrEqual(390);
	}
});
