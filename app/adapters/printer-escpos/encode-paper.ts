/**
 * Paper as the bytes that a receipt printer understands. The same paper, the same bytes.
 *
 * 1. A line whose letters all stand in a code page that every printer has goes as text; any other one as a picture of itself, so that no language prints
 *    question marks. Code pages that only some printers have, or that leave letters unshaped and in the wrong order (the Arabic ones), count as none.
 * 2. On paper of a language that runs from right to left lines begin on the right, the ones that go as text too.
 */
import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder';
import { COLUMNS, type Paper, type PaperLine, type PaperWidth } from '#core/receipt/paper.ts';
import type { Drawing, Picture, WrittenLine } from './draw-line.ts';

export interface PrintStyle {
	readonly speaks: 'esc-pos' | 'star-prnt';
	readonly widthMm: PaperWidth;
	/** The drawer on the printer opens first: the change is looked for while the paper still comes. */
	readonly opensDrawer: boolean;
	readonly direction: Drawing['direction'];
	readonly draw: (line: WrittenLine, drawing: Drawing) => Picture;
}

/** The blade sits so many lines above the print head. */
const FEED_LINES = 5;
/** Pin 2, 100 ms on: what drawers of both kinds open by. */
const PULSE = [0, 100, 500] as const;
/** Dots of one square: 29 to 33 squares are about 25 mm, which a hand scanner reads from the paper. */
const CODE_DOTS = 6;

/** Of Latin and Cyrillic letters, under one number on Epson's oldest models, their copies and Star's: the euro is in the second. */
const PAGES = ['cp437', 'windows1252', 'cp858', 'cp852', 'cp866'] as const;
/** Dots of one letter of font A. */
const LETTER_DOTS = 12;
/** Grey at the edges of a drawn letter prints where it is darker than this, of 255: thin strokes stay whole. */
const INK = 160;

export function encodePaper(paper: Paper, style: PrintStyle): Uint8Array {
	const columns = COLUMNS[style.widthMm];
	const encoder = new ReceiptPrinterEncoder({
		...{ language: style.speaks, columns, feedBeforeCut: FEED_LINES, newline: '\n', errors: 'relaxed' },
		...{ codepageCandidates: [...PAGES], imageMode: 'raster' },
	});
	encoder.initialize();
	if (style.opensDrawer) encoder.pulse(...PULSE);
	if (paper.length === 0) return encoder.encode();
	encoder.codepage('auto');
	const isPrintable = lettersOf(style);
	for (const line of paper) {
		const written = line.kind === 'text' || line.kind === 'pair' ? plain(line) : undefined;
		if (written === undefined || isPrintable(written)) print(encoder, written ?? line, columns, style.direction);
		else picture(encoder, style.draw(written, { widthDots: columns * LETTER_DOTS, direction: style.direction }));
	}
	return encoder.cut().encode();
}

/** Asked of the encoder itself: what comes out as a question mark, and is none, no page has. */
function lettersOf({ speaks }: PrintStyle): (line: WrittenLine) => boolean {
	const known = new Map<string, boolean>([['?', true]]);
	function isKnown(letter: string): boolean {
		const before = known.get(letter);
		if (before !== undefined) return before;
		const encoder = new ReceiptPrinterEncoder({ language: speaks, errors: 'relaxed', codepageCandidates: [...PAGES], autoFlush: false });
		const has = !encoder.codepage('auto').text(letter).encode().includes(QUESTION_MARK);
		known.set(letter, has);
		return has;
	}
	return (line) => [...(line.kind === 'pair' ? line.what + line.figure : line.text)].every((letter) => letter === '\n' || isKnown(letter));
}

const QUESTION_MARK = 0x3f;

function picture(encoder: ReceiptPrinterEncoder, { width, height, data }: Picture): void {
	encoder.image({ width, height, data }, { width, height, algorithm: 'threshold', threshold: INK });
}

function print(encoder: ReceiptPrinterEncoder, line: PaperLine, columns: number, direction: Drawing['direction']): void {
	const isBold = 'weight' in line;
	// Twice as high, not wider: a total of any length stays on its line.
	const isLarge = isBold && line.weight === 'large';
	const isFromRight = direction === 'rtl';
	if (isBold) encoder.bold(true);
	if (isLarge) encoder.size(1, 2);
	switch (line.kind) {
		case 'text': {
			const indent = line.under === true ? INDENT : 0;
			const align = line.align === 'centre' ? 'center' : isFromRight ? 'right' : 'left';
			encoder.table([{ width: columns - indent, align, ...(isFromRight ? { marginRight: indent } : { marginLeft: indent }) }], [[line.text]]);
			break;
		}
		case 'pair': {
			const indent = line.under === true ? INDENT : 0;
			const figures = Math.min(line.figure.length, columns - 10);
			const width = columns - indent - figures - 1;
			if (isFromRight)
				encoder.table(
					[
						{ width: figures, align: 'left', marginRight: 1, verticalAlign: 'bottom' },
						{ width, align: 'right', marginRight: indent },
					],
					[[line.figure, line.what]],
				);
			else
				encoder.table(
					[
						{ width, align: 'left', marginLeft: indent },
						{ width: figures, align: 'right', marginLeft: 1, verticalAlign: 'bottom' },
					],
					[[line.what, line.figure]],
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

function plain(line: WrittenLine): WrittenLine {
	return line.kind === 'pair' ? { ...line, what: plainText(line.what), figure: plainText(line.figure) } : { ...line, text: plainText(line.text) };
}

/** Letters in one piece with their accents; signs that only set text apart or in order, in the form that printers have: a plain one, or none. */
function plainText(text: string): string {
	return text
		.normalize('NFC')
		.replace(/[\u00a0\u2009\u202f]/gu, ' ')
		.replace(/[\u2010\u2011\u2212]/gu, '-')
		.replace(/\u2032/gu, "'")
		.replace(/[\u200b\u200e\u200f\ufeff]/gu, '');
}
