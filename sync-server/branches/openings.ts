/**
 * The relay's mail between a new hub and the store that opens a branch with it.
 *
 * 1. What lies here is no secret and proves itself to whom it is for: the ask by its code, the answer by its certificate.
 * 2. It lies in memory, for ten minutes after the new hub asked last, `MOST_OPENINGS` at most: the one that asked longest ago goes first, and whoever waits asks
 *    every two seconds.
 */
import type { Clock, Digest } from '#ports';
import {
	openingAnswer,
	openingAsk,
	OPENINGS_PATH,
	openingWanted,
	type BranchAnswer,
	type BranchAsk,
	type openingFound,
	type openingHeard,
} from '#schemas/wire/branch-opening.ts';
import { readBranchCode } from '#core/branch-code.ts';
import * as v from 'valibot';
import { createLimit } from '../http/limit.ts';
import type { Answer, Handler } from '../http/server.ts';
import { codeOfAsk, isAskProven } from './proven-ask.ts';

const KEPT_MS = 10 * 60_000;
/** Of 10 KB each at most: 2 MB. */
const MOST_OPENINGS = 200;
/** A signature to check each; a relay that opens ten branches a second is under attack. */
const MOST_NEW_A_MINUTE = 600;

export function createOpenings({ clock, digest }: { readonly clock: Clock; readonly digest: Digest }): {
	readonly routes: Readonly<Record<string, Handler>>;
} {
	/** By code, who asked longest ago first. */
	const openings = new Map<string, { readonly ask: BranchAsk; readonly atMs: number; readonly answer?: BranchAnswer }>();
	const isTooOften = createLimit(clock, MOST_NEW_A_MINUTE);

	function find(code: string | undefined): { readonly ask: BranchAsk; readonly answer?: BranchAnswer } | undefined {
		const found = openings.get(code ?? '');
		return found !== undefined && clock.nowMs() - found.atMs < KEPT_MS ? found : undefined;
	}

	async function hear(body: unknown): Promise<Answer> {
		const asked = v.safeParse(openingAsk, body);
		if (!asked.success) return refuse(400, 'The request is not complete.');
		const { ask } = asked.output;
		const code = await codeOfAsk(ask, digest);
		const known = openings.get(code);
		if (known === undefined) {
			if (isTooOften()) return refuse(429, 'Too many hubs ask at once. Try again in a minute.');
			if (!(await isAskProven(ask, digest))) return refuse(401, 'The proof does not fit the key.');
		}
		openings.delete(code);
		openings.set(code, { ...known, ask, atMs: clock.nowMs() });
		const [oldest] = openings.keys();
		if (openings.size > MOST_OPENINGS && oldest !== undefined) openings.delete(oldest);
		return { body: (known?.answer === undefined ? {} : { answer: known.answer }) satisfies v.InferOutput<typeof openingHeard> };
	}

	return {
		routes: {
			[`POST ${OPENINGS_PATH}`]: (_, body) => hear(body),
			[`POST ${OPENINGS_PATH}/asked`](_, body) {
				const wanted = v.safeParse(openingWanted, body);
				const found = wanted.success ? find(readBranchCode(wanted.output.code)) : undefined;
				return found === undefined ? refuse(404, NOBODY) : { body: { ask: found.ask } satisfies v.InferOutput<typeof openingFound> };
			},
			[`POST ${OPENINGS_PATH}/answer`](_, body) {
				const answered = v.safeParse(openingAnswer, body);
				const code = answered.success ? readBranchCode(answered.output.code) : undefined;
				const found = code === undefined ? undefined : openings.get(code);
				if (!answered.success || code === undefined || found === undefined) return refuse(404, NOBODY);
				openings.set(code, { ...found, answer: answered.output.answer });
				return { body: {} };
			},
		},
	};
}

const NOBODY = 'No hub asks with that code.';

function refuse(status: number, error: string): Answer {
	return { status, body: { error } };
}
