/** What fails for a moment (a part of the program that does not come) is tried again, with growing pauses, until it works. */
import type { Timers } from '#ports';

export const PAUSE_MS = 1_000;
export const MOST_PAUSE_MS = 60_000;

export async function untilItWorks<Result>(
	work: () => Promise<Result>,
	{ timers, onFailure }: { readonly timers: Pick<Timers, 'after'>; readonly onFailure: (error: unknown) => void },
): Promise<Result> {
	for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS)) {
		try {
			return await work();
		} catch (error) {
			onFailure(error);
		}
		const { promise, resolve } = Promise.withResolvers<undefined>();
		timers.after(pauseMs, () => resolve(undefined));
		await promise;
	}
}
