/** What has gone of a backlog, and what the Sync screen makes of it. */
import { nextBacklog, type Backlog } from '#projections/backlog.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const after = (...waiting: readonly number[]): Backlog | undefined => waiting.reduce(nextBacklog, undefined as Backlog | undefined);

test('2. it begins with what waits, grows with what is sold, and counts what has gone', () => {
	expect(after(0)).toBeUndefined();
	expect(after(3)).toEqual({ waiting: 3, sent: 0 });
	expect(after(3, 5, 4)).toEqual({ waiting: 4, sent: 1 });
	expect(after(300, 200, 201, 50)).toEqual({ waiting: 50, sent: 251 });
});

test('1. once nothing waits there is none, and the next one begins anew', () => {
	expect(after(3, 1, 0)).toBeUndefined();
	expect(after(30, 1, 0, 2)).toEqual({ waiting: 2, sent: 0 });
});

test('2. what has gone never becomes less while something waits', () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 30 }), (list) => {
			let before: Backlog | undefined;
			for (const waiting of list) {
				const now = nextBacklog(before, waiting);
				expect(now?.waiting).toBe(waiting);
				expect(now?.sent ?? 0).toBeGreaterThanOrEqual(before?.sent ?? 0);
				before = now;
			}
		}),
	);
});
