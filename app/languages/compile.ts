/**
 * Languages become code: each message a function, each language a module of its own, nothing looked up while a cashier waits.
 *
 * 1. A language is one file here, `CODE.json`; English is the one that has every message.
 * 2. What is compiled lies in `compiled/`, is not committed, and is written anew only where a file changed.
 * 3. English is part of the program; each other language is a part that is loaded when it is spoken (`compiled/load.js`).
 *
 * Vite and Vitest call this when they start; `node app/languages/compile.ts` does it by hand.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from '@inlang/paraglide-js';
import { keepPluralRules, splitIndex } from './split.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const COMPILED = join(HERE, 'compiled');
const PROJECT = join(HERE, 'compiled.inlang');
const BASE = 'en';

export async function compileLanguages(): Promise<void> {
	const files = readdirSync(HERE)
		.filter((name) => name.endsWith('.json'))
		.sort();
	const hash = createHash('sha256');
	for (const name of ['compile.ts', 'split.ts']) hash.update(readFileSync(join(HERE, name)));
	for (const name of files) hash.update(name).update(readFileSync(join(HERE, name)));
	const wanted = hash.digest('hex');
	const stamp = join(COMPILED, '.sources');
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
	mkdirSync(PROJECT, { recursive: true });
	const locales = files.map((name) => name.slice(0, -'.json'.length));
	const settings = {
		baseLocale: BASE,
		locales,
		// Read from beside the project's folder.
		modules: ['./../../node_modules/@inlang/plugin-message-format/dist/index.js'],
		'plugin.inlang.messageFormat': { pathPattern: './{locale}.json' },
	};
	writeFileSync(join(PROJECT, 'settings.json'), JSON.stringify(settings));
	await compile({
		...{ project: PROJECT, outdir: COMPILED, strategy: ['globalVariable', 'baseLocale'], outputStructure: 'locale-modules' },
		...{ emitReadme: false, emitGitIgnore: false, emitPrettierIgnore: false },
	});
	const index = join(COMPILED, 'messages/_index.js');
	writeFileSync(index, splitIndex(readFileSync(index, 'utf8'), BASE));
	const registry = join(COMPILED, 'registry.js');
	writeFileSync(registry, keepPluralRules(readFileSync(registry, 'utf8')));
	writeFileSync(join(COMPILED, 'load.js'), loadersOf(locales));
	writeFileSync(stamp, wanted);
}

/** Which language `_index.js` asks, and how each gets here. */
function loadersOf(locales: readonly string[]): string {
	const others = locales.filter((locale) => locale !== BASE);
	return [
		...[`export const baseLocale = ${JSON.stringify(BASE)};`, `export const locales = /** @type {const} */ (${JSON.stringify(locales)});`],
		'/** @typedef {typeof import("./messages/en.js")} Messages */',
		...['/** @type {Partial<Messages> | undefined} None: English. */', 'export let other;'],
		'/** @type {Readonly<Record<string, () => Promise<Partial<Messages>>>>} */',
		`const loaders = { ${others.map((locale) => `${locale}: () => import('./messages/${locale}.js')`).join(', ')} };`,
		'/** @param {typeof locales[number]} locale Rejects where its part cannot be loaded. */',
		'export const load = async (locale) => loaders[locale]?.();',
		'/** @param {Partial<Messages> | undefined} messages */',
		'export const ask = (messages) => void (other = messages);\n',
	].join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await compileLanguages();
