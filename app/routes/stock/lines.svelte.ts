/** Lines that somebody writes by scanning, by searching or by typing: of an order, a delivery, a transfer. Texts stay as typed until they are sent. */
import { parseDecimal } from '#core/money.ts';
import { formatQuantity } from '#languages/figures.ts';
import type { CatalogueRow } from '#projections/rows.ts';
import type { Sku } from '#schemas/ids.ts';

export interface LineDraft {
	readonly sku: Sku;
	readonly name: string;
	readonly unit: 'each' | 'kg';
	/** Of what should come; undefined: nothing was expected of it. */
	readonly expectedMilli?: number;
	readonly code?: string;
	readonly caseMilli?: number;
	/** A sentence under the name. */
	readonly why?: string;
	quantity: string;
	cost: string;
}

export interface LineSent {
	readonly sku: Sku;
	readonly quantityMilli: number;
	readonly costE4?: number;
}

export class Lines {
	rows = $state<LineDraft[]>([]);
	/** The one that was scanned last. */
	last = $state<Sku>();

	constructor(rows: readonly LineDraft[] = []) {
		this.rows = rows.map((row) => ({ ...row }));
	}

	/** One more of it, as a scan means it. */
	count(product: Pick<CatalogueRow, 'sku' | 'name' | 'unit'>, milli = 1_000): void {
		const { sku, name, unit } = product;
		this.last = sku;
		const known = this.rows.find((row) => row.sku === sku);
		if (known === undefined) this.rows.unshift({ sku, name, unit, quantity: formatQuantity(milli, 'each'), cost: '' });
		else known.quantity = formatQuantity((parseDecimal(known.quantity === '' ? '0' : known.quantity, 3) ?? 0) + milli, 'each');
	}

	remove(sku: Sku): void {
		this.rows = this.rows.filter((row) => row.sku !== sku);
	}

	/** Undefined while a text is no figure. Lines of nothing are among them. */
	get sent(): readonly LineSent[] | undefined {
		const sent: LineSent[] = [];
		for (const { sku, quantity, cost } of this.rows) {
			const quantityMilli = quantity.trim() === '' ? 0 : parseDecimal(quantity, 3);
			const costE4 = cost.trim() === '' ? undefined : parseDecimal(cost, 4);
			if (quantityMilli === undefined || (cost.trim() !== '' && costE4 === undefined)) return undefined;
			sent.push({ sku, quantityMilli, ...(costE4 === undefined ? {} : { costE4 }) });
		}
		return sent;
	}
}

/** Ten-thousandths as a person types them: `1.25`. */
export function costText(e4: number | undefined): string {
	return e4 === undefined ? '' : (e4 / 10_000).toFixed(4).replace(/0{1,2}$/, '');
}
