/**
 * GS1 Digital Link: the same identifiers as an element string, written as a web address in a QR code, on any domain.
 * GS1 Digital Link Standard: URI Syntax, section 4: `/01/{gtin}`, then key qualifiers as pairs in the path, and other identifiers in the query.
 */
import type { Element } from './element-string.ts';

/** Undefined for an address that names no GTIN. A GTIN of 8, 12 or 13 digits is filled up to 14, as the standard allows. */
export function readDigitalLink(text: string): readonly Element[] | undefined {
	const [, path = '', query = ''] = /^https?:\/\/[^/?#\s]+(\/[^?#\s]*)(?:\?([^#\s]*))?(?:#\S*)?$/i.exec(text) ?? [];
	const steps = path.split('/').filter((step) => step !== '');
	const at = steps.findIndex((step, place) => step === '01' && /^(\d{8}|\d{12,14})$/.test(steps[place + 1] ?? ''));
	if (at < 0) return undefined;
	const pairs: Element[] = [];
	for (let place = at; place + 1 < steps.length; place += 2) pairs.push({ ai: steps[place] ?? '', value: decoded(steps[place + 1] ?? '') });
	for (const pair of query.split(/[&;]/)) {
		const [ai = '', value = ''] = pair.split('=', 2);
		// Anything else in the query is the brand owner's own business.
		if (/^\d{2,4}$/.test(ai)) pairs.push({ ai, value: decoded(value) });
	}
	return pairs.map(({ ai, value }) => ({ ai, value: ai === '01' ? value.padStart(14, '0') : value }));
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
