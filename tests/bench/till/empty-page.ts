/** What SvelteKit costs before anybody has written anything: a page with one heading, built as the till is and served from this process. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import sirv from 'sirv';
import { createBuilder } from 'vite';

/** Inside the repository, where its packages are found. */
const FOLDER = fileURLToPath(new URL('../../../test-results/empty-page', import.meta.url));

const SOURCES: Readonly<Record<string, string>> = {
	'src/app.html': '<!doctype html><html lang="en"><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body></html>',
	'src/routes/+layout.ts': 'export const ssr = false;',
	'src/routes/+page.svelte': '<h1>Empty</h1>',
};

export interface EmptyPage extends AsyncDisposable {
	readonly url: string;
}

export async function serveEmptyPage(): Promise<EmptyPage> {
	rmSync(FOLDER, { recursive: true, force: true });
	for (const [path, text] of Object.entries(SOURCES)) {
		mkdirSync(join(FOLDER, path, '..'), { recursive: true });
		writeFileSync(join(FOLDER, path), text);
	}
	const build = join(FOLDER, 'build');
	const options = {
		adapter: adapter({ pages: build, assets: build, fallback: 'index.html', precompress: true }),
		outDir: join(FOLDER, '.svelte-kit'),
		files: { src: join(FOLDER, 'src'), assets: join(FOLDER, 'static') },
	};
	const builder = await createBuilder({
		root: FOLDER,
		configFile: false,
		logLevel: 'error',
		plugins: [sveltekit(options)],
		build: { target: 'es2024' },
	});
	await builder.buildApp();
	const files = sirv(build, { single: true, brotli: true });
	const server = createServer((request, response) => {
		files(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			rmSync(FOLDER, { recursive: true, force: true });
		},
	};
}
