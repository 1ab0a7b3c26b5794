/**
 * A receipt printer in the shop's network: a real listener that answers what it is asked about its paper, as printers do, and keeps what it is given.
 * Hubs print on ports 9100 to 9109.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { expect, type Page } from 'playwright/test';
import { goTo } from './go-to.ts';

/** DLE EOT 2 and 4: what a hub asks before it prints. */
const STATUS_QUESTION = '\x10\x04\x02\x10\x04\x04';

export interface Printer {
	readonly port: number;
	/** It goes in the middle: whoever asks it something is cut off. */
	isDying: boolean;
	/** What came out as the so many-th print since it was switched on, once it is whole. */
	print(number: number): Promise<string>;
	switchOff(): Promise<void>;
}

export async function switchOn(wanted?: number): Promise<Printer> {
	const prints: string[] = [];
	const sockets = new Set<Socket>();
	const server: Server = createServer((socket) => {
		sockets.add(socket);
		let bytes = '';
		socket.setEncoding('latin1');
		socket.on('error', () => undefined);
		socket.on('data', (text: string) => {
			if (printer.isDying) {
				socket.destroy();
				return;
			}
			bytes += text;
			const parts = bytes.split(STATUS_QUESTION);
			// One byte for each of the two questions in it: on line, paper there.
			if (parts.length > 1) socket.write(Buffer.from([0x12, 0x12]));
			bytes = parts.join('');
		});
		socket.on('end', () => prints.push(bytes));
		socket.on('close', () => sockets.delete(socket));
	});
	const ports = wanted === undefined ? Array.from({ length: 10 }, (_, place) => 9100 + place) : [wanted];
	const printer: Printer = {
		port: await firstFree(server, ports),
		isDying: false,
		async print(number) {
			await expect.poll(() => prints.length).toBeGreaterThanOrEqual(number);
			return prints[number - 1] ?? '';
		},
		async switchOff() {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return printer;
}

async function firstFree(server: Server, ports: readonly number[]): Promise<number> {
	for (const port of ports) {
		const isMine = await new Promise<boolean>((resolve) => {
			server.once('error', () => {
				resolve(false);
			});
			server.listen(port, '127.0.0.1', () => {
				resolve(true);
			});
		});
		if (isMine) return port;
	}
	throw new Error(`every port of ${ports.join(', ')} is taken`);
}

/** Named once for the shop, and chosen on this till: it prints every receipt, and a drawer hangs on it. */
export async function setUpPrinter(page: Page, port: number): Promise<void> {
	await goTo(page, 'Settings');
	const shops = page.getByRole('region', { name: 'Printers in the network' });
	await shops.getByRole('button', { name: 'Add a printer' }).click();
	await shops.getByLabel('Name').fill('Counter');
	await shops.getByLabel('Address').fill('127.0.0.1');
	await shops.getByLabel('Port').fill(String(port));
	await shops.getByRole('button', { name: 'Save printers' }).click();
	const own = page.getByRole('region', { name: 'Printer and drawer' });
	await own.getByLabel('Print by').selectOption('A printer in the network');
	await expect(own.getByLabel('Which one')).toContainText('Counter');
	await own.getByLabel('After a sale').selectOption('Print every receipt');
	await own.getByText('A drawer hangs on it').click();
	await own.getByRole('button', { name: 'Save', exact: true }).click();
	await expect(own.getByRole('status')).toContainText('Saved on this till.');
}
