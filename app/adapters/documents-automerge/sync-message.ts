/**
 * The head of one of Automerge's sync messages: what its sender has, and asks to be looked up.
 *
 * 1. `isModestSync` refuses what would cost the reader more than reading it. A Bloom filter says itself how often it is to be probed for each change of the
 *    document, and Automerge does as it says: one of thirty bytes could keep a process busy for an hour, and all that is in it would wait.
 * 2. What comes after the head is Automerge's to judge: it refuses what it cannot read.
 *
 * Layout (automerge 3, `sync.rs`): the type, lists of heads and needs, a list of what is had; each of these a list of hashes and a filter. A list is its count
 * and its items, numbers are LEB128, a hash has 32 bytes, a filter is its length in bytes, entries, bits an entry, probes, and the bits.
 */
const HASH_BYTES = 32;
/** With changes, with whole documents. */
const TYPES: readonly (number | undefined)[] = [0x42, 0x43];
/** Automerge sends one. */
const MOST_HAVE = 4;
/** Automerge takes ten bits and seven probes, which finds one in a hundred wrongly; more than this is of use to nobody. */
const MOST_BITS = 64;
const MOST_PROBES = 64;

export function isModestSync(data: Uint8Array): boolean {
	if (!TYPES.includes(data[0])) return false;
	const reader = createReader(data, 1);
	reader.skipHashes();
	reader.skipHashes();
	const have = reader.number();
	if (!(have <= MOST_HAVE)) return false; // A number without end is none.
	for (let n = 0; n < have; n += 1) {
		reader.skipHashes();
		const bytes = reader.number();
		const end = reader.at() + bytes;
		if (bytes > 0 && !isModestFilter(reader)) return false;
		reader.goTo(end);
	}
	return reader.isWithin();
}

function isModestFilter(reader: ReturnType<typeof createReader>): boolean {
	const entries = reader.number();
	const bits = reader.number();
	const probes = reader.number();
	return entries === 0 || (bits > 0 && bits <= MOST_BITS && probes <= MOST_PROBES);
}

/** Beyond the end it reads zeros, and `isWithin` says so. */
function createReader(data: Uint8Array, from: number) {
	let at = from;
	function number(): number {
		let value = 0;
		for (let factor = 1; ; factor *= 128) {
			const byte = data[at] ?? 0;
			at += 1;
			value += (byte % 128) * factor;
			if (byte < 128) return value;
		}
	}
	return {
		number,
		skipHashes() {
			const count = number(); // First: reading it moves on.
			at += count * HASH_BYTES;
		},
		at: () => at,
		goTo(place: number) {
			at = place;
		},
		isWithin: () => at <= data.length,
	};
}
