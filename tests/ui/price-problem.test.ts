import { priceProblem } from '#ui/price-problem.ts';
import { expect, test } from 'vitest';

test('a price is no problem, nor is nothing; what may be two prices is told apart from what is none', () => {
	for (const fine of ['', ' ', '2.50', '2,5', '1.255', '1255', '1,2550', '1,234,567', '1.234,50']) expect(priceProblem(fine), fine).toBeUndefined();
	expect(priceProblem('fifty')).toBe('Type a price like 2.50.');
	expect(priceProblem(' 1,255 ')).toBe('1,255 could be two prices: type 1255 or 1.2550.');
});
