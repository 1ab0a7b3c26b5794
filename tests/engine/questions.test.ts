/** A question to a linked device ends with its answer or without one, and is answered by nobody else (`engine/questions.ts`). */
import { createQuestions } from '#engine/questions.ts';
import { expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';

const WITHIN_MS = 1_000;

function open() {
	const time = createManualTime();
	const questions = createQuestions<string>(time.timers);
	const asked: number[] = [];
	for (const peer of ['hub', 'other']) questions.link(peer, true);
	return { time, questions, asked, ask: (peer: string) => questions.ask(peer, WITHIN_MS, (id) => asked.push(id)) };
}

test('1: whoever was asked is heard, once, under the number of the question; nobody else, and nothing unasked', async () => {
	const { questions, asked, ask } = open();
	const [first, second] = [ask('hub'), ask('other')];
	const [id, otherId] = asked as [number, number];
	expect(questions.hear('other', id, 'of somebody else')).toBe(false);
	expect(questions.hear('hub', otherId, 'of somebody else')).toBe(false);
	expect(questions.hear('hub', otherId + 1, 'unasked')).toBe(false);
	expect(questions.hear('hub', id, 'yes')).toBe(true);
	expect(questions.hear('hub', id, 'at once again')).toBe(false);
	expect(questions.hear('other', otherId, 'no')).toBe(true);
	expect(await Promise.all([first, second])).toEqual(['yes', 'no']);
	expect(questions.hear('hub', id, 'twice')).toBe(false);
});

test('2: a question ends after its time, when its peer is gone and when the asker closes; then nobody is asked', async () => {
	const { time, questions, asked, ask } = open();
	const late = ask('hub');
	await time.pass(WITHIN_MS);
	expect(await late).toBeUndefined();
	expect(questions.hear('hub', asked[0] as number, 'late')).toBe(false);

	const [gone, stays] = [ask('hub'), ask('other')];
	questions.link('hub', false);
	expect(await gone).toBeUndefined();
	expect([...questions.linked]).toEqual(['other']);
	expect(await ask('hub'), 'not linked').toBeUndefined();
	questions.close();
	expect(await stays).toBeUndefined();
	expect(await ask('other'), 'closed').toBeUndefined();
	expect(asked).toHaveLength(3);

	const { questions: unsent } = open();
	await expect(
		unsent.ask('hub', WITHIN_MS, () => {
			throw new Error('no way out');
		}),
	).rejects.toThrow('no way out');
	expect(unsent.hear('hub', 1, 'to what was never sent')).toBe(false);
});
