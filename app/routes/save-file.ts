/** A text goes to the person's own disk, as a download. */
export function saveText(name: string, text: string, type = 'text/csv'): void {
	// Spreadsheets take a text without this mark for another encoding, and show £ as Â£.
	const address = URL.createObjectURL(new Blob(['\u{FEFF}', text], { type: `${type};charset=utf-8` }));
	const link = document.createElement('a');
	link.href = address;
	link.download = name;
	link.click();
	setTimeout(() => {
		URL.revokeObjectURL(address);
	}, 10_000);
}
