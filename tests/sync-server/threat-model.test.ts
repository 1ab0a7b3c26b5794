/** `docs/threat-model.md` says what nobody can do, and names the test that shows it: each of them is there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/threat-model.md', ROOT), 'utf8');

test('every test that the threat model names exists under its name', () => {
	const named = [...page.matchAll(/`(tests\/[^`]+)` “([^”]+)”/g)].map(([, file = '', name = '']) => ({ file, name }));
	const missing = named.filter(({ file, name }) => !existsSync(new URL(file, ROOT)) || !isThere(readFileSync(new URL(file, ROOT), 'utf8'), name));
	expect(missing).toEqual([]);
	expect(named.length).toBeGreaterThan(40);
	// Each mention of a test file comes with the name of a test in it.
	expect([...page.matchAll(/`tests\//g)]).toHaveLength(named.length);
});

test('each of the six says what it can, and shows what it cannot', () => {
	const chapters = page.split(/^## /m).slice(1);
	expect(chapters.map((chapter) => chapter.split('\n')[0])).toEqual([
		'A stolen till',
		'A cashier with developer tools',
		'A stranger on the Wi-Fi',
		'A stranger on the internet',
		'A dishonest relay operator',
		'A copied relay key',
		'A lost hub',
	]);
	for (const chapter of chapters) {
		expect(chapter).toMatch(/^\| \S+(?: \S+)* can \|/m);
		const shown = chapter.split(/^\| .*shown by \|$/m)[1] ?? '';
		const claims = shown.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('|---'));
		expect(claims.length).toBeGreaterThan(3);
		for (const claim of claims) expect(claim).toContain('`tests/');
	}
});

function isThere(source: string, name: string): boolean {
	return [`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => source.includes(quoted));
}
