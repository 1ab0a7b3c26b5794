/** One text for all that a ledger believes, so that two peers can be compared: equal entries must give equal texts. */
import { createHash } from 'node:crypto';
import type { Ledger } from '#core/ledger/ledger.ts';

/** SHA-256, hex, over marks, products, stock, sales, refunds and open conflicts in an order of their own. */
export function stateDigest(ledger: Ledger): string {
	const { products, stock, sales, refunds } = ledger.state;
	const lines = [
		...ledger.marks().map(({ device, scope, seq, hash }) => `mark ${device} ${scope} ${seq} ${hash}`),
		...[...products.values()].map(({ sku, name, price, retired }) => `product ${sku} ${name.value} ${price?.value ?? ''} ${retired}`),
		...[...stock.values()].map(
			({ sku, onHandMilli, movements }) =>
				`stock ${sku} ${onHandMilli} ${movements.map(({ entry, afterMilli }) => `${entry.hash.slice(0, 8)}=${afterMilli}`).join(' ')}`,
		),
		...[...sales.values()].map(
			({ entry, fact, refundedMilli, counts }) => `sale ${entry.hash} ${fact.totalMinor} ${refundedMilli.join(',')} ${counts}`,
		),
		...[...refunds.values()].map(({ entry, fact, counts }) => `refund ${entry.hash} ${fact.totalMinor} ${counts}`),
		...ledger.conflicts().map(({ key, unsettled }) => `conflict ${key} ${unsettled.join(',')}`),
	];
	return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}
