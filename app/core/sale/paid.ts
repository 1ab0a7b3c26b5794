/** What a line came to for whoever paid it. */

interface Line {
	readonly totalMinor: number;
	readonly taxMinor: number;
}

/** Tax and all: where prices are without it, it came on top of the line. */
export function paidMinor({ totalMinor, taxMinor }: Line, { taxExcluded }: { readonly taxExcluded?: true | undefined }): number {
	return totalMinor + (taxExcluded === true ? taxMinor : 0);
}
