/**
 * A text on its way to somebody: to a customer who gave an address as a mail to it; else by the device's share sheet where there is one, else as a new mail.
 */
export async function sendText(title: string, text: string, to = ''): Promise<void> {
	const way = navigator as Partial<Pick<Navigator, 'share'>>;
	// A share sheet takes no address.
	if (to !== '' || way.share === undefined) {
		const link = document.createElement('a');
		link.href = mailTo(title, text, to);
		link.click();
		return;
	}
	// Whoever closes the sheet without sending has not failed.
	await way.share.call(navigator, { title, text }).catch(() => undefined);
}

/** RFC 6068: the @ of an address stands as it is, and lines end with CR LF. */
export function mailTo(title: string, text: string, to: string): string {
	const address = encodeURIComponent(to).replaceAll('%40', '@');
	return `mailto:${address}?subject=${encodeURIComponent(title)}&body=${encodeURIComponent(text.replaceAll('\n', '\r\n'))}`;
}
