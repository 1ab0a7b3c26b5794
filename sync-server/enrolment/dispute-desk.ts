/**
 * Devices that removed each other are suspended until an owner says who stays, and owners are hubs: this hub says it for whoever is at its own machine.
 *
 * 1. From its own machine alone: a till that asked would decide in its own case, or in another's without a say.
 * 2. Nothing but such a dispute is answered here, by one of the choices that it offers. Asked again under its key, it is answered once.
 */
import { isRefusal } from '#core/intent.ts';
import { ROSTER_DISPUTED } from '#core/roster/roster.ts';
import { disputeAnswer } from '#schemas/wire/dispute-answer.ts';
import * as v from 'valibot';
import type { Branch } from '../branch.ts';
import { refuse } from '../http/refuse.ts';
import { isSameMachine } from '../http/same-machine.ts';
import type { Answer, Handler } from '../http/server.ts';

export interface DisputeDeskDeps {
	/** Why it answers nothing now, where it does not. */
	readonly shop: () => { readonly branch: Branch } | Answer;
	readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

export function createDisputeDesk({ shop, log }: DisputeDeskDeps): Handler {
	return async (request, body) => {
		if (!isSameMachine(request)) return refuse(403, 'another-machine');
		const asked = v.safeParse(disputeAnswer, body);
		if (!asked.success) return refuse(400, 'dispute-gone');
		const open = shop();
		if (!('branch' in open)) return open;
		const { conflict, choice, key } = asked.output;
		if (conflict.kind !== ROSTER_DISPUTED) return refuse(400, 'dispute-gone');
		const done = await open.branch.writer?.till.perform({ intent: 'resolve', conflict, choice }, key);
		if (done === undefined || 'trouble' in done) return refuse(503, 'dispute-not-written');
		if (isRefusal(done)) return refuse(409, 'dispute-gone');
		log('a dispute is answered', { choice, between: conflict.subject });
		return { body: {} };
	};
}
