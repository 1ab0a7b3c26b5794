/** How a hub says no over HTTP: its refusal by name, with the same as a sentence (`schemas/wire/hub-refusal.ts`). */
import { NOT_LET_IN, type NotLetIn } from '#core/enrolment-refusals.ts';
import { hubRefusalWords, type HubRefusalName, type RefusalFigures } from '#core/hub-refusals.ts';
import type { HubRefusal } from '#schemas/wire/hub-refusal.ts';
import type { Answer } from './server.ts';

export function refuse(status: number, why: NotLetIn | HubRefusalName, figures?: RefusalFigures): Answer {
	const error = why in NOT_LET_IN ? NOT_LET_IN[why as NotLetIn] : hubRefusalWords(why as HubRefusalName, figures);
	return { status, body: { error, why, ...(figures === undefined ? {} : { figures }) } satisfies HubRefusal };
}
