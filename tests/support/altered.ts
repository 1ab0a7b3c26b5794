/** The same digits but for the last, which is always another: a fixed one is, by chance, the one that is there. */
export function altered(hex: string): string {
	return `${hex.slice(0, -1)}${hex.endsWith('0') ? '1' : '0'}`;
}
