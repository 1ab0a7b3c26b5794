/**
 * Receipts that did not print, when that was known only after the next sale had begun.
 *
 * 1. Each stays until it is printed or somebody has read that it is not: a newer one takes no older one's place, and a second try of an older one no newer one's.
 * 2. They are printed in the order of their sales. The first that fails ends it: the next would go to the same printer.
 */
export interface UnprintedReceipt {
	readonly number: string;
	/** What is the matter, and what to do. */
	readonly problem: string;
	/** Once more: nobody has it in his hand, so it is no copy. */
	readonly print: () => Promise<void>;
}

export class Unprinted {
	/** In the order of their sales. */
	receipts = $state.raw<readonly UnprintedReceipt[]>([]);
	/** Their list is open. */
	isOpen = $state(false);
	#isPrinting = false;

	/** It did not print, or not this time either. */
	keep(receipt: UnprintedReceipt): void {
		const isKnown = this.receipts.some(({ number }) => number === receipt.number);
		this.receipts = isKnown ? this.receipts.map((one) => (one.number === receipt.number ? receipt : one)) : [...this.receipts, receipt];
	}

	/** It came out. */
	drop(number: string): void {
		this.receipts = this.receipts.filter((one) => one.number !== number);
	}

	async printAll(): Promise<void> {
		if (this.#isPrinting) return;
		this.#isPrinting = true;
		try {
			for (const { number, print } of this.receipts) {
				await print();
				if (this.receipts.some((one) => one.number === number)) return;
			}
		} finally {
			this.#isPrinting = false;
		}
	}
}
