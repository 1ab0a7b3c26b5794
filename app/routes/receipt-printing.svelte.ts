/**
 * A receipt on its way to paper: by this till's printer, or by the system's own printing.
 *
 * 1. The sale is recorded before anything here begins, and nothing here changes it. A printer that is gone is a sentence, and printing again later.
 * 2. What was in somebody's hand once is printed again as a copy.
 */
import type { Paper } from '#core/receipt/paper.ts';
import type { Commands } from '#engine/commands.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { PaperWidth } from '#core/receipt/paper.ts';
import { m } from '#languages/compiled/messages.js';
import { printPaper } from '#ui/print-paper.ts';
import { printProblem } from '#ui/print-words.ts';

export interface PrintWish {
	readonly entry: EntryHash;
	readonly label: string;
	/** Given when it is a copy, and made when. */
	readonly paper: (copyAtMs: number | undefined) => Paper;
	readonly widthMm: PaperWidth;
	readonly opensDrawer: boolean;
}

export class ReceiptPrinting {
	isPrinting = $state(false);
	/** It came out, as far as this till can know: the next one is a copy. */
	isPrinted = $state(false);
	problem = $state<string>();
	readonly #commands: Commands;

	constructor(commands: Commands, isCopy = false) {
		this.#commands = commands;
		this.isPrinted = isCopy;
	}

	async print({ entry, label, paper, widthMm, opensDrawer }: PrintWish): Promise<void> {
		if (this.isPrinting) return;
		this.isPrinting = true;
		this.problem = undefined;
		try {
			const lines = paper(this.isPrinted ? Date.now() : undefined);
			const printed = await this.#commands.print(lines, { opensDrawer });
			if (printed === 'browser') await printPaper(lines, label, widthMm);
			else if (printed !== 'printed') {
				this.problem = `${printProblem(printed)} ${m.print_sale_recorded()}`;
				return;
			}
			this.isPrinted = true;
			await this.#commands.notePrinted(entry);
		} finally {
			this.isPrinting = false;
		}
	}

	/** The drawer alone, while the receipt is only offered. */
	async openDrawer(): Promise<void> {
		const opened = await this.#commands.openDrawer();
		if (opened !== 'printed' && opened !== 'none') this.problem = `${printProblem(opened)} ${m.print_sale_recorded()}`;
	}
}
