/** What is gathered while a transaction is under way, and while the server has time for others. */
import { createGathering } from '#adapters/record-postgres/gathering.ts';
import type { OpenedBranch } from '#adapters/record-postgres/writer.ts';
import { expect, test } from 'vitest';
import { createManualTime } from '../../support/manual-time.ts';

const branch = (name: string): OpenedBranch => ({ store: '5e', branch: name, epoch: 1, writes: 0, lost: undefined });
const loop = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test('3: after a transaction it rests for as long as it is told, and writes then what came meanwhile together', async () => {
	const time = createManualTime();
	const transactions: string[][] = [];
	const gathering = createGathering<{ readonly to: OpenedBranch }, void>({
		connection: { standing: () => ({ answers: true }) },
		count: (waiting) => waiting.length,
		async writeAll(batch) {
			transactions.push(batch.map(({ write: { to } }) => to.branch));
			await time.pass(20);
			for (const { resolve } of batch) resolve();
		},
		rest: { ...time, afterMs: (tookMs) => 2 * tookMs },
	});
	const [one, other] = [branch('b1'), branch('b2')];
	await gathering.write({ to: one });
	const later = [gathering.write({ to: one }), gathering.write({ to: other })];
	await loop();
	expect([gathering.isWriting(one), transactions]).toEqual([true, [['b1']]]);
	await time.pass(39);
	await loop();
	expect(transactions).toEqual([['b1']]);
	await time.pass(1);
	await Promise.all(later);
	expect(transactions).toEqual([['b1'], ['b1', 'b2']]);
	expect(gathering.isWriting(one)).toBe(false);
});
