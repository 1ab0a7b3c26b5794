/** Recording a sale, in real Chromium. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { findChromium } from '../../support/chromium.mjs';
import { median, ms, type Row } from '../row.ts';
import { bundle } from './bundle.ts';

export const record: Row = {
	name: 'record',
	what: 'recording a sale in Chromium: decided, sealed, signed, in the vault',
	against: 'one raw strict IndexedDB transaction of its size',
	reach: 'within 2× at the median',
	async run({ quick, tell }) {
		tell('bundling the page');
		const script = await bundle(fileURLToPath(new URL('./record-page.ts', import.meta.url)), 'es');
		const server = createServer((request, response) => {
			if (request.url === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
			else response.setHeader('content-type', 'text/html').end('<!doctype html><title>bench</title><script type="module" src="/page.js"></script>');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const executablePath = findChromium();
		const browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: ['--no-sandbox'] });
		try {
			const page = await browser.newPage();
			await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
			await page.waitForFunction(() => 'bench' in window);
			tell('sales and raw transactions in turn');
			const { ours, raw, twice, bytes } = await page.evaluate(
				([rounds, warmups]) => window.bench.record(rounds, warmups),
				quick ? ([20, 5] as const) : ([400, 40] as const),
			);
			const ratio = median(ours) / median(raw);
			return {
				...{ ours: ms(median(ours)), anchor: ms(median(raw)), ratio, ok: ratio <= 2 },
				note: `two transactions that look first and write what the vault writes, one after the other, cost ${ms(median(twice))} by themselves: ours is ${(median(ours) / median(twice)).toFixed(2)}× that.`,
				numbers: {
					oursMs: median(ours),
					rawMs: median(raw),
					twiceMs: median(twice),
					oursWorstMs: Math.max(...ours),
					rawWorstMs: Math.max(...raw),
					bytes,
				},
			};
		} finally {
			await browser.close();
			server.closeAllConnections();
			server.close();
		}
	},
};
