/** Spreads names over parts of a table, the same on every device: FNV-1a, 32 bit (Fowler, Noll and Vo). */
export function partOfName(name: string, parts: number): number {
	let hash = 0x811c9dc5;
	for (let place = 0; place < name.length; place += 1) hash = Math.imul(hash ^ name.charCodeAt(place), 0x01000193);
	return (hash >>> 0) % parts;
}
