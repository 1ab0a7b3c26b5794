/**
 * A receipt on its way to paper: by this till's printer, or by the system's own printing.
 *
 * 1. The sale is recorded before anything here begins, and nothing here changes it. A printer that is gone is a sentence, and printing again later.
 * 2. What was in somebody's hand once is printed again as a copy.
 * 3. The drawer opens for cash as soon as the sale is recorded, and once: it waits for no name, and no paper opens it. One that stayed shut is tried again
 *    when somebody prints.
 */
import type { Paper, PaperWidth } from '#core/receipt/paper.ts';
import type { Commands } from '#engine/commands.ts';
import type { Tender } from '#schemas/facts/sale-completed.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { PrintFailure } from '#schemas/wire/print.ts';
import { m } from '#languages/compiled/messages.js';
import { printPaper } from '#ui/print-paper.ts';
import { printProblem } from '#ui/print-words.ts';

export interface PrintWish {
	readonly entry: EntryHash;
	readonly label: string;
	/** Given when it is a copy, and made when. */
	readonly paper: (copyAtMs: number | undefined) => Paper;
	readonly widthMm: PaperWidth;
}

export interface Recorded {
	readonly tenders: readonly Pick<Tender, 'type'>[];
	/** The names that stand on the paper are there, or are not waited for any longer. */
	readonly named: Promise<unknown>;
	/** The paper is only offered. */
	readonly isAsked: boolean;
}

export class ReceiptPrinting {
	isPrinting = $state(false);
	/** It came out, as far as this till can know: the next one is a copy. */
	isPrinted = $state(false);
	problem = $state<string>();
	readonly #commands: Commands;
	#staysShut = false;

	constructor(commands: Commands, isCopy = false) {
		this.#commands = commands;
		this.isPrinted = isCopy;
	}

	/** What happens by itself once it is recorded. */
	async begin(wish: PrintWish, { tenders, named, isAsked }: Recorded): Promise<void> {
		const opening = tenders.some(({ type }) => type === 'cash') ? this.#openDrawer() : Promise.resolve(true);
		if (isAsked) await opening;
		else
			await this.#alone(async () => {
				const [isOpen] = await Promise.all([opening, named]);
				// The drawer hangs on the printer: what is the matter with it has been said.
				if (isOpen) await this.#print(wish);
			});
	}

	print(wish: PrintWish): Promise<void> {
		return this.#alone(async () => {
			this.problem = undefined;
			if (!this.#staysShut || (await this.#openDrawer())) await this.#print(wish);
		});
	}

	async #alone(work: () => Promise<void>): Promise<void> {
		if (this.isPrinting) return;
		this.isPrinting = true;
		try {
			await work();
		} finally {
			this.isPrinting = false;
		}
	}

	async #print({ entry, label, paper, widthMm }: PrintWish): Promise<void> {
		const lines = paper(this.isPrinted ? Date.now() : undefined);
		const printed = await this.#commands.print(lines);
		if (printed === 'browser') await printPaper(lines, label, widthMm);
		else if (printed !== 'printed') {
			this.#say(printed);
			return;
		}
		this.isPrinted = true;
		await this.#commands.notePrinted(entry);
	}

	/** False: it is shut, and that is said. */
	async #openDrawer(): Promise<boolean> {
		const opened = await this.#commands.openDrawer();
		const isDone = opened === 'printed' || opened === 'none';
		this.#staysShut = !isDone;
		if (!isDone) this.#say(opened);
		return isDone;
	}

	#say(failure: PrintFailure): void {
		this.problem = `${printProblem(failure)} ${m.print_sale_recorded()}`;
	}
}
