/**
 * The receipt on the screen, which can be drawn before the sale is true: while the disk writes, the page has nothing else to do.
 *
 * 1. A sheet is in no document until somebody puts it there: what is drawn ahead can be seen, read out and found by nobody.
 * 2. One that was drawn ahead is given for the very entry that was recorded, in the shop as it is now. Any other is thrown away.
 * 3. The write goes first: nothing is drawn in the task that hands it to the disk.
 */
import { mount, unmount } from 'svelte';
import type { Paper } from '#core/receipt/paper.ts';
import type { SaleDone } from '#engine/commands.ts';
import { m } from '#languages/compiled/messages.js';
import { receiptPaper } from '#projections/receipt-paper.ts';
import type { ShopRow } from '#projections/rows.ts';
import type { EntryHash } from '#schemas/ids.ts';
import PaperView from '#ui/paper.svelte';

export class ReceiptSheet {
	paper = $state.raw<Paper>([]);
	/** Their pictures are drawn, too; the lines are what is read first. */
	hasCodes = $state(false);
	/** Its own box is none: the article in it stands wherever this is put. */
	readonly element = document.createElement('div');
	readonly #view: Record<string, unknown>;

	constructor(paper: Paper, number: string) {
		this.paper = paper;
		this.element.style.display = 'contents';
		const paperNow = (): Paper => this.paper;
		const waits = (): boolean => !this.hasCodes;
		this.#view = mount(PaperView, {
			target: this.element,
			props: {
				label: m.receipt_label({ number }),
				get paper() {
					return paperNow();
				},
				get codesLater() {
					return waits();
				},
			},
		});
	}

	remove(): void {
		void unmount(this.#view);
	}
}

export class ReceiptAhead {
	#drawn: { readonly entry: EntryHash; readonly shop: ShopRow; readonly sheet: ReceiptSheet } | undefined;
	readonly #shop: () => ShopRow;
	#drawing: ReturnType<typeof setTimeout> | undefined;

	constructor(shop: () => ShopRow) {
		this.#shop = shop;
	}

	/** The sale is being written. */
	draw({ entry, fact, atMs, number }: SaleDone): void {
		this.drop();
		this.#drawing = setTimeout(() => {
			const shop = this.#shop();
			this.#drawn = { entry, shop, sheet: new ReceiptSheet(receiptPaper({ entry, fact, atMs }, shop), number) };
		});
	}

	/** For whoever shows it, and removes it; undefined: it was not drawn. */
	take(entry: EntryHash, shop: ShopRow): ReceiptSheet | undefined {
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
