/** Fisher and Yates, with a generator that a seed begins: the same order for the same seed. */
export function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
	const list = [...items];
	let state = seed + 1;
	for (let at = list.length - 1; at > 0; at -= 1) {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		const other = (state >>> 8) % (at + 1);
		[list[at], list[other]] = [list[other] as Item, list[at] as Item];
	}
	return list;
}
