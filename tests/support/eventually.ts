/** Many times what anything takes on one busy core: it is waited for so long only where something does not happen. */
const LONG_MS = 60_000;

/** Waits until the condition holds, looking every 10 ms; fails with the sentence after the bound. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string, withinMs = LONG_MS): Promise<void> {
	const until = Date.now() + withinMs;
	while (!(await condition())) {
		if (Date.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

/** Waits until the expectations pass, and fails with theirs after the bound. */
export async function untilPasses(expectations: () => void | Promise<void>, withinMs = LONG_MS): Promise<void> {
	for (const until = Date.now() + withinMs; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
		try {
			await expectations();
			return;
		} catch (error) {
			if (Date.now() > until) throw error;
		}
	}
}
