/** Builds the gallery, and serves what was built on loopback. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { createBuilder } from 'vite';
import { GALLERY_BUILD } from './vite.config.ts';

export async function buildGallery(): Promise<void> {
	const builder = await createBuilder({ configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)), logLevel: 'warn' });
	await builder.buildApp();
}

export async function serveGallery(): Promise<{ readonly origin: string; close(): Promise<void> }> {
	const files = sirv(GALLERY_BUILD, {
		single: true,
		// What is named by its content is loaded and compiled once a browser, as in a shop.
		setHeaders(response, path) {
			if (path.includes('/immutable/')) response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
		},
	});
	const server = createServer((request, response) => {
		files(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
