/** A fact is sealed in the lowest version that can say it. */
import { inLowestVersion } from '#core/entry/fact-version.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { received, sold } from '../../support/facts.ts';

test('what the first version could say is said in it, whatever the decision wrote', () => {
	expect(inLowestVersion({ ...received('A', 1), v: 2 }).v).toBe(1);
	expect(inLowestVersion({ ...sold([['A', 1, 100]], { till: 1, number: 1 }), v: 2 }).v).toBe(1);
});

test('what only a newer one can say is said in that', () => {
	expect(inLowestVersion({ ...received('A', 1), supplier: 'Smith' }).v).toBe(2);
	const sale = sold([['A', 1, 100]], { till: 1, number: 1 });
	const pack = { ...sale, lines: sale.lines.map((line) => ({ ...line, draws: { sku: 'B' as Sku, quantityMilli: 6000 } })) };
	expect(inLowestVersion(pack).v).toBe(2);
});

test('what no version says is a bug, and throws before it is sealed', () => {
	expect(() => inLowestVersion({ ...received('A', 1), lines: [] })).toThrow('no version of stock.received says');
	expect(() => inLowestVersion({ type: 'no.such', v: 1 } as unknown as Fact)).toThrow('no registry knows');
});
