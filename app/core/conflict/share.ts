/** The part of an amount that belongs to a part of a quantity, rounded half-even. */
export function shareMinor(totalMinor: number, partMilli: number, wholeMilli: number): number {
	if (wholeMilli <= 0) throw new Error(`a share of ${wholeMilli} thousandths`);
	const numerator = BigInt(totalMinor) * BigInt(partMilli);
	const denominator = BigInt(wholeMilli);
	const floor = numerator / denominator - (numerator < 0n && numerator % denominator !== 0n ? 1n : 0n);
	const twice = 2n * (numerator - floor * denominator);
	const up = twice > denominator || (twice === denominator && floor % 2n !== 0n);
	return Number(up ? floor + 1n : floor);
}
