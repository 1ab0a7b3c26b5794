/** The table for shop owners says what the code finds, no more and no less: `docs/conflicts.md`. */
import { readFileSync } from 'node:fs';
import { CONFLICT_KINDS } from '#core/conflict/registry.ts';
import { expect, test } from 'vitest';

const FOLDER = new URL('../../../app/core/conflict/', import.meta.url);

const rows = readFileSync(new URL('../../../docs/conflicts.md', import.meta.url), 'utf8')
	.split('\n')
	.filter((line) => line.startsWith('| `'))
	.map((line) => line.split('|').map((cell) => cell.trim()))
	.map(([, kind = '', happened = '', holds = '', choices = '']) => ({ kind: kind.replaceAll('`', ''), happened, holds, choices }));

/** Labels are written out where the choices are; shortages share theirs. */
function labelsOf(kind: string): readonly string[] {
	const source = readFileSync(new URL(`${kind}.ts`, FOLDER), 'utf8');
	const shared = /from '\.\/shortage\.ts'/.test(source) ? readFileSync(new URL('shortage.ts', FOLDER), 'utf8') : '';
	return [...new Set([...(source + shared).matchAll(/label: '([^']+)'/g)].map(([, label = '']) => label))].sort();
}

test('every kind that is found has one row, in the order of the code', () => {
	expect(rows.map(({ kind }) => kind)).toEqual(CONFLICT_KINDS);
});

test('every row says what happened, what holds until somebody answers, and each choice by the words on its button', () => {
	for (const { kind, happened, holds, choices } of rows) {
		expect([kind, happened, holds]).not.toContain('');
		const bold = [...new Set([...choices.matchAll(/\*\*([^*]+)\*\*/g)].map(([, label = '']) => label))].sort();
		expect([kind, bold]).toEqual([kind, labelsOf(kind)]);
	}
});
