/** Waits until the condition holds, looking every 10 ms; fails with the sentence after the bound. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string, withinMs = 10_000): Promise<void> {
	const until = Date.now() + withinMs;
	while (!(await condition())) {
		if (Date.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}
