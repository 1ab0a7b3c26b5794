/** What a page shows: asked when what it is about changes or the relay has something new, one question at a time. What is there stays until the next answer. */
import { untrack } from 'svelte';

export class Asked<Answer> {
	answer = $state.raw<Answer>();
	/** The last question was not answered; `answer` is an older one. */
	hasFailed = $state(false);
	#isAsking = false;
	#isStale = false;

	/** In a component: `of` is run again whenever what it reads changes. It answers the question, which reads nothing more. */
	constructor(of: () => () => Promise<Answer | undefined>) {
		$effect(() => {
			const ask = of();
			untrack(() => void this.#askWith(ask));
		});
	}

	#next: (() => Promise<Answer | undefined>) | undefined;

	async #askWith(ask: () => Promise<Answer | undefined>): Promise<void> {
		this.#next = ask;
		this.#isStale = true;
		if (this.#isAsking) return;
		this.#isAsking = true;
		while (this.#isStale) {
			this.#isStale = false;
			const answer = await this.#next().catch(() => undefined);
			// Of a question that is not asked any more.
			if (this.#isStale) continue;
			this.hasFailed = answer === undefined;
			if (answer !== undefined) this.answer = answer;
		}
		this.#isAsking = false;
	}
}
