/**
 * What a till shows after a crash: `Paid T3-000124` or the cart, never both. The sale that was recorded last is shown until the cashier has left it: a power cut between
 * the transaction and the receipt leaves nobody wondering whether that sale is true.
 */
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { printReceipt } from '#core/receipt-number.ts';
import type { Vault } from '#ports';
import type { SaleDone } from './commands.ts';

const LEFT = 'sale left';

/** The newest own sale, if it is the newest thing that this till did, and nobody has left it. */
export async function lastPaid(vault: Pick<Vault, 'read' | 'ownEntries' | 'getValue'>): Promise<SaleDone | undefined> {
	const head = (await vault.read()).heads.branch;
	if (head === undefined || (await vault.getValue(LEFT)) === head.hash) return undefined;
	const [sealed] = await vault.ownEntries('branch', head.seq, 1);
	const body = sealed === undefined ? undefined : splitSealed(sealed)?.body;
	const decoded = body === undefined ? undefined : decodeBody(body);
	if (decoded === undefined || 'damaged' in decoded) return undefined;
	for (const fact of decoded.facts)
		if (!('raw' in fact) && (fact.type === 'sale.completed' || fact.type === 'exchange.completed'))
			return { entry: head.hash, receipt: fact.receipt, number: printReceipt(fact.receipt), fact, atMs: decoded.header.at };
	return undefined;
}

/** The cashier has gone on to the next. Lost, it costs a second look at the receipt. */
export async function leavePaid(vault: Pick<Vault, 'setValue'>, { entry }: Pick<SaleDone, 'entry'>, ownership: number): Promise<void> {
	await vault.setValue(LEFT, entry, ownership);
}
