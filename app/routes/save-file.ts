/** A text goes to the person's own disk, as a download. */
export function saveText(name: string, text: string | readonly string[], type = 'text/csv'): void {
	// Spreadsheets take a text without this mark for another encoding, and show £ as Â£.
	save(name, new Blob(['\u{FEFF}', ...(typeof text === 'string' ? [text] : text)], { type: `${type};charset=utf-8` }));
}

export function saveBytes(name: string, bytes: Uint8Array<ArrayBuffer>): void {
	save(name, new Blob([bytes], { type: 'application/octet-stream' }));
}

function save(name: string, blob: Blob): void {
	const address = URL.createObjectURL(blob);
	const link = document.createElement('a');
	link.href = address;
	link.download = name;
	link.click();
	setTimeout(() => {
		URL.revokeObjectURL(address);
	}, 10_000);
}
