/**
 * What an answer does to money, before it is given: said for every choice, also where it is nothing.
 *
 * What is taken back leaves the takings of its day and shift; a Z that was printed stays as it is (`core/shift/figures.ts`).
 */
import type { Choice, Conflict, Effect } from '#core/conflict/conflict.ts';
import { knownFacts } from '#core/conflict/worth.ts';
import { creditMovedBy } from '#core/customer/credit-moved.ts';
import { createTally, isReceipt, takingsMinor } from '#core/shift/figures.ts';
import { m } from '#languages/compiled/messages.js';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import { joinSome, type StoryWords } from './conflict-stories/story.ts';

/** Sentences, in the order: stock where only this says it, then money. */
export function moneyText({ effect, asks }: Choice, conflict: Conflict, words: StoryWords): string {
	const { detail } = conflict;
	switch (effect.does) {
		case 'owe': {
			const owedMinor = effect.owed.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
			return owedMinor === 0 ? m.money_none() : m.money_owed();
		}
		case 'note-debt':
			return m.money_debt();
		case 'compensate':
			return asks?.type === 'entry' && asks.optional !== true
				? m.money_chosen()
				: [stockBack(effect.entries, conflict, words), takenBack(effect.entries, conflict, words), creditBack(effect.entries, words)]
						.filter((text) => text !== '')
						.join(' ');
		case 'let-count':
			return letCount(conflict.unsettled, conflict, words);
		case 'reject':
			return m.money_stays_out();
		case 'explain':
		case 'recount-drawer':
			return detail.kind === 'drawer-difference' ? drawerText(effect, detail.differenceMinor, words) : m.money_none();
		case 'set-field':
			return effect.field === 'price' ? m.money_price() : m.money_none();
		case 'merge-customers':
			return m.money_merged();
		case 'link-refund':
			return m.money_linked();
		case 'choose-answer':
			return m.money_chosen_answer();
		case 'nothing':
		case 'let-stand':
			// What is at stake is named by the choice itself.
			return m.money_stays();
		case 'adjust':
		case 'adjust-lines':
		case 'adjust-branch':
		case 'count':
		case 'renumber':
		case 'move-barcode':
		case 'merge-products':
		case 'restore-product':
		case 'ask-again':
		case 'declare-lost':
		case 'cut-off':
		case 'remove-device':
		case 'keep-first-keys':
		case 'keep-devices':
		case 'blame-clock':
		case 'fix-clock':
		case 'keep-till':
			return m.money_none();
	}
}

function entriesOf(hashes: readonly EntryHash[], { members }: Conflict, { ledger }: StoryWords): readonly Entry[] {
	return hashes.flatMap((hash) => members.find((member) => member.hash === hash)?.entry ?? ledger.entry(hash) ?? []);
}

/** What entries took, and how much of it was cash: below zero where money went back. */
function takenBy(entries: readonly Entry[]): { readonly minor: number; readonly cashMinor: number } {
	const tally = createTally();
	for (const entry of entries) for (const fact of knownFacts(entry)) if (isReceipt(fact)) tally.add(fact);
	const figures = tally.figures();
	return { minor: takingsMinor(figures), cashMinor: figures.cashInMinor - figures.cashOutMinor };
}

function takenBack(hashes: readonly EntryHash[], conflict: Conflict, words: StoryWords): string {
	const { minor, cashMinor } = takenBy(entriesOf(hashes, conflict, words));
	if (minor === 0 && cashMinor === 0) return m.money_none();
	const values = { amount: words.money(Math.abs(minor)), cash: words.money(Math.abs(cashMinor)) };
	return minor >= 0 ? m.money_takings_fall(values) : m.money_takings_rise(values);
}

/** Store credit that taking back gives again, or takes. */
function creditBack(hashes: readonly EntryHash[], { ledger, money }: StoryWords): string {
	const moved = creditMovedBy(ledger, hashes).map(([, minor]) => minor);
	const sumOf = (minors: readonly number[]): number => minors.reduce((sum, minor) => sum + Math.abs(minor), 0);
	const [usedMinor, givenMinor] = [sumOf(moved.filter((minor) => minor < 0)), sumOf(moved.filter((minor) => minor > 0))];
	return [
		...(usedMinor === 0 ? [] : [m.money_credit_again({ amount: money(usedMinor) })]),
		...(givenMinor === 0 ? [] : [m.money_credit_gone({ amount: money(givenMinor) })]),
	].join(' ');
}

function letCount(hashes: readonly EntryHash[], conflict: Conflict, words: StoryWords): string {
	const { minor, cashMinor } = takenBy(entriesOf(hashes, conflict, words));
	if (minor === 0 && cashMinor === 0) return m.money_none();
	const values = { amount: words.money(Math.abs(minor)), cash: words.money(Math.abs(cashMinor)) };
	return minor >= 0 ? m.money_takings_rise(values) : m.money_takings_fall(values);
}

/** Goods that taking back puts on the shelf again, or off it. */
function stockBack(hashes: readonly EntryHash[], conflict: Conflict, words: StoryWords): string {
	const moved = new Map<Sku, number>();
	const move = (sku: Sku | undefined, milli: number): void => {
		if (sku !== undefined && words.ledger.state.products.get(sku)?.tracked.value === true) moved.set(sku, (moved.get(sku) ?? 0) + milli);
	};
	for (const entry of entriesOf(hashes, conflict, words))
		for (const fact of knownFacts(entry)) {
			if (fact.type === 'sale.completed' || fact.type === 'exchange.completed')
				for (const { sku, quantityMilli, draws, resaleOf } of fact.lines)
					if (resaleOf === undefined) move(draws?.sku ?? sku, draws?.quantityMilli ?? quantityMilli);
			const returned = fact.type === 'refund.completed' ? fact.lines : fact.type === 'exchange.completed' ? fact.returned : [];
			for (const { sku, quantityMilli, draws, restock } of returned) if (restock) move(draws?.sku ?? sku, -(draws?.quantityMilli ?? quantityMilli));
			if (fact.type === 'stock.received' || fact.type === 'stock.adjusted')
				for (const { sku, quantityMilli } of fact.lines) move(sku, -quantityMilli);
		}
	const texts = [...moved].flatMap(([sku, milli]) =>
		milli === 0 ? [] : [m.money_stock({ change: `${milli > 0 ? '+' : ''}${words.units(sku, milli)}`, product: words.productName(sku) })],
	);
	return texts.length === 0 ? '' : m.money_stock_changes({ changes: joinSome(texts) });
}

function drawerText(effect: Effect, differenceMinor: number, words: StoryWords): string {
	if (effect.does === 'recount-drawer') return m.money_recount();
	const amount = words.money(Math.abs(differenceMinor));
	return differenceMinor < 0 ? m.money_short_stands({ amount }) : m.money_over_stands({ amount });
}
