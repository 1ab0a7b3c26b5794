/**
 * Transfer mismatch: what was received differs from what was sent, or was received twice. What was received counts until answered.
 *
 * One item a transfer; members are the entries that sent and received it. While what was sent is not here nobody can tell, and nothing is shown.
 * `Adjust the sender`: less (or more) had left than was written. `Correct the receipt`: all of it came. Each writes into its own branch's stock.
 */
import type { BookConflictContext, Change } from '#core/ledger/books/book.ts';
import type { TransferState } from '#core/ledger/books/transfers.ts';
import type { TransferId } from '#schemas/facts/transfer-sent.ts';
import type { Conflict } from './conflict.ts';
import { openConflict } from './open.ts';

export function findTransferMismatch(
	transfer: TransferId,
	{ sent, receipts, lines }: TransferState,
	changes: readonly Change[],
	context: BookConflictContext,
): readonly Conflict[] {
	const [receipt] = receipts;
	const differing = lines.filter(({ sentMilli, receivedMilli }) => sentMilli !== receivedMilli);
	if (sent === undefined || receipt === undefined || differing.length === 0) return [];
	const counting = new Set([sent.entry, ...receipts.map(({ entry }) => entry)]);
	const differences = differing.map(({ sku, sentMilli, receivedMilli }) => ({ sku, sentMilli, receivedMilli }));
	const conflict = openConflict(
		{
			subject: transfer,
			ofStore: true,
			urgency: 'high',
			members: changes.map(({ record }) => record).filter(({ hash }) => counting.has(hash)),
			detail: { kind: 'transfer-mismatch', transfer, from: sent.from, to: sent.to, times: receipts.length, differences },
			stake: () => ({ unitsMilli: differences.reduce((sum, one) => sum + Math.abs(one.sentMilli - one.receivedMilli), 0), minor: 0 }),
			choices: () => [
				{ id: 'accept-loss', label: 'Accept loss', effect: { does: 'nothing' } },
				{
					...{ id: 'adjust-sender', label: 'Adjust the sender' },
					effect: {
						...{ does: 'adjust-branch', branch: sent.from },
						lines: differences.map(({ sku, sentMilli, receivedMilli }) => ({ sku, quantityMilli: sentMilli - receivedMilli })),
					},
				},
				{
					...{ id: 'correct-receipt', label: 'Correct the receipt' },
					effect: {
						...{ does: 'adjust-branch', branch: receipt.at },
						lines: differences.map(({ sku, sentMilli, receivedMilli }) => ({ sku, quantityMilli: sentMilli - receivedMilli })),
					},
				},
			],
		},
		context,
	);
	return conflict === undefined ? [] : [conflict];
}
