/** Has the hub that served this page answer who stays. Whatever goes wrong is the hub's refusal, or that it does not answer. */
import { hubRefusalWords } from '#core/hub-refusals.ts';
import { DISPUTES_PATH, type DisputeAnswer } from '#schemas/wire/dispute-answer.ts';
import { hubRefusal, type HubRefusal } from '#schemas/wire/hub-refusal.ts';
import * as v from 'valibot';

const ANSWER_MS = 10_000;

export async function answerDispute(
	answer: DisputeAnswer,
	fetch: (path: string, init: RequestInit) => Promise<Response>,
): Promise<'answered' | { readonly problem: HubRefusal }> {
	const silent = { problem: { why: 'hub-silent', error: hubRefusalWords('hub-silent') } } as const;
	try {
		const done = await fetch(DISPUTES_PATH, {
			...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) },
			signal: AbortSignal.timeout(ANSWER_MS),
		});
		if (done.ok) return 'answered';
		const said: unknown = await done.json();
		return v.is(hubRefusal, said) ? { problem: said } : silent;
	} catch {
		return silent;
	}
}
