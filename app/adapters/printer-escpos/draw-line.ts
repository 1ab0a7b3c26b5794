/**
 * A line of paper as a picture, for what no code page of a printer has: the page's own canvas shapes and orders the letters, whatever the script.
 *
 * 1. As wide as the print, in dots; black on white; a line that is too long for the roll goes on below, broken at spaces where there are any.
 * 2. Where the language runs from right to left the line begins on the right, and the figure of a pair stands on the left.
 */
import type { PaperLine } from '#core/receipt/paper.ts';

/** Four bytes a dot, red to alpha, as a canvas has them. */
export interface Picture {
	readonly width: number;
	readonly height: number;
	readonly data: Uint8ClampedArray;
}

export type WrittenLine = Extract<PaperLine, { readonly kind: 'text' | 'pair' }>;

export interface Drawing {
	readonly widthDots: number;
	readonly direction: 'ltr' | 'rtl';
}

/** As tall beside the printer's own 24 dots of font A as print of it looks, with the room that Arabic marks need above and below. */
const LETTERS = 24;
const LINE = 34;
/** A total is larger, as in the printer's own letters, though not twice as high: a picture grows wider with it. */
const LARGE = 1.5;
/** Of `under`, as two of the printer's letters. */
const INDENT = 24;
/** Between what and how much. */
const GAP = 12;

export function drawLine(line: WrittenLine, { widthDots, direction }: Drawing): Picture {
	const scale = line.weight === 'large' ? LARGE : 1;
	const font = `${line.weight === undefined ? 'normal' : 'bold'} ${LETTERS * scale}px sans-serif`;
	const indent = line.under === true ? INDENT : 0;
	const measure = contextOf(1, 1);
	measure.font = font;
	const figure = line.kind === 'pair' ? line.figure : '';
	const figureDots = figure === '' ? 0 : Math.ceil(measure.measureText(figure).width) + GAP;
	const rows = wrap(line.kind === 'pair' ? line.what : line.text, Math.max(widthDots / 3, widthDots - indent - figureDots), measure);

	const height = Math.ceil((rows.length * LINE * scale) / 8) * 8;
	const context = contextOf(widthDots, height);
	context.fillStyle = '#fff';
	context.fillRect(0, 0, widthDots, height);
	Object.assign(context, { fillStyle: '#000', font, direction, textBaseline: 'middle' });
	const isMiddle = line.kind === 'text' && line.align === 'centre';
	const begin = direction === 'rtl' ? widthDots - indent : indent;
	rows.forEach((row, place) => {
		const middle = (place + 0.5) * LINE * scale;
		context.textAlign = isMiddle ? 'center' : 'start';
		context.fillText(row, isMiddle ? widthDots / 2 : begin, middle);
		if (place < rows.length - 1) return;
		context.textAlign = 'end';
		context.fillText(figure, direction === 'rtl' ? 0 : widthDots, middle);
	});
	return context.getImageData(0, 0, widthDots, height);
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
	const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
	if (context === null) throw new Error(`no canvas of ${width} × ${height} dots`);
	return context;
}

/** Lines that people typed stay lines of their own. */
function wrap(text: string, widthDots: number, measure: OffscreenCanvasRenderingContext2D): readonly string[] {
	const fits = (row: string): boolean => measure.measureText(row).width <= widthDots;
	return text.split('\n').flatMap((typed) => {
		const rows: string[] = [];
		let row = '';
		for (const word of typed.split(' ').flatMap((one) => (fits(one) ? [one] : brokenUp(one, fits)))) {
			const longer = row === '' ? word : `${row} ${word}`;
			if (fits(longer)) row = longer;
			else {
				rows.push(row);
				row = word;
			}
		}
		return [...rows, row];
	});
}

/** A word that is wider than the roll, in pieces of whole letters: what belongs to a letter stays with it. */
function brokenUp(word: string, fits: (piece: string) => boolean): readonly string[] {
	const pieces: string[] = [];
	let piece = '';
	for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word)) {
		if (piece !== '' && !fits(piece + segment)) {
			pieces.push(piece);
			piece = '';
		}
		piece += segment;
	}
	return [...pieces, piece];
}
