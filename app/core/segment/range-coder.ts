/**
 * A binary range coder with adaptive probabilities: every bit costs what it surprises, and what never surprises costs nothing.
 *
 * One class for both directions, so that writing and reading cannot drift apart: `bit(model, node, value)` writes the value and answers it, or reads it
 * and ignores what it was given.
 *
 * 1. Whole numbers only: the same bytes on every machine. (32-bit range as in Mahoney's lpaq; carry-less, flushed byte by byte.)
 * 2. Past its end a reader reads zeros: torn bytes give wrong values, never an error or a wait. Whoever reads must bound what it builds.
 */

/** Adaptive probabilities that the next bit is 1, in 65,536ths; each learns fast at first and slower with what it has seen. */
export class BitModel {
	readonly ones: Uint16Array;
	readonly seen: Uint8Array;
	constructor(nodes: number) {
		this.ones = new Uint16Array(nodes).fill(32_768);
		this.seen = new Uint8Array(nodes);
	}

	learn(node: number, bit: number): void {
		const seen = this.seen[node] ?? 0;
		const p = this.ones[node] ?? 32_768;
		const shift = SHIFT_BY_SEEN[seen] ?? SLOWEST_SHIFT;
		this.ones[node] = bit === 1 ? Math.min(65_519, p + ((65_536 - p) >> shift)) : Math.max(17, p - (p >> shift));
		if (seen < MOST_SEEN) this.seen[node] = seen + 1;
	}
}

/** 1/2, 1/4, 1/4, 1/8 … 1/64: about 1/n after n bits, then never slower than a value that changes with the season. */
const SHIFT_BY_SEEN = [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, ...Array.from({ length: 24 }, () => 5)];
const SLOWEST_SHIFT = 6;
const MOST_SEEN = SHIFT_BY_SEEN.length;

export class RangeCoder {
	readonly isWriting: boolean;
	#low = 0;
	#high = 0xffff_ffff;
	#code = 0;
	#bytes: Uint8Array;
	#length = 0;

	private constructor(bytes: Uint8Array | undefined) {
		this.isWriting = bytes === undefined;
		this.#bytes = bytes ?? new Uint8Array(4096);
		if (bytes !== undefined) for (let i = 0; i < 4; i += 1) this.#code = this.#code * 256 + this.#next();
	}

	static writer(): RangeCoder {
		return new RangeCoder(undefined);
	}

	static reader(bytes: Uint8Array): RangeCoder {
		return new RangeCoder(bytes);
	}

	/** A bit by what is known of its kind. */
	bit(model: BitModel, node: number, value: number): number {
		const bit = this.#split(model.ones[node] ?? 32_768, value);
		model.learn(node, bit);
		return bit;
	}

	/** A bit by two kinds at once, each trusted as far as it has seen anything. */
	mixedBit(broad: BitModel, broadNode: number, narrow: BitModel, narrowNode: number, value: number): number {
		const weight = Math.min(12, narrow.seen[narrowNode] ?? 0);
		const p = Math.floor(((broad.ones[broadNode] ?? 32_768) * 2 + (narrow.ones[narrowNode] ?? 32_768) * weight) / (2 + weight));
		const bit = this.#split(p, value);
		broad.learn(broadNode, bit);
		narrow.learn(narrowNode, bit);
		return bit;
	}

	/** Bits of which nothing is known: at most 16. */
	plain(width: number, value: number): number {
		let read = 0;
		for (let place = width - 1; place >= 0; place -= 1) read = read * 2 + this.#split(32_768, (value >>> place) & 1);
		return read;
	}

	/** What was written. The writer is over. */
	end(): Uint8Array {
		// One byte, and the zeros that a reader finds behind it, lie inside the range: the first bytes of its two ends differ.
		this.#put(Math.ceil(this.#low / 0x0100_0000));
		let end = this.#length;
		while (end > 0 && this.#bytes[end - 1] === 0) end -= 1;
		return this.#bytes.slice(0, end);
	}

	#split(p: number, value: number): number {
		// Below 2⁴⁸, so exact in a double.
		const middle = this.#low + Math.floor(((this.#high - this.#low) * p) / 65_536);
		const bit = this.isWriting ? value : this.#code <= middle ? 1 : 0;
		if (bit === 1) this.#high = middle;
		else this.#low = middle + 1;
		while (((this.#low ^ this.#high) & 0xff00_0000) === 0) {
			if (this.isWriting) this.#put(this.#high >>> 24);
			else this.#code = ((this.#code << 8) | this.#next()) >>> 0;
			this.#low = (this.#low << 8) >>> 0;
			this.#high = ((this.#high << 8) | 0xff) >>> 0;
		}
		return bit;
	}

	#next(): number {
		const byte = this.#bytes[this.#length] ?? 0;
		this.#length += 1;
		return byte;
	}

	#put(byte: number): void {
		if (this.#length === this.#bytes.length) {
			const grown = new Uint8Array(this.#length * 2);
			grown.set(this.#bytes);
			this.#bytes = grown;
		}
		this.#bytes[this.#length] = byte;
		this.#length += 1;
	}
}
