/** Paper as the bytes that a receipt printer understands. The same paper, the same bytes. */
import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder';
import { COLUMNS, type Paper, type PaperLine, type PaperWidth } from '#core/receipt/paper.ts';

export interface PrintStyle {
	readonly speaks: 'esc-pos' | 'star-prnt';
	readonly widthMm: PaperWidth;
	/** The drawer on the printer opens first: the change is looked for while the paper still comes. */
	readonly opensDrawer: boolean;
}

/** The blade sits so many lines above the print head. */
const FEED_LINES = 5;
/** Pin 2, 100 ms on: what drawers of both kinds open by. */
const PULSE = [0, 100, 500] as const;
/** Dots of one square: 29 to 33 squares are about 25 mm, which a hand scanner reads from the paper. */
const CODE_DOTS = 6;

export function encodePaper(paper: Paper, { speaks, widthMm, opensDrawer }: PrintStyle): Uint8Array {
	const columns = COLUMNS[widthMm];
	const encoder = new ReceiptPrinterEncoder({
		...{ language: speaks, columns, feedBeforeCut: FEED_LINES, newline: '\n', errors: 'relaxed' },
	});
	encoder.initialize();
	if (opensDrawer) encoder.pulse(...PULSE);
	if (paper.length === 0) return encoder.encode();
	encoder.codepage('auto');
	for (const line of paper) print(encoder, line, columns);
	return encoder.cut().encode();
}

function print(encoder: ReceiptPrinterEncoder, line: PaperLine, columns: number): void {
	const isBold = 'weight' in line;
	// Twice as high, not wider: a total of any length stays on its line.
	const isLarge = isBold && line.weight === 'large';
	if (isBold) encoder.bold(true);
	if (isLarge) encoder.size(1, 2);
	switch (line.kind) {
		case 'text': {
			const indent = line.under === true ? INDENT : 0;
			encoder.table([{ width: columns - indent, align: line.align === 'centre' ? 'center' : 'left', marginLeft: indent }], [[printable(line.text)]]);
			break;
		}
		case 'pair': {
			const indent = line.under === true ? INDENT : 0;
			const figures = Math.min(line.figure.length, columns - 10);
			encoder.table(
				[
					{ width: columns - indent - figures - 1, align: 'left', marginLeft: indent },
					{ width: figures, align: 'right', marginLeft: 1, verticalAlign: 'bottom' },
				],
				[[printable(line.what), printable(line.figure)]],
			);
			break;
		}
		case 'rule':
			encoder.rule();
			break;
		case 'code':
			encoder.newline().align('center').qrcode(line.text, { model: 2, size: CODE_DOTS, errorlevel: 'm' }).newline().align('left');
	}
	if (isLarge) encoder.size(1, 1);
	if (isBold) encoder.bold(false);
}

const INDENT = 2;

/** No printer has the narrow and fixed spaces between thousands, nor the marks of direction: it would print question marks. */
function printable(text: string): string {
	return text.replace(/[\u00a0\u2009\u202f]/gu, ' ').replace(/[\u061c\u200e\u200f]/gu, '');
}
