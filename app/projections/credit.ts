/** Store credit of a customer, as far as this till knows: other branches may have spent of it meanwhile. */
import { groupOf } from '#core/customer/group.ts';
import { sumMinor } from '#core/money.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { CustomerId } from '#schemas/ids.ts';

/** May be below zero: it was spent twice, apart. */
export function creditLeft({ state }: Ledger, customer: CustomerId): number {
	const { credit, customers } = state.books;
	return sumMinor(groupOf(customers, customer).map((one) => credit.get(one)?.balanceMinor ?? 0));
}
