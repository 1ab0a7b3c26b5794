/** The numbered invariant of `routes/customer-display.ts`. */
import { DISPLAY_CHANNEL, type Display } from '#projections/customer-display.ts';
import { afterEach, expect, test } from 'vitest';
import { openCustomerDisplay } from '../../app/routes/customer-display.ts';
import { eventually } from '../support/eventually.ts';

const channel = new BroadcastChannel(DISPLAY_CHANNEL);
const heard: string[] = [];
channel.onmessage = (event) => {
	const { display } = (event as MessageEvent<{ readonly display?: Display }>).data;
	if (display?.shows === 'idle') heard.push(display.words);
};
afterEach(() => heard.splice(0));

const idle = (words: string): Display => ({ shows: 'idle', shopName: 'Corner', words });
const isHeard = (...words: readonly string[]) => eventually(() => Promise.resolve(heard.join() === words.join()), `heard ${words.join()}`);

test('1. of several changes at once the last is worked out, when the till’s own screen has been drawn', async () => {
	const display = openCustomerDisplay();
	display.show(() => expect.fail('worked out for nobody'));
	let made = 0;
	display.show(() => {
		made += 1;
		return idle('two for one');
	});
	expect(made).toBe(0);
	await isHeard('two for one');
	expect(made).toBe(1);
	channel.postMessage('hello');
	await isHeard('two for one', 'two for one');
	display.close();
});

test('1. what waits when the screen is left is said before that', async () => {
	const display = openCustomerDisplay();
	display.show(() => idle('good bye'));
	display.close();
	await isHeard('good bye');
	channel.close();
});
