/**
 * What stands between a product and the cart: which of several, how old the customer is, at which price, how much of it. One question at a time.
 *
 * 1. What the code, the product or the cashier has said already is not asked.
 * 2. An age is asked once a sale, for the highest limit in it.
 * 3. Whatever is scanned ends in the cart, in a question or in a message, never in nothing.
 */
import { readCode, type ScannedCode } from '#core/codes/read-code.ts';
import { ageCheck, asksAge } from '#core/sale/age.ts';
import { codedAmount } from '#core/sale/coded-amount.ts';
import { tradingDayOf } from '#core/time.ts';
import { findByCode } from '#projections/find-code.ts';
import type { CatalogueRow, ShopRow } from '#projections/rows.ts';
import type { Catalogue } from '#projections/views.ts';
import type { AgeChecked } from '#schemas/facts/sale-completed.ts';
import type { Sku } from '#schemas/ids.ts';
import { m } from '#languages/compiled/messages.js';
import { play } from '#ui/sounds.ts';
import type { OpenItem, Register } from './register.svelte.ts';

export type Question =
	| { readonly ask: 'which'; readonly code: ScannedCode; readonly rows: readonly CatalogueRow[] }
	| { readonly ask: 'variant'; readonly group: string; readonly rows: readonly CatalogueRow[] }
	| { readonly ask: 'age'; readonly row: CatalogueRow; readonly check: AgeChecked }
	| { readonly ask: 'price' | 'weight'; readonly row: CatalogueRow; readonly unitPriceE4?: number | undefined }
	| { readonly ask: 'unknown'; readonly code: ScannedCode }
	| { readonly ask: 'open-item'; readonly code?: ScannedCode | undefined }
	| { readonly ask: 'new-product'; readonly code: ScannedCode };

interface Wanted {
	readonly row: CatalogueRow;
	readonly quantityMilli?: number | undefined;
	readonly unitPriceE4?: number | undefined;
	readonly isPriceInCode?: boolean;
	readonly ageChecked?: AgeChecked;
}

interface Deps {
	readonly register: Register;
	readonly shop: () => ShopRow;
	readonly catalogue: () => Catalogue;
	/** Something is in the cart, or nothing will be: the search is free again. */
	readonly onsettled: () => void;
}

export class Adding {
	question = $state.raw<Question>();
	message = $state<string>();
	readonly #deps: Deps;
	#wanted: Wanted | undefined;
	#awaited: { readonly sku: Sku; readonly quantityMilli: number | undefined } | undefined;
	/** What was typed before the scan, for after the question. */
	#quantityMilli: number | undefined;
	/** The same of a product that is being made: its form is closed, and the question with it, before it is in the catalogue. */
	#madeMilli: number | undefined;

	constructor(deps: Deps) {
		this.#deps = deps;
	}

	/** A code that was read by a scanner or a camera, or typed whole. */
	scan(text: string, quantityMilli?: number): void {
		const code = this.read(text);
		const rows = findByCode(this.#deps.catalogue(), code);
		const [only] = rows;
		this.#quantityMilli = quantityMilli;
		if (only !== undefined && rows.length === 1) return this.choose(only, quantityMilli, code);
		this.#deps.onsettled();
		play(rows.length === 0 ? 'refused' : 'asked');
		if (rows.length > 1) this.question = { ask: 'which', code, rows };
		else if (code.misread === true) this.message = m.sell_misread({ code: code.text });
		else this.question = { ask: 'unknown', code };
	}

	read(text: string): ScannedCode {
		return readCode(text, this.#deps.shop().measuredCodes);
	}

	/** Whether it is a code of some product: whatever a person types fast is none. */
	isKnown(text: string): boolean {
		return findByCode(this.#deps.catalogue(), this.read(text)).length > 0;
	}

	choose(row: CatalogueRow, quantityMilli?: number, code?: ScannedCode): void {
		// Half a kilogram is sold, half a piece is a slip of the keys.
		if (row.unit === 'each' && (quantityMilli ?? 1000) % 1000 !== 0) {
			this.message = m.sell_whole_pieces({ name: row.name });
			play('refused');
			return;
		}
		const coded = code === undefined ? undefined : codedAmount(code, row, this.#deps.shop().currency);
		const times = quantityMilli !== undefined && coded !== undefined && row.unit === 'each' ? quantityMilli / 1000 : 1;
		this.#wanted = {
			row,
			quantityMilli: coded === undefined ? quantityMilli : Math.round(coded.quantityMilli * times),
			unitPriceE4: coded?.unitPriceE4 ?? row.unitPriceE4,
			isPriceInCode: coded?.unitPriceE4 !== undefined,
		};
		this.message = code?.lastDay === undefined || code.lastDay >= this.#today() ? undefined : m.sell_past_date({ name: row.name, day: code.lastDay });
		this.#goOn();
	}

	/** A button of the grid: of what there is in several kinds it asks which. */
	chooseTile(row: CatalogueRow, quantityMilli?: number): void {
		const group = row.extras?.variant?.group;
		const { variants, bySku } = this.#deps.catalogue();
		const skus = group === undefined ? undefined : variants.get(group);
		if (group === undefined || skus === undefined) return this.choose(row, quantityMilli);
		this.#quantityMilli = quantityMilli;
		this.question = { ask: 'variant', group, rows: skus.flatMap((sku) => bySku.get(sku) ?? []) };
	}

	/** Which of several, or which kind. */
	chooseOf(row: CatalogueRow): void {
		const asked = this.question;
		this.question = undefined;
		this.choose(row, this.#quantityMilli, asked?.ask === 'which' ? asked.code : undefined);
	}

	answerAge(isOldEnough: boolean): void {
		const asked = this.question;
		if (asked?.ask !== 'age' || this.#wanted === undefined) return;
		if (isOldEnough) {
			this.#wanted = { ...this.#wanted, ageChecked: asked.check };
			this.#goOn();
			return;
		}
		this.cancel();
		this.message = m.age_refused({ name: asked.row.name, years: asked.check.years });
		play('refused');
	}

	answerPrice(unitPriceE4: number): void {
		if (this.#wanted === undefined) return;
		this.#wanted = { ...this.#wanted, unitPriceE4 };
		this.#goOn();
	}

	answerWeight(quantityMilli: number): void {
		if (this.#wanted === undefined) return;
		this.#wanted = { ...this.#wanted, quantityMilli };
		this.#goOn();
	}

	askOpenItem(code?: ScannedCode, quantityMilli = this.#quantityMilli): void {
		this.#quantityMilli = quantityMilli;
		this.question = { ask: 'open-item', code };
	}

	askNewProduct(code: ScannedCode): void {
		this.#madeMilli = this.#quantityMilli;
		this.question = { ask: 'new-product', code };
	}

	/** A product was made at the counter: it goes into the sale as soon as it has come back from the ledger. */
	made(sku: Sku): void {
		this.#awaited = { sku, quantityMilli: this.#madeMilli };
		this.hear();
	}

	/** The catalogue has changed. */
	hear(): void {
		const row = this.#awaited === undefined ? undefined : this.#deps.catalogue().bySku.get(this.#awaited.sku);
		if (row === undefined) return;
		const quantityMilli = this.#awaited?.quantityMilli;
		this.#awaited = undefined;
		this.choose(row, quantityMilli);
	}

	takeOpenItem(item: Omit<OpenItem, 'quantityMilli'>): void {
		this.#deps.register.addOpenItem({ ...item, quantityMilli: this.#quantityMilli ?? 1000 });
		this.#settle();
	}

	cancel(): void {
		this.message = undefined;
		this.#settle();
	}

	#goOn(): void {
		const { register, shop, catalogue } = this.#deps;
		const wanted = this.#wanted;
		if (wanted === undefined) return;
		const { row, ageChecked, unitPriceE4, quantityMilli, isPriceInCode } = wanted;
		const { ageLimit, deposit } = row.extras ?? {};
		if (asksAge(ageLimit, ageChecked ?? register.cart?.ageChecked)) {
			this.question = { ask: 'age', row, check: ageCheck(ageLimit, tradingDayOf(Date.now(), shop().timeZone, shop().dayStartMinutes)) };
			play('asked');
			return;
		}
		if (unitPriceE4 === undefined) {
			this.question = { ask: 'price', row };
			return;
		}
		if (quantityMilli === undefined && row.unit === 'kg') {
			this.question = { ask: 'weight', row, unitPriceE4 };
			return;
		}
		register.add(row, quantityMilli ?? 1000, unitPriceE4, {
			deposit: deposit === undefined ? undefined : catalogue().bySku.get(deposit),
			ageChecked,
			isPriceInCode,
		});
		play('added');
		this.#settle();
	}

	#today(): string {
		const { timeZone, dayStartMinutes } = this.#deps.shop();
		return tradingDayOf(Date.now(), timeZone, dayStartMinutes);
	}

	#settle(): void {
		this.question = undefined;
		this.#wanted = undefined;
		this.#quantityMilli = undefined;
		this.#deps.onsettled();
	}
}
