/** Somebody answers what was planted, by any of the choices: then it is over, whatever the day goes on with. */
import type { Choice } from '#core/conflict/conflict.ts';
import { choicesOn } from '#core/conflict/product-edited.ts';
import { isRefusal } from '#core/intent.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { decideAs, perform } from '../till-day.ts';
import { renewalsShown } from '../unsigned-renewal.ts';
import type { ShopDay } from './day.ts';

/** By the hub, which has heard everything; so has everybody before anything else is done. */
export function answerAs(day: ShopDay, kind: string, subject: string): void {
	day.everybodyHears();
	const { device } = day.hub;
	const ledger = createLedger({ store: day.shop.store, branch: day.shop.branch, renewalsIn: renewalsShown });
	ledger.add(day.shop.entries.filter((entry) => !day.lost.has(entry)));
	const conflict = ledger.conflicts().find(({ id }) => id.kind === kind && id.subject === subject);
	if (conflict === undefined) throw new Error(`planted, and not found at once: ${kind} ${subject}`);
	for (const choice of day.dice.shuffled(choicesOn(conflict, device.id))) {
		const value = valueFor(choice);
		const intent = { intent: 'resolve', conflict: conflict.id, choice: choice.id, ...(value === undefined ? {} : { value }) } as const;
		// Asking for a gap again writes nothing, and another branch adjusts its own stock: those are no answers here.
		if (isRefusal(decideAs(ledger, device, intent))) continue;
		perform(ledger, device, intent);
		day.everybodyHears();
		return;
	}
	throw new Error(`nothing answers ${kind} ${subject}`);
}

function valueFor({ effect, asks }: Choice): string | undefined {
	if (effect.does === 'count') return '5';
	// The drawer that was planted should hold ten pounds.
	if (effect.does === 'recount-drawer') return '10.00';
	return asks === undefined || asks.optional === true ? undefined : 'something else';
}
