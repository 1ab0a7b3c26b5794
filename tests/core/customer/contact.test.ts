/** What people write differently and mean the same is the same contact; what is none is refused. */
import { normalCard, normalEmail, normalPhone } from '#core/customer/contact.ts';
import { expect, test } from 'vitest';

test.each([
	['020 7946 0000', '44', 'tel:+442079460000'],
	['+44 (0)20 7946-0000', undefined, 'tel:+442079460000'],
	['0044.20.7946.0000', '49', 'tel:+442079460000'],
	['020 7946 0000', undefined, undefined],
	['12', '44', undefined],
	['+4420794600001234', '44', undefined],
	['call me', '44', undefined],
])('the phone %s, in a shop of +%s, is %s', (text, callingCode, normal) => {
	expect(normalPhone(text, callingCode)).toBe(normal);
});

test('e-mail addresses are told apart by what is written, not by case or space around', () => {
	expect(normalEmail(' Ada@Example.ORG ')).toBe('mail:ada@example.org');
	expect([normalEmail('ada'), normalEmail('a b@c.d'), normalEmail('ada@example')]).toEqual([undefined, undefined, undefined]);
});

test('cards are letters and digits, however they are grouped', () => {
	expect([normalCard('ab12 3456'), normalCard('AB12-3456')]).toEqual(['card:AB123456', 'card:AB123456']);
	expect(normalCard('ab?')).toBeUndefined();
});
