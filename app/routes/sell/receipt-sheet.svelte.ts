/**
 * The receipt on the screen, which can be drawn before the sale is true (`drawn-ahead.ts`). It is in no document until somebody puts it there: what is drawn
 * ahead can be seen, read out and found by nobody.
 */
import { mount, unmount } from 'svelte';
import type { Paper } from '#core/receipt/paper.ts';
import type { SaleDone } from '#engine/commands.ts';
import { m } from '#languages/compiled/messages.js';
import { receiptPaper } from '#projections/receipt-paper.ts';
import type { ShopRow } from '#projections/rows.ts';
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

export function sheetOf({ entry, fact, atMs, number }: SaleDone, shop: ShopRow): ReceiptSheet {
	return new ReceiptSheet(receiptPaper({ entry, fact, atMs }, shop), number);
}
