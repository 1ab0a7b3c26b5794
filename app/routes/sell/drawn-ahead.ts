/**
 * What is drawn of a sale before it is true: while the disk writes, the page has nothing else to do.
 *
 * Invariants:
 * 1. A sheet is given for the very entry that was recorded, in the shop as it is now. Any other is thrown away.
 * 2. The write goes first: nothing is drawn in the task that hands it to the disk.
 * 3. A sale that is sealed again (a head moved) is drawn as it was sealed last.
 */
import type { SaleDone } from '#engine/commands.ts';
import type { ShopRow } from '#projections/rows.ts';
import type { EntryHash } from '#schemas/ids.ts';

export class DrawnAhead<Sheet extends { remove(): void }> {
	readonly #shop: () => ShopRow;
	readonly #make: (done: SaleDone, shop: ShopRow) => Sheet;
	#drawn: { readonly entry: EntryHash; readonly shop: ShopRow; readonly sheet: Sheet } | undefined;
	#drawing: ReturnType<typeof setTimeout> | undefined;

	constructor(shop: () => ShopRow, make: (done: SaleDone, shop: ShopRow) => Sheet) {
		this.#shop = shop;
		this.#make = make;
	}

	/** The sale is being written. */
	draw(done: SaleDone): void {
		this.drop();
		this.#drawing = setTimeout(() => {
			const shop = this.#shop();
			this.#drawn = { entry: done.entry, shop, sheet: this.#make(done, shop) };
		});
	}

	/** For whoever shows it, and removes it; undefined: it was not drawn. */
	take(entry: EntryHash, shop: ShopRow): Sheet | undefined {
		const drawn = this.#drawn;
		const isIt = drawn?.entry === entry && drawn.shop === shop;
		if (isIt) this.#drawn = undefined;
		this.drop();
		return isIt ? drawn.sheet : undefined;
	}

	drop(): void {
		clearTimeout(this.#drawing);
		this.#drawn?.sheet.remove();
		this.#drawn = undefined;
	}
}
