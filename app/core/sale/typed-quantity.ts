/** `3*` before a scan, a name or a tap: so many of the next thing. `0.84*` is a weight. Codes are ASCII, whatever keyboard typed their digits. */
import { plainDigits } from '#core/digits.ts';
import { parseDecimal } from '#core/money.ts';

export interface TypedQuantity {
	/** Undefined: none was typed, or none that a line can hold. */
	readonly quantityMilli: number | undefined;
	/** What stands behind the sign. */
	readonly rest: string;
}

export function typedQuantity(typed: string): TypedQuantity {
	const text = plainDigits(typed);
	const [, figure, rest = ''] = /^\s*(\d+(?:[.,]\d+)?)\s*[*×]\s*(.*)$/s.exec(text) ?? [];
	if (figure === undefined) return { quantityMilli: undefined, rest: text.trim() };
	const quantityMilli = parseDecimal(figure, 3);
	return {
		quantityMilli: quantityMilli !== undefined && quantityMilli > 0 && quantityMilli <= MOST_MILLI ? quantityMilli : undefined,
		rest: rest.trim(),
	};
}

/** A million. */
const MOST_MILLI = 1e9;
