/**
 * Somebody who may allows on the spot what the person at the till may not do alone.
 *
 * 1. Every command that is refused for want of it asks, and is tried again under the same key: no screen needs to know.
 * 2. One question at a time; who turns away has cancelled, and the refusal stands.
 */
import { isRefusal, type Refusal } from '#core/intent.ts';
import type { Commands } from '#engine/commands.ts';
import type { PersonRole } from '#schemas/facts/person-added.ts';
import type { PersonId } from '#schemas/ids.ts';

export interface Question {
	readonly act: string;
	readonly role: PersonRole;
	readonly answer: (by: PersonId | 'cancelled') => void;
}

export type Approve = (act: string, role: PersonRole) => Promise<PersonId | 'cancelled'>;

export class Approval {
	question = $state.raw<Question>();

	readonly approve: Approve = (act, role) =>
		new Promise((resolve) => {
			this.question?.answer('cancelled');
			this.question = {
				...{ act, role },
				answer: (by) => {
					this.question = undefined;
					resolve(by);
				},
			};
		});

	/** The same commands, which ask. */
	asking(commands: Commands): Commands {
		const ask = async <Outcome>(first: Outcome | Refusal, again: (by: PersonId) => Promise<Outcome | Refusal>): Promise<Outcome | Refusal> => {
			if (!isRefusal(first) || first.refused !== 'needs-approval') return first;
			const by = await this.approve(String(first['act']), first['role'] as PersonRole);
			return by === 'cancelled' ? first : again(by);
		};
		return {
			...commands,
			sell: async (cart, tenders, _by, foresee) =>
				ask(await commands.sell(cart, tenders, undefined, foresee), (by) => commands.sell(cart, tenders, by, foresee)),
			perform: async (intent, key) => ask(await commands.perform(intent, key), (by) => commands.perform(intent, key, by)),
			renewKeys: async (how) => ask(await commands.renewKeys(how), (by) => commands.renewKeys(how, by)),
			importProducts: async (file, products, onProgress) =>
				ask(await commands.importProducts(file, products, onProgress), (by) => commands.importProducts(file, products, onProgress, by)),
		};
	}
}
