/** Printing where every line goes as text: a line that would be drawn is a failure. */
import type { PrintStyle } from '#adapters/printer-escpos/encode-paper.ts';

export const AS_TEXT: Pick<PrintStyle, 'direction' | 'draw'> = {
	direction: 'ltr',
	draw(line) {
		throw new Error(`printers have no letters for ${JSON.stringify(line)}`);
	},
};
