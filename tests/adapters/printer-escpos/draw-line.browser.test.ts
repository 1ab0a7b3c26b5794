/** The numbered invariants of `draw-line.ts`, on a real canvas: where ink is, and what reaches the printer. */
import { drawLine, type Picture } from '#adapters/printer-escpos/draw-line.ts';
import { encodePaper } from '#adapters/printer-escpos/encode-paper.ts';
import type { Paper } from '#core/receipt/paper.ts';
import { expect, test } from 'vitest';

const WIDTH = 576;

/** Columns with ink, from left to right. */
function inked({ width, height, data }: Picture): number[] {
	return Array.from({ length: width }, (_, x) => x).filter((x) =>
		Array.from({ length: height }, (_, y) => data[(y * width + x) * 4] ?? 255).some((grey) => grey < 128),
	);
}

const first = (picture: Picture): number => inked(picture)[0] ?? -1;
const last = (picture: Picture): number => inked(picture).at(-1) ?? -1;

test('1. a picture is as wide as the print, whole bytes high, and a long line goes on below', () => {
	const short = drawLine({ kind: 'text', text: 'شاي', align: 'start' }, { widthDots: WIDTH, direction: 'rtl' });
	const long = drawLine({ kind: 'text', text: 'شاي أخضر بالنعناع '.repeat(6).trim(), align: 'start' }, { widthDots: WIDTH, direction: 'rtl' });
	const unbroken = drawLine({ kind: 'text', text: '茶'.repeat(60), align: 'start' }, { widthDots: 384, direction: 'ltr' });
	expect([short.width, short.height % 8, long.height % 8, unbroken.width]).toEqual([WIDTH, 0, 0, 384]);
	expect(long.height).toBeGreaterThan(short.height * 1.5);
	expect(unbroken.height).toBeGreaterThan(short.height * 2);
	expect(inked(short).length).toBeGreaterThan(10);
});

test('1. letters are joined, as the script is written: three that join are narrower than the three apart', () => {
	const wide = (text: string): number => inked(drawLine({ kind: 'text', text, align: 'start' }, { widthDots: WIDTH, direction: 'rtl' })).length;
	expect(wide('\u0628\u0628\u0628')).toBeLessThan(3 * wide('\u0628') * 0.8);
});

test('2. from right to left a line begins on the right and its figure stands on the left; in the middle is in the middle', () => {
	const drawing = { widthDots: WIDTH, direction: 'rtl' } as const;
	const begun = drawLine({ kind: 'text', text: 'شاي', align: 'start' }, drawing);
	expect(first(begun)).toBeGreaterThan(WIDTH / 2);
	const under = drawLine({ kind: 'text', text: 'شاي', align: 'start', under: true }, drawing);
	expect(last(begun) - last(under)).toBeGreaterThan(10);
	const pair = inked(drawLine({ kind: 'pair', what: 'شاي', figure: '2.90' }, drawing));
	expect(pair[0]).toBeLessThan(20);
	expect(pair.at(-1)).toBeGreaterThan(WIDTH - 20);
	expect(pair.some((x) => x > WIDTH * 0.3 && x < WIDTH * 0.7)).toBe(false);
	const centred = drawLine({ kind: 'text', text: 'شاي', align: 'centre' }, drawing);
	expect(Math.abs(first(centred) + last(centred) - WIDTH)).toBeLessThan(20);
	expect(last(drawLine({ kind: 'text', text: '茶', align: 'start' }, { widthDots: WIDTH, direction: 'ltr' }))).toBeLessThan(WIDTH / 2);
});

test('a receipt in Arabic reaches both kinds of printer as pictures, without one question mark in place of a letter', () => {
	const paper: Paper = [
		{ kind: 'text', text: 'متجر', align: 'centre', weight: 'large' },
		{ kind: 'pair', what: 'المجموع', figure: '\u200f2.90\u00a0€', weight: 'large' },
	];
	const isAt = (bytes: Uint8Array, ...part: readonly number[]): boolean =>
		bytes.some((_, at) => part.every((byte, place) => bytes[at + place] === byte));
	const style = { widthMm: 58, opensDrawer: false, direction: 'rtl', draw: drawLine } as const;
	const escPos = encodePaper(paper, { ...style, speaks: 'esc-pos' });
	// GS v 0 with 48 bytes a row, at 58 mm.
	expect(isAt(escPos, 0x1d, 0x76, 0x30, 0, 48, 0)).toBe(true);
	// ESC X with 384 columns.
	expect(isAt(encodePaper(paper, { ...style, speaks: 'star-prnt' }), 0x1b, 0x58, 0x80, 0x01)).toBe(true);
	expect(escPos.filter((byte) => byte !== 0).length).toBeGreaterThan(300);
});
