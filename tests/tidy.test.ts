/**
 * The house in order: the arrows of the design, the purity of core and schemas, names, READMEs. Each rule is shown to find what it is for, then run over every file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { arrowFindings, type House } from './support/tidy/arrows.ts';
import {
	barrelFindings,
	deadCodeFindings,
	leftOutFindings,
	lostFindings,
	machineFindings,
	nameFindings,
	unexplainedFolders,
} from './support/tidy/order.ts';
import { purityFindings } from './support/tidy/purity.ts';
import { isCode, sourceOf } from './support/tidy/source.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What no one wrote, or what is data. */
const NOT_OURS = new Set(['.git', 'node_modules', 'build', '.svelte-kit', 'data', 'test-results', 'bench-results', 'compiled', 'compiled.inlang']);
const TEXT = /\.(ts|mts|js|mjs|svelte|json|md|html|css|svg|yml|yaml|sh|webmanifest)$|^\.ci\/run$|(^|\/)\.(npmrc|gitignore|prettierignore)$/;

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
	imports: Record<string, string>;
	dependencies: Record<string, string>;
	devDependencies: Record<string, string>;
};
const house: House = { aliases: manifest.imports, packages: Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }) };
const paths = filesUnder('');
const texts = new Map(paths.filter((path) => TEXT.test(path)).map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
const sources = [...texts].filter(([path]) => isCode(path)).map(([path, text]) => sourceOf(path, text));

/** Planted examples must not be found in this very file, so they are put together here. */
const planted = (...parts: string[]) => parts.join('');

describe('arrows', () => {
	const refused: [path: string, code: string][] = [
		['app/core/sale/cart.ts', `import { x } from '#engine/commit.ts';`],
		['app/core/sale/cart.ts', `import type { Vault } from '#ports';`],
		['app/core/sale/cart.ts', `let x: import('#ports').Vault;`],
		['app/core/sale/cart.ts', `export { x } from '../../engine/commit.ts';`],
		['app/core/sale/cart.ts', `export * from '../../engine/commit.ts';`],
		['app/core/sale/cart.ts', `const x = () => import('../../projections/stock.ts');`],
		['app/core/sale/cart.ts', `import fast from 'fast-check';`],
		['app/core/sale/cart.ts', `import fs from 'node:fs';`],
		['schemas/ids.ts', `import { x } from '#core/money.ts';`],
		['app/ports.ts', `import type { Commit } from '#engine/commit.ts';`],
		['app/engine/commit.ts', `import { x } from '#adapters/keys-file/keys-file.ts';`],
		['app/engine/commit.ts', `import { Repo } from '@automerge/automerge-repo/slim';`],
		['app/engine/commit.ts', `import { createServer } from 'node:http';`],
		['app/projections/stock.ts', `import { x } from '#engine/commit.ts';`],
		['app/projections/stock.ts', `import type { Clock } from '#ports';`],
		['app/ui/total.svelte', `<script lang="ts">import { x } from '#projections/rows.ts';</script>`],
		['app/ui/total.svelte', `<script module>import { x } from '#engine/commit.ts';</script>`],
		['app/ui/total.svelte', `{#await import('../engine/commit.ts') then x}{x}{/await}`],
		['app/routes/sell/+page.svelte', `<script lang="ts">import { x } from '#adapters/keys-file/keys-file.ts';</script>`],
		['app/routes/sell/+page.svelte', `<script lang="ts">import { start } from '../../boot.ts';</script>`],
		['app/routes/sell/+page.ts', `import type { Started } from '../../boot.ts';`],
		['app/engine/commit.ts', `const worker = new Worker(new URL('../replica.worker.ts', import.meta.url), { type: 'module' });`],
		['app/core/sale/cart.ts', `const page = new URL('../../engine/commit.ts', import.meta.url);`],
		['app/ports.ts', `const page = new URL('boot.ts', import.meta.url);`],
		['app/engine/commit.ts', `const all = import.meta.glob(['../core/*.ts', '../adapters/*/*.ts']);`],
		['app/engine/commit.ts', `const x = import(name);`],
		['app/adapters/lan-libp2p/lan.ts', `import { x } from '../documents-automerge/repo.ts';`],
		['app/adapters/lan-libp2p/lan.ts', `import { x } from '#engine/verify.ts';`],
		['app/adapters/relay-websocket/client.ts', `import { peerIdFromString } from '@libp2p/peer-id';`],
		['app/adapters/entries-sqlite/store.ts', `import * as A from '@automerge/automerge/slim';`],
		['app/boot.ts', `import x from './ui/total.svelte';`],
		['app/boot.ts', `import { x } from '#server/hub.ts';`],
		['app/boot.ts', `import { Repo } from '@automerge/automerge-repo';`],
		['sync-server/hub.ts', `import { multiaddr } from '@multiformats/multiaddr';`],
		['sync-server/hub.ts', `import x from '../app/routes/rows.ts';`],
		['sync-server/hub.ts', `import { start } from '../app/boot.ts';`],
		['sync-server/hub.ts', `import { x } from '../tests/support/chromium.mjs';`],
		['sync-server/hub.ts', `import left from 'left-pad';`],
		['sync-server/launch/start.mjs', `import pino from 'pino';`],
		['sync-server/launch/start.mjs', `import { hub } from '../hub.ts';`],
		['app/odd/thing.ts', `export const x = 1;`],
		['app/engine/commit.ts', `import { x } from '#nowhere/x.ts';`],
		['app/engine/commit.ts', `import { goto } from '$app/navigation';`],
	];
	test.each(refused)('%s may not: %s', (path, code) => {
		expect(arrowFindings(sourceOf(path, code), house)).toHaveLength(1);
	});

	const allowed: [path: string, code: string][] = [
		['app/core/sale/cart.ts', `import { x } from '#schemas/cart.ts'; import { y } from '../money.ts';`],
		['schemas/ids.ts', `import * as v from 'valibot';`],
		['app/engine/commit.ts', `import type { Vault } from '#ports'; import { x } from './seal.ts';`],
		[
			'app/adapters/lan-libp2p/lan.ts',
			`import { createLibp2p } from 'libp2p'; import { x } from './frames.ts'; import { NetworkAdapter } from '@automerge/automerge-repo/slim';`,
		],
		['app/adapters/documents-automerge/wasm.ts', `import wasm from '@automerge/automerge/automerge.wasm?url';`],
		['app/routes/+layout.svelte', `<script lang="ts">import { start } from '../boot.ts';</script>`],
		['app/routes/sell/+page.svelte', `<script lang="ts">import { page } from '$app/state'; import Total from '#ui/total.svelte';</script><Total />`],
		['app/boot.ts', `const worker = new Worker(new URL('./replica.worker.ts', import.meta.url), { type: 'module' });`],
		[
			'sync-server/hub.ts',
			`import { readFile } from 'node:fs/promises'; import { x } from '#adapters/keys-file/keys-file.ts'; const data = new URL('./data/', import.meta.url);`,
		],
		['tests/adapters/x.test.ts', `const page = new URL('page.ts', import.meta.url); const folder = new URL('data/', import.meta.url);`],
		['tests/core/x.test.ts', `import { start } from '../../app/boot.ts'; import { test } from 'vitest';`],
	];
	test.each(allowed)('%s may: %s', (path, code) => {
		expect(arrowFindings(sourceOf(path, code), house)).toEqual([]);
	});

	test('hold in every file', () => {
		expect(sources.flatMap((source) => arrowFindings(source, house))).toEqual([]);
	});
});

describe('purity of core and schemas', () => {
	test.each([
		`export async function x() {}`,
		`const x = async () => 1;`,
		`await x;`,
		`for await (const x of y) z(x);`,
		`type X = Promise<number>;`,
		`Promise.resolve(1);`,
		`const now = Date.now();`,
		`const now = new Date();`,
		`const now = Date();`,
		`const day = new Date(2026, 1, 2);`,
		`const hour = new Date(ms).getHours();`,
		`const x = Math.random();`,
		`crypto.getRandomValues(bytes);`,
		`globalThis.crypto;`,
		`fetch('/x');`,
		`const w = window;`,
		`document.title = 'x';`,
		`const x = { setTimeout };`,
		`setTimeout(() => {}, 1);`,
		`localStorage.clear();`,
		`performance.now();`,
		`console.log(1);`,
		`process.env;`,
		`names.sort((a, b) => a.localeCompare(b));`,
		`new Intl.NumberFormat().format(1);`,
		`new Intl.NumberFormat(undefined, { style: 'percent' });`,
		`Intl.DateTimeFormat('en-GB', { hour: '2-digit' });`,
		`new Intl.DateTimeFormat('en-GB');`,
	])('is broken by %s', (code) => {
		expect(purityFindings(sourceOf('app/core/x.ts', code)).length).toBeGreaterThan(0);
	});

	test.each([
		`const x = new Date(atMs).toISOString(); const y = Date.UTC(2026, 0, 1);`,
		`const x = new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date(ms)); new Intl.NumberFormat(locale, options);`,
		`function titleOf(document: Floor) { return document.title; } const x = sale.document; const y = { fetch: 1 }; type Z = { window: number };`,
		`// await the count; Date.now() would lie here`,
	])('is kept by %s', (code) => {
		expect(purityFindings(sourceOf('app/core/x.ts', code))).toEqual([]);
	});

	test('holds in every file', () => {
		const pure = sources.filter(({ path }) => path.startsWith('app/core/') || path.startsWith('schemas/'));
		expect(pure.length).toBeGreaterThan(20);
		expect(pure.flatMap(purityFindings)).toEqual([]);
	});
});

describe('order', () => {
	test('a name says what is inside, in kebab-case', () => {
		for (const path of [
			'app/core/utils.ts',
			'app/engine/sale-helpers.ts',
			'app/core/helpers/x.ts',
			'app/engine/stock-manager.ts',
			'app/ui/BigTotal.svelte',
			'app/core/fooBar.ts',
			'app/Core/x.ts',
		]) {
			expect(nameFindings(path), path).toHaveLength(1);
		}
		for (const path of [
			'app/routes/sales/[receipt]/+page.svelte',
			'app/service-worker/index.ts',
			'sync-server/deploy/holdfast-hub.service',
			'tests/core/x.browser.test.ts',
			'README.md',
			'.ci/run',
		])
			expect(nameFindings(path), path).toEqual([]);
		expect(paths.flatMap(nameFindings)).toEqual([]);
	});

	test('no file only passes on what others export', () => {
		expect(barrelFindings(sourceOf('app/core/all.ts', `export { a } from './a.ts';\nexport * from './b.ts';`))).toHaveLength(1);
		expect(barrelFindings(sourceOf('app/core/index.ts', `export const a = 1;`))).toHaveLength(1);
		expect(barrelFindings(sourceOf('app/core/a.ts', `export { b } from './b.ts';\nexport const a = 1;`))).toEqual([]);
		expect(sources.flatMap(barrelFindings)).toEqual([]);
	});

	test('no code in comments', () => {
		for (const line of ['const x = 1;', 'return x;', 'if (x) {', '}', 'commit(entry);', 'this.total = 0;', "import x from 'y';"]) {
			expect(deadCodeFindings('x.ts', planted('\t/', '/ ', line)), line).toHaveLength(1);
		}
		for (const line of [
			'Returns the total; a refusal otherwise.',
			'For a sale is never lost.',
			'if the till is alone, it sells on',
			'`commit(entry);` comes first',
			'True from here: print.',
		]) {
			expect(deadCodeFindings('x.ts', planted('\t/', '/ ', line)), line).toEqual([]);
		}
		expect(sources.flatMap(({ path, text }) => deadCodeFindings(path, text))).toEqual([]);
	});

	test('no test is left out', () => {
		expect(leftOutFindings('x.test.ts', planted('test', '.only(', `'x', () => {});`))).toHaveLength(1);
		expect(leftOutFindings('x.test.ts', planted('describe', '.skip(', `'x', () => {});`))).toHaveLength(1);
		expect(leftOutFindings('x.test.ts', `test.skipIf(windows)('x', () => {});`)).toEqual([]);
		expect(sources.filter(({ path }) => path.startsWith('tests/')).flatMap(({ path, text }) => leftOutFindings(path, text))).toEqual([]);
	});

	test('nothing names a machine or a package registry', () => {
		for (const line of [
			planted('/wor', 'k/main/x'),
			planted('see /ho', 'me/ada/x'),
			planted('"/Us', 'ers/ada/x"'),
			planted('https://regis', 'try.example.org/x'),
		])
			expect(machineFindings('x', line), line).toHaveLength(1);
		for (const line of ['./work/x', 'https://example.org/home/', 'a registry of facts', '~/root/x'])
			expect(machineFindings('x', line), line).toEqual([]);
		expect([...texts].flatMap(([path, text]) => machineFindings(path, text))).toEqual([]);
	});

	test('every file that a page names is there', () => {
		expect(lostFindings('x.md', 'read `app/boot.ts`, `tests/core/gone.test.ts` and `npm test`', ['app/boot.ts'])).toEqual([
			'x.md: tests/core/gone.test.ts is not there',
		]);
		const pages = [...texts].filter(([path]) => path.endsWith('.md'));
		expect(pages.flatMap(([path, text]) => lostFindings(path, text, paths))).toEqual([]);
	});

	test('every folder of code has a README', () => {
		expect(unexplainedFolders(['app/core/money.ts', 'app/core/README.md', 'app/core/sale/cart.ts', 'app/README.md'])).toEqual(['app/core/sale']);
		expect(unexplainedFolders(['app/adapters/keys-file/keys-file.ts', 'schemas/ids.ts', 'tests/core/x.test.ts'])).toEqual([
			'app',
			'app/adapters',
			'app/adapters/keys-file',
			'schemas',
			'tests',
		]);
		expect(unexplainedFolders(paths)).toEqual([]);
	});
});

function filesUnder(folder: string): string[] {
	return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((item) => {
		const path = folder === '' ? item.name : `${folder}/${item.name}`;
		if (item.isDirectory()) return NOT_OURS.has(item.name) ? [] : filesUnder(path);
		return item.isFile() && !item.name.endsWith('.log') ? [path] : [];
	});
}
