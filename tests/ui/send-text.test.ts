/** A receipt on its way to a customer. */
import { mailTo } from '#ui/send-text.ts';
import { expect, test } from 'vitest';

test('a mail goes to the address that the customer gave, and to nobody where there is none', () => {
	expect(mailTo('Receipt T1-1', 'a\nb', 'ada@tide.example')).toBe('mailto:ada@tide.example?subject=Receipt%20T1-1&body=a%0D%0Ab');
	expect(mailTo('Receipt', 'a', '')).toBe('mailto:?subject=Receipt&body=a');
});

test('what stands in an address adds no line to the mail', () => {
	expect(mailTo('R', 'a', 'a@b.example?bcc=x@y.example')).toBe('mailto:a@b.example%3Fbcc%3Dx@y.example?subject=R&body=a');
});
