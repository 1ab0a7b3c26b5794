/** Without accents and capitals, as people look for it. */
export function plainText(text: string): string {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
