/** Goods sent to another branch, and what arrived of them. */
import type { Intent, Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { lineProblem, type Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

const MOST_LINES = 2_000;

export function sendTransfer(ledger: Ledger, { transfer, to, lines, note }: Of<'send-transfer'>): Facts | Refusal {
	if (to === ledger.branch) return { refused: 'value-invalid', field: 'to', reason: 'goods are sent to another branch' };
	const problem = lineProblem(ledger, lines, MOST_LINES, (milli) => milli > 0);
	if (problem !== undefined) return problem;
	const words = note?.trim() ?? '';
	return {
		store: [
			{
				...{ type: 'transfer.sent', v: 1, transfer, from: ledger.branch, to },
				...{ lines: lines.map(({ sku, quantityMilli }) => ({ sku, quantityMilli })), ...(words === '' ? {} : { note: words }) },
			},
		],
	};
}

/** As counted. What the sender wrote is no limit: goods are on the shelf whatever a paper says. */
export function receiveTransfer(ledger: Ledger, { transfer, lines }: Of<'receive-transfer'>): Facts | Refusal {
	const state = ledger.state.books.transfers.get(transfer);
	if (state?.sent === undefined) return { refused: 'no-such-transfer' };
	if (state.sent.to !== ledger.branch) return { refused: 'at-other-branch' };
	if (state.receipts.some(({ at }) => at === ledger.branch)) return { refused: 'nothing-changed' };
	const counted = lines.filter(({ quantityMilli }) => quantityMilli !== 0);
	const problem = counted.length === 0 ? undefined : lineProblem(ledger, counted, MOST_LINES, (milli) => milli > 0);
	if (problem !== undefined) return problem;
	return {
		store: [
			{ type: 'transfer.received', v: 1, transfer, at: ledger.branch, lines: counted.map(({ sku, quantityMilli }) => ({ sku, quantityMilli })) },
		],
	};
}
