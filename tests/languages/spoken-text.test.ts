/** The numbers are those of `tests/support/tidy/spoken-text.ts`: text that people read stands in the message files alone, whatever the screen. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { answerName, choiceName } from '#projections/conflict-stories/choices.ts';
import { spokenTexts } from '../support/tidy/spoken-text.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What is the same in every language, or is no text for people. */
const EXCEPTIONS: readonly { readonly path: RegExp; readonly text: RegExp; readonly because: string }[] = [
	{ path: /./, text: /^(Holdfast|SKU|ABCD-EFGH(-JKMN)?|holdfast:1\/…)$/, because: 'a name, or what a code looks like' },
	{ path: /./, text: /^\s*@page |^mm\b|input, select/, because: 'CSS' },
	{ path: /-(csv|papers)\.ts$/, text: /^([a-z]|\{\})[^.!?]*$/, because: 'columns of files that programs read: one name in every language' },
	{ path: /training-views\.ts$/, text: /^credit of \{\}$/, because: 'the key of an intent' },
	{
		path: /app\/boot\.ts$/,
		text: /^(the till is (busy|starting)|another tab of this till has taken over|nobody is at this till)$/,
		because: 'the detail of a trouble, for a log',
	},
	{
		path: /projections\/(damage|finding)-words\.ts$/,
		text: /^[a-z ]+$/,
		because: 'names that findings are written down by, each beside its message',
	},
	{ path: /projections\/reasons\.ts$/, text: /^[a-z ]+$/, because: 'names of reasons that older tills wrote, each beside its message' },
	{ path: /conflict-stories\/choices\.ts$/, text: /./, because: 'the names of choices in the core, each beside its message' },
];

const isExcepted = (path: string, text: string): boolean => EXCEPTIONS.some((one) => one.path.test(path) && one.text.test(text));
const textsIn = (path: string, code: string): string[] => spokenTexts(path, code).map(({ text }) => text);

test('1–3: text that a translator would not find is found, in every place where it can hide', () => {
	const planted: [code: string, path?: string][] = [
		['<p>Nothing sold yet</p>'],
		['<p>{count} sales</p>'],
		['{#if open}<b>Closed</b>{:else}{count}{/if}'],
		['{#each rows as row}<li>of {row}</li>{/each}'],
		['{#snippet head()}<h2>Head</h2>{/snippet}'],
		[`<p>{count === 1 ? 'sale' : m.sales()}</p>`],
		['<p>{said ?? `${count} sold`}</p>'],
		['<button aria-label="Close">×</button>'],
		['<Field label="Name" />'],
		['<Field hint="Type {what}" />'],
		[`<Field error={bad ? 'Too much' : undefined} />`],
		[`<script lang="ts">const words = 'Sold out today';</script>`],
		[`const words = 'Sold out today';`, 'app/projections/x.ts'],
		['const words = `${count} sales wait`;', 'app/projections/x.ts'],
		["<Choose options={[{ value: 'each', label: 'Piece' }]} />"],
		['<Choose options={rows.map((row) => ({ label: `${row.name} left` }))} />'],
		['const words = `${names} and ${count} more`;', 'app/projections/x.ts'],
		['const words = `${what}, recorded.`;', 'app/projections/x.ts'],
	];
	for (const [code, path = 'app/routes/x.svelte'] of planted) expect(textsIn(path, code), code).not.toEqual([]);
});

test('what is no text is left alone', () => {
	const harmless: [code: string, path?: string][] = [
		['<p class="soft small" data-kind="text line">{m.sold()} · {count}</p>'],
		['<style>p { color: red; }</style>'],
		['<Field label={m.name()} type="text" inputmode="decimal" />'],
		[`<Choose options={[{ value: 'by weight', label: m.weight() }]} />`],
		[`<p>{row.kind === 'sale' ? m.sale() : m.refund()}</p>`],
		[`import { x } from 'a thing'; type Kind = 'one thing' | 'another thing';`, 'app/projections/x.ts'],
		[`throw new Error('no such thing here');`, 'app/projections/x.ts'],
	];
	for (const [code, path = 'app/routes/x.svelte'] of harmless) expect(textsIn(path, code), code).toEqual([]);
});

test('no screen, component or projection has text of its own, nor have the page and the worker that they are built in', () => {
	const paths = ['app/routes', 'app/ui', 'app/projections'].flatMap((folder) =>
		readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
	);
	const found = [...paths, 'app/boot.ts', 'app/replica.worker.ts']
		.filter((path) => /\.(svelte|ts)$/.test(path))
		.flatMap((path) => spokenTexts(path, readFileSync(`${ROOT}${path}`, 'utf8')))
		.filter(({ path, text }) => !isExcepted(path, text))
		.map(({ path, line, text }) => `${path}:${line}: ${text}`);
	expect(found).toEqual([]);
});

/** Those that speak to terminals and logs; a till shows its own words for what they name. */
const SPEAKS_TO_TERMINALS = /(enrolment|hub)-refusals\.ts$|core\/demo\/|relay-websocket\/admit\.ts$/;
const SENTENCE = /(['`])(?!SELECT |INSERT |DELETE )\p{Lu}(?:(?!\1).)* (?:(?!\1).)*[.!?]\1/u;

test('core, engine and adapters speak in names and figures: no sentence of theirs can reach a screen', () => {
	expect(`reason: 'The SKU is empty.'`).toMatch(SENTENCE);
	expect(`words: \`There are \${count} barcodes.\``).toMatch(SENTENCE);
	const found = ['app/core', 'app/engine', 'app/adapters'].flatMap((folder) =>
		readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
			.map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
			.filter((path) => path.endsWith('.ts') && !SPEAKS_TO_TERMINALS.test(path))
			.flatMap((path) =>
				readFileSync(`${ROOT}${path}`, 'utf8')
					.split('\n')
					.flatMap((line, place) => (SENTENCE.test(line) && !/^\s*(\/?\*|\/\/)|Error\(/.test(line) ? [`${path}:${place + 1}: ${line.trim()}`] : [])),
			),
	);
	expect(found).toEqual([]);
});

test('every choice that the core offers has a message of its own', () => {
	const folder = `${ROOT}app/core/conflict/`;
	const labels = readdirSync(folder).flatMap((name) =>
		[...readFileSync(folder + name, 'utf8').matchAll(/label: '([^']+)'/g)].map(([, label]) => label ?? ''),
	);
	expect(labels.length).toBeGreaterThan(30);
	const choices = readFileSync(`${ROOT}app/projections/conflict-stories/choices.ts`, 'utf8');
	const ids = readdirSync(folder).flatMap((name) =>
		[...readFileSync(folder + name, 'utf8').matchAll(/\bid: ['`]([a-z-]+)(?=[:'`])/g)].map(([, id]) => id ?? ''),
	);
	expect(ids.length).toBeGreaterThan(30);
	for (const id of ids) expect(answerName(id), id).not.toBe(id);
	for (const label of labels) {
		expect(choiceName(label)).toBe(label);
		expect(choices, label).toMatch(new RegExp(`^\\t'?${label}'?: m\\.`, 'm'));
	}
});

test('screens are laid out by where a text begins and ends, not by left and right', () => {
	const physical =
		/^\s*(?:(?:margin|padding|border)-(?:left|right)\b|text-align: (?:left|right)|(?:left|right): (?!50%)|border-(?:top|bottom)-(?:left|right)-radius)/;
	const found = ['app/routes', 'app/ui'].flatMap((folder) =>
		readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
			.filter((name) => /\.(svelte|css)$/.test(name))
			.flatMap((name) =>
				readFileSync(`${ROOT}${folder}/${name}`, 'utf8')
					.split('\n')
					.flatMap((line, place) => (physical.test(line) ? [`${folder}/${name}:${place + 1}: ${line.trim()}`] : [])),
			),
	);
	expect(found).toEqual([]);
});
