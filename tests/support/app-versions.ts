/** A build that becomes another version, as the next one would be, and a page that hears of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from 'playwright/test';

export function versionIn(build: string): string {
	return (JSON.parse(readFileSync(join(build, '_app/version.json'), 'utf8')) as { version: string }).version;
}

/** Gives the copy of a build another version, in worker and page, as a new build would. */
export function become(build: string, version: string, change: (worker: string) => string): void {
	const before = versionIn(build);
	const worker = join(build, 'service-worker.js');
	const changed = change(readFileSync(worker, 'utf8')).replaceAll(before, version);
	expect(changed).toContain(version);
	writeFileSync(worker, changed);
	writeFileSync(join(build, 'index.html'), readFileSync(join(build, 'index.html'), 'utf8').replaceAll(before, version));
	writeFileSync(join(build, '_app/version.json'), JSON.stringify({ version }));
}

/** Looks for a new version and waits for what becomes of it. */
export async function update(page: Page, end: 'installed' | 'activated' | 'redundant'): Promise<void> {
	const became = await page.evaluate(
		async (ends) => {
			const registration = await navigator.serviceWorker.ready;
			const found = new Promise<ServiceWorker>((resolve) => {
				registration.addEventListener('updatefound', () => registration.installing && resolve(registration.installing), { once: true });
			});
			await registration.update().catch(() => undefined);
			const worker = await found;
			return new Promise<string>((resolve) => {
				const tell = () => ends.includes(worker.state) && resolve(worker.state);
				worker.addEventListener('statechange', tell);
				tell();
			});
		},
		end === 'installed' ? ['installed', 'redundant'] : ['activated', 'redundant'],
	);
	expect(became).toBe(end);
}
