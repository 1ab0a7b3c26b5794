/** The icons of the app, as the build makes them. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { plainIcon } from '../plain-icons.ts';

const APP = fileURLToPath(new URL('../app', import.meta.url));
const ICONS = fileURLToPath(new URL('../node_modules/@lucide/svelte/dist/icons', import.meta.url));

const sources = readdirSync(APP, { recursive: true, encoding: 'utf8' })
	.filter((name) => /\.(svelte|ts)$/.test(name) && !name.includes('node_modules'))
	.map((name) => readFileSync(`${APP}/${name}`, 'utf8'));

test('every icon that the app shows is drawn with the shapes of the library’s, and under its names', () => {
	const names = new Set(sources.flatMap((source) => [...source.matchAll(/'@lucide\/svelte\/icons\/([\w-]+)'/g)].map(([, name]) => name)));
	expect(names.size).toBeGreaterThan(30);
	for (const name of names) {
		const file = /"\.\/([\w-]+\.svelte)"/.exec(readFileSync(`${ICONS}/${name}.js`, 'utf8'))?.[1] ?? '';
		const code = readFileSync(`${ICONS}/${file}`, 'utf8');
		const made = plainIcon(code, name ?? '');
		const drawn = [...made.matchAll(/<(path|circle|rect|line|polyline|polygon|ellipse) ([^>]*) \/>/g)].map(([, tag, said = '']) => [
			tag,
			Object.fromEntries([...said.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value]) => [key, value])),
		]);
		expect(drawn).toEqual(JSON.parse(/"node": (\[.*\]\])/.exec(code)?.[1] ?? ''));
		expect(made).toContain(` lucide-${file.replace('.svelte', '')}`);
	}
});

test('a library in another form ends the build, and does not leave a hole in a screen', () => {
	expect(() => plainIcon('<svg />', 'icons/star.svelte')).toThrow('icons/star.svelte holds no icon');
});

test('no icon is told what it does not know', () => {
	const names = new Set(['Icon', ...sources.flatMap((source) => [...source.matchAll(/import (\w+) from '@lucide/g)].map(([, name]) => name ?? ''))]);
	for (const source of sources)
		for (const [tag, name = '', said = ''] of source.matchAll(/<([A-Z]\w*)((?:\s+[\w-]+=(?:"[^"]*"|\{[^}]*\}))*)\s*\/>/g))
			if (names.has(name) && source.includes(`${name} from '@lucide`))
				for (const [, prop] of said.matchAll(/([\w-]+)=/g)) expect(['size', 'strokeWidth', 'fill', 'aria-hidden'], tag).toContain(prop);
});
