/** A build that becomes another version, as the next one would be, and a page that hears of it. */
import { createHash } from 'node:crypto';
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
	const page = readFileSync(join(build, 'index.html'), 'utf8');
	writeFileSync(join(build, 'index.html'), allowed(page, page.replaceAll(before, version)));
	writeFileSync(join(build, '_app/version.json'), JSON.stringify({ version }));
}

/** The page's own policy runs no script of whose text it does not hold the hash, and the script holds the version. */
function allowed(before: string, page: string): string {
	const hashes = (html: string): string[] =>
		[...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => createHash('sha256').update(script).digest('base64'));
	const now = hashes(page);
	expect(now.length).toBeGreaterThan(0);
	return hashes(before).reduce((html, hash, at) => {
		expect(html).toContain(hash);
		return html.replace(hash, now[at] ?? '');
	}, page);
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
