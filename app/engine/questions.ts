/**
 * Questions to linked devices: each is answered by the peer that was asked, or by nobody.
 *
 * 1. Only that peer is heard, and only under the number of its question: what comes late, twice or unasked is no answer.
 * 2. Every question ends: with its answer, after its time, when its peer is gone, and when the asker closes.
 */
import type { Timers } from '#ports';

export interface Questions<Answer> {
	/** In the order in which they came. */
	readonly linked: ReadonlySet<string>;
	link(peer: string, isLinked: boolean): void;
	/** Undefined: no answer. `put` sends the question under this number. */
	ask(peer: string, withinMs: number, put: (id: number) => void): Promise<Answer | undefined>;
	/** False: it answers nothing that is asked. */
	hear(from: string, id: number, answer: Answer): boolean;
	close(): void;
}

export function createQuestions<Answer>(timers: Pick<Timers, 'after'>): Questions<Answer> {
	const linked = new Set<string>();
	const open = new Map<number, { readonly peer: string; readonly end: (answer?: Answer) => void }>();
	let lastId = 0;
	let closed = false;

	return {
		linked,
		link(peer, isLinked) {
			if (isLinked) linked.add(peer);
			else {
				linked.delete(peer);
				for (const question of open.values()) if (question.peer === peer) question.end();
			}
		},
		async ask(peer, withinMs, put) {
			if (closed || !linked.has(peer)) return undefined;
			lastId += 1;
			const id = lastId;
			const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
			const stop = timers.after(withinMs, () => {
				resolve(undefined);
			});
			open.set(id, { peer, end: resolve });
			try {
				put(id);
				return await promise;
			} finally {
				stop();
				open.delete(id);
			}
		},
		hear(from, id, answer) {
			const question = open.get(id);
			if (question?.peer !== from) return false;
			open.delete(id);
			question.end(answer);
			return true;
		},
		close() {
			closed = true;
			for (const { end } of open.values()) end();
		},
	};
}
