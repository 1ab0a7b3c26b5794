/** `docs/design-language.md` says the tokens that `base.css` has. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const css = read('app/ui/base.css');
const doc = read('docs/design-language.md');

/** The tokens of the first block that begins so. */
function tokensOf(selector: string): ReadonlyMap<string, string> {
	const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
	return new Map([...block.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name = '', value = '']) => [name, value]));
}

test('every colour of the page is the one on the screen, in light and dark, and no colour is left out', () => {
	const [light, dark] = [tokensOf(':root'), tokensOf(":root[data-theme='dark']")];
	const rows = [...doc.matchAll(/^\| `(--[\w-]+)` \| (#\w+) \| (#\w+) \|/gm)].map(([, name = '', ...colours]) => [name, ...colours]);
	expect(rows).toEqual(rows.map(([name = '']) => [name, light.get(name), dark.get(name)]));
	const colours = [...light].filter(([, value]) => value.startsWith('#')).map(([name]) => name);
	expect(rows.map(([name]) => name)).toEqual(colours.filter((name) => !/-wash$|^--on-/.test(name)));
});

test('sizes of type, radii and spans of motion are those of the screen', () => {
	const tokens = tokensOf(':root');
	const sizes = [...doc.matchAll(/^\| `(--text-\w+)` \| ([\d.]+) px \|/gm)].map(([, name = '', px]) => [name, `${Number(px) / 16}rem`]);
	expect(sizes).toEqual([...tokens].filter(([name]) => name.startsWith('--text-')));
	for (const [, px, name = ''] of doc.matchAll(/(\d+) px \(`(--radius-\w)`/g)) expect([name, `${px}px`]).toEqual([name, tokens.get(name)]);
	for (const [, ms, name = ''] of doc.matchAll(/(\d+) ms for [^(]*\(`(--\w+)`\)/g))
		expect([name, `${ms}ms ease-out`]).toEqual([name, tokens.get(name)]);
});
