/** Receipt numbers as people read them: `T3-000124`, gapless per till; a suffix after the number where two tills were given one number. */
import type { Receipt } from '#schemas/facts/sale-completed.ts';

export function printReceipt({ till, number, suffix }: Receipt): string {
	return `T${till}-${String(number).padStart(6, '0')}${suffix ?? ''}`;
}

/** Undefined for text that is no receipt number. */
export function parseReceipt(text: string): Receipt | undefined {
	const match = /^T(\d{1,4})-(\d{6,15})([A-Z])?$/i.exec(text.trim());
	if (match === null || Number(match[1]) === 0 || Number(match[2]) === 0) return undefined;
	const suffix = match[3]?.toUpperCase();
	return { till: Number(match[1]), number: Number(match[2]), ...(suffix === undefined ? {} : { suffix }) };
}
