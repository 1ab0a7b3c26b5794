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

/** Each theme as it stands, however it comes about: by the device or by Settings. */
const THEMES = {
	light: [{ tokens: [':root'] }],
	dark: [{ tokens: [':root', ":root:not([data-theme='light'])"] }, { tokens: [':root', ":root[data-theme='dark']"] }],
	'light, high contrast': [
		{ tokens: [':root', ":root:not([data-theme='dark'])"] },
		{ tokens: [':root', ":root[data-contrast='more']:not([data-theme='dark'])"] },
	],
	'dark, high contrast': [
		{ tokens: [':root', ":root[data-contrast='more'][data-theme='dark']"] },
		{ tokens: [':root', ":root[data-contrast='more']:not([data-theme='light'])"] },
	],
} as const;

/** WCAG 2.2, "relative luminance" and "contrast ratio". */
function luminance(colour: string): number {
	const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
		const part = parseInt(colour.slice(at, at + 2), 16) / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(one: string, other: string): number {
	const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
	return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ['--ground', '--panel', '--sunk'];
const PAIRS = [
	...['--ink', '--soft', '--faint', '--kelp', '--amber', '--coral', '--sea'].flatMap((text) => GROUNDS.map((ground) => [text, ground])),
	...['--kelp', '--amber', '--coral', '--sea'].map((text) => [text, `${text}-wash`]),
	...['--kelp-wash', '--amber-wash', '--coral-wash', '--sea-wash'].map((wash) => ['--ink', wash]),
	['--on-kelp', '--kelp'],
];

test.each(Object.entries(THEMES))('%s: text is seen on every ground that it may lie on', (theme, ways) => {
	const made = ways.map(({ tokens }) => new Map(tokens.flatMap((selector) => [...tokensOf(selector)])));
	for (const way of made) expect(way).toEqual(made[0]);
	const least = theme.includes('high') ? 7 : 4.5;
	const faint = PAIRS.flatMap(([text = '', ground = '']) => {
		const ratio = contrast(made[0]?.get(text) ?? '', made[0]?.get(ground) ?? '');
		return ratio >= least ? [] : [`${text} on ${ground}: ${ratio.toFixed(2)}`];
	});
	expect(faint).toEqual([]);
});
