/** A stock take is opened and closed; its lines are counted in between (`stock.ts`), and nobody stops selling. */
import type { Intent, Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { CountId } from '#schemas/facts/count-opened.ts';
import type { Sku } from '#schemas/ids.ts';
import type { Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

/** As `count.opened` takes them. */
const MOST_SKUS = 2_000;
const MOST_NAME = 80;

export function openCount(ledger: Ledger, { count, name, skus, blind }: Of<'open-count'>): Facts | Refusal {
	if (ledger.state.books.counts.get(count) !== undefined) return { refused: 'count-taken' };
	const words = name.trim();
	if (words === '') return { refused: 'value-missing', field: 'name' };
	if (words.length > MOST_NAME) return { refused: 'value-invalid', field: 'name' };
	const once = skus && [...new Set(skus)];
	if (once?.length === 0) return { refused: 'nothing-changed' };
	if (once !== undefined && once.length > MOST_SKUS) return { refused: 'too-many-lines', most: MOST_SKUS };
	const unknown = once?.find((sku) => !ledger.state.products.has(sku));
	if (unknown !== undefined) return { refused: 'no-such-product', sku: unknown };
	const which = { ...(once === undefined ? {} : { skus: once }), ...(blind === true ? { blind } : {}) };
	return { branch: [{ type: 'count.opened', v: 2, count, name: words, ...which }] };
}

/** What was not counted stays as the ledger has it. */
export function closeCount(ledger: Ledger, { count }: Of<'close-count'>): Facts | Refusal {
	return problemOfCount(ledger, count, []) ?? { branch: [{ type: 'count.closed', v: 1, count }] };
}

/** Lines go into a stock take that is open, and only of what it is about. */
export function problemOfCount(ledger: Ledger, count: CountId, skus: readonly Sku[]): Refusal | undefined {
	const state = ledger.state.books.counts.get(count);
	if (state?.opened === undefined) return { refused: 'no-such-count' };
	if (state.closed !== undefined) return { refused: 'count-closed' };
	const other = state.skus === undefined ? undefined : skus.find((sku) => state.skus?.includes(sku) !== true);
	return other === undefined ? undefined : { refused: 'not-in-count', sku: other };
}
