/** Runs one task at a time, in the order in which they came; a task that fails stops nobody. */
export type OneAtATime = <Result>(task: () => Promise<Result>) => Promise<Result>;

export function createOneAtATime(): OneAtATime {
	let tail: Promise<unknown> = Promise.resolve();
	return <Result>(task: () => Promise<Result>): Promise<Result> => {
		const mine = tail.then(task);
		tail = mine.catch(() => undefined);
		return mine;
	};
}
