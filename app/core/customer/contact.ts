/**
 * A phone, e-mail or card number in its normal form: what people write differently and mean the same is the same text, so that its handle is the same.
 *
 * The form is kept under a keyed hash in entries for ever: it may learn to read more, never to write the same number otherwise.
 */

/** `tel:+442079460000`. Undefined for what is no number; a number without its country needs the shop's calling code. */
export function normalPhone(text: string, callingCode?: string): string | undefined {
	// `+44 (0)20 …` is how many people write an area code that loses its 0 abroad.
	const plain = text
		.trim()
		.replace(/\(0\)/g, '')
		.replace(/[\s().\-/]/g, '')
		.replace(/^00/, '+');
	if (!/^\+?\d+$/.test(plain)) return undefined;
	const whole = plain.startsWith('+') ? plain : callingCode === undefined ? undefined : `+${callingCode}${plain.replace(/^0/, '')}`;
	// ITU-T E.164: at most 15 digits, the country's among them; nobody has fewer than 7.
	return whole !== undefined && /^\+[1-9]\d{6,14}$/.test(whole) ? `tel:${whole}` : undefined;
}

/** `mail:ada@example.org`. The part before the @ is told apart by case in theory (RFC 5321, section 2.4) and by nobody in practice. */
export function normalEmail(text: string): string | undefined {
	const plain = text.trim().normalize('NFC').toLowerCase();
	return plain.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(plain) ? `mail:${plain}` : undefined;
}

/** `card:ABC123`: letters and digits of a customer card, however they are grouped. */
export function normalCard(text: string): string | undefined {
	const plain = text.replace(/[\s\-.]/g, '').toUpperCase();
	return /^[0-9A-Z]{3,64}$/.test(plain) ? `card:${plain}` : undefined;
}
