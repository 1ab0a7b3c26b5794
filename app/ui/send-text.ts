/** A text on its way to somebody: by the device's share sheet where there is one, else as a new mail. */
export async function sendText(title: string, text: string): Promise<void> {
	const way = navigator as Partial<Pick<Navigator, 'share'>>;
	if (way.share === undefined) {
		const link = document.createElement('a');
		link.href = `mailto:?subject=${encodeURIComponent(title)}&body=${encodeURIComponent(text.replaceAll('\n', '\r\n'))}`;
		link.click();
		return;
	}
	// Whoever closes the sheet without sending has not failed.
	await way.share.call(navigator, { title, text }).catch(() => undefined);
}
