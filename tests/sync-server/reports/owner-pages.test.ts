import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder } from '#server/data-folder.ts';
import { openAppFiles } from '#server/http/app-files.ts';
import { closeHttp, createHttp, policyOf } from '#server/http/server.ts';
import { serveOwnerPages } from '#server/reports/owner-pages.ts';
import { REPORTS } from '#server/reports/plan.ts';
import { openSqliteRecord } from '#server/storage/storage-sqlite.ts';
import { expect, test } from 'vitest';
import { ownerSuite } from './owner-suite.ts';

ownerSuite('SQLite', async () => {
	const folder = openDataFolder(mkdtempSync(join(tmpdir(), 'holdfast-owner-')), 'relay');
	const record = openSqliteRecord(folder, REPORTS);
	return {
		record,
		async close() {
			await record.close();
			folder.release();
		},
	};
});

test('a relay serves the owner’s pages and no till: other screens lead there, and no worker keeps the app on a phone', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-owner-app-'));
	for (const [name, text] of [
		['index.html', '<p>the app</p>'],
		['icon.svg', '<svg/>'],
		['service-worker.js', 'keeps everything'],
	] as const)
		writeFileSync(join(folder, name), text);
	const server = createHttp({
		...{ routes: {}, upgrades: {}, contentSecurityPolicy: policyOf([], 'only us'), files: serveOwnerPages(openAppFiles(folder)) },
		onError: (error) => {
			throw error as Error;
		},
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { redirect: 'manual' });
	for (const path of ['/owner', '/owner/stock', '/owner?x=1']) expect(await (await ask(path)).text(), path).toBe('<p>the app</p>');
	expect((await ask('/owner')).headers.get('content-security-policy'), 'they talk to the relay alone').toContain("connect-src 'self';");
	for (const path of ['/', '/sell', '/ownership']) expect((await ask(path)).headers.get('location'), path).toBe('/owner');
	const misspelt = await ask('/api/v1/sale');
	expect([misspelt.status, await misspelt.json()]).toEqual([404, { error: 'There is nothing at this address.' }]);
	expect(await (await ask('/icon.svg')).text()).toBe('<svg/>');
	expect(await (await ask('/service-worker.js')).text()).toMatch(/^\/\/ /);
	await closeHttp(server);
});
