/** What goes over the wire to a printer, byte for byte: ESC/POS and StarPRNT, both widths. The commands are of Epson's and Star's references. */
import type { Picture, WrittenLine } from '#adapters/printer-escpos/draw-line.ts';
import { encodePaper as encode, type PrintStyle } from '#adapters/printer-escpos/encode-paper.ts';
import type { Paper } from '#core/receipt/paper.ts';
import { expect, test } from 'vitest';
import { AS_TEXT } from '../../support/text-paper.ts';

const PAPER: Paper = [
	{ kind: 'text', text: 'Kelp & Co', align: 'centre', weight: 'large' },
	{ kind: 'rule' },
	{ kind: 'pair', what: 'Crème brûlée', figure: '€2.90' },
	{ kind: 'text', text: '2 × €1.45', align: 'start', under: true },
	{ kind: 'pair', what: 'Total', figure: '€2.90', weight: 'large' },
	{ kind: 'code', text: 'HOLDFAST:RECEIPT/1/0123456789AB/T3-000124/FEDCBA9876543210', says: 'Code' },
];

/** Where there is no canvas: one black dot at the top left of eight rows, as wide as the print. What a canvas draws is looked at in `draw-line.browser.test.ts`. */
function dot(widthDots: number): Picture {
	const data = new Uint8ClampedArray(widthDots * 8 * 4).fill(255);
	data.fill(0, 0, 3);
	return { width: widthDots, height: 8, data };
}

function encodePaper(paper: Paper, style: Pick<PrintStyle, 'speaks' | 'widthMm' | 'opensDrawer'>): Uint8Array {
	return encode(paper, { ...style, ...AS_TEXT });
}

/** The bytes, and which lines went out as pictures. */
function drawn(paper: Paper, style: Pick<PrintStyle, 'speaks' | 'direction'>): { readonly bytes: Buffer; readonly lines: readonly WrittenLine[] } {
	const lines: WrittenLine[] = [];
	const bytes = encode(paper, {
		...{ ...style, widthMm: 80, opensDrawer: false },
		draw(line, { widthDots }) {
			lines.push(line);
			return dot(widthDots);
		},
	});
	return { bytes: Buffer.from(bytes), lines };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const has = (bytes: Uint8Array, ...part: readonly number[]): boolean => Buffer.from(bytes).includes(Buffer.from(part));

test('ESC/POS at 58 mm is what it was', () => {
	expect(hex(encodePaper(PAPER, { speaks: 'esc-pos', widthMm: 58, opensDrawer: true }))).toMatchInlineSnapshot(
		`"1b401c2e1b4d001b700032fa0a1b45011d21011b740020202020202020202020204b656c70202620436f2020202020202020202020201b45001d21000a1b45011b4500c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c40a43728a6d65206272966c82652020202020202020202020202020201b741080322e39300a1b7400202032201b7410d72080312e34352020202020202020202020202020202020202020200a1b45011d21011b7400546f74616c202020202020202020202020202020202020202020201b741080322e39301b45001d21000a0a1b61011d286b0400314132001d286b03003143061d286b03003145311d286b3d00315030484f4c44464153543a524543454950542f312f3031323334353637383941422f54332d3030303132342f464544434241393837363534333231301d286b03003151300a1b61000a0a0a0a0a0a1d56000a"`,
	);
});

test('StarPRNT at 80 mm is what it was', () => {
	expect(hex(encodePaper(PAPER, { speaks: 'star-prnt', widthMm: 80, opensDrawer: false }))).toMatchInlineSnapshot(
		`"1b40181b451b6901001b1d7401202020202020202020202020202020202020204b656c70202620436f20202020202020202020202020202020202020201b461b6900000a1b451b46c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c40a43728a6d65206272966c8265202020202020202020202020202020202020202020202020202020202020201b1d742080322e39300a1b1d7401202032201b1d7420d72080312e3435202020202020202020202020202020202020202020202020202020202020202020202020200a1b451b6901001b1d7401546f74616c20202020202020202020202020202020202020202020202020202020202020202020202020201b1d742080322e39301b461b6900000a0a1b1d61011b1d795330021b1d795332061b1d795331011b1d794431003a00484f4c44464153543a524543454950542f312f3031323334353637383941422f54332d3030303132342f464544434241393837363534333231301b1d79500a1b1d61000a0a0a0a0a0a1b64000a"`,
	);
});

test('it begins anew, opens the drawer before the paper, prints the code as a code, and cuts at the end', () => {
	const bytes = encodePaper(PAPER, { speaks: 'esc-pos', widthMm: 80, opensDrawer: true });
	// ESC @, then ESC p.
	expect([...bytes.slice(0, 2)]).toEqual([0x1b, 0x40]);
	expect(Buffer.from(bytes).indexOf(Buffer.from([0x1b, 0x70, 0]))).toBeLessThan(Buffer.from(bytes).indexOf('Kelp'));
	// GS ( k, function 181: print the code.
	expect(has(bytes, 0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x51, 0x30)).toBe(true);
	// GS V
	expect(has(bytes.slice(-12), 0x1d, 0x56)).toBe(true);
});

test('without the drawer no pulse goes out, and the drawer alone feeds no paper', () => {
	expect(has(encodePaper(PAPER, { speaks: 'esc-pos', widthMm: 80, opensDrawer: false }), 0x1b, 0x70)).toBe(false);
	const alone = encodePaper([], { speaks: 'esc-pos', widthMm: 80, opensDrawer: true });
	expect(has(alone, 0x1b, 0x70, 0)).toBe(true);
	expect(has(alone, 0x1d, 0x56)).toBe(false);
});

test('1. what a printer has no letters for goes out as a picture in the width of the roll, the rest as text', () => {
	const paper: Paper = [
		{ kind: 'text', text: 'Kelp & Co', align: 'centre' },
		{ kind: 'pair', what: 'شاي أخضر', figure: '\u200f2.90\u00a0€' },
		{ kind: 'text', text: '茶', align: 'start', under: true },
	];
	const escPos = drawn(paper, { speaks: 'esc-pos', direction: 'rtl' });
	expect(escPos.lines.map((line) => (line.kind === 'pair' ? line.what : line.text))).toEqual(['شاي أخضر', '茶']);
	// GS v 0, normal, 72 bytes by 8 rows, and its first dot.
	expect(escPos.bytes.includes(Buffer.from([0x1d, 0x76, 0x30, 0, 72, 0, 8, 0, 0x80, 0]))).toBe(true);
	expect(escPos.bytes.toString('latin1')).toContain('Kelp & Co');
	const star = drawn(paper, { speaks: 'star-prnt', direction: 'rtl' });
	// ESC X: 576 columns of 24 dots, three bytes each.
	expect(star.bytes.includes(Buffer.from([0x1b, 0x58, 0x40, 0x02, 0x80, 0, 0, 0]))).toBe(true);
	expect(star.bytes.toString('latin1')).toContain('Kelp & Co');
	for (const { bytes } of [escPos, star]) expect(bytes.includes('?')).toBe(false);
});

test('1. letters of Latin and Cyrillic languages go as text, in code pages that every printer has; a question mark is one', () => {
	const words = ['Crème brûlée?', 'Straße', 'Jalapeño ¿qué?', 'Œufs – 2,90 €', 'Żółć', 'Хлеб', 'cafe\u0301', 'anti\u2011rutsch'];
	for (const speaks of ['esc-pos', 'star-prnt'] as const) {
		const { bytes, lines } = drawn(
			words.map((text) => ({ kind: 'text', text, align: 'start' })),
			{ speaks, direction: 'ltr' },
		);
		expect(lines).toEqual([]);
		expect(bytes.toString('latin1').match(/\?/gu)).toHaveLength(2);
	}
	const { bytes } = drawn([{ kind: 'text', text: '€ é ß ñ', align: 'start' }], { speaks: 'esc-pos', direction: 'ltr' });
	// ESC t 16, windows-1252, where it is 80h; and é, ß and ñ in the same page.
	expect(bytes.includes(Buffer.from([0x1b, 0x74, 16, 0x80, 0x20, 0xe9, 0x20, 0xdf, 0x20, 0xf1]))).toBe(true);
});

test('2. on paper from right to left the figure of a line that goes as text stands on the left', () => {
	const paper: Paper = [
		{ kind: 'pair', what: 'Tea', figure: '2.90' },
		{ kind: 'text', text: '2 x', align: 'start', under: true },
	];
	const text = drawn(paper, { speaks: 'esc-pos', direction: 'rtl' }).bytes.toString('latin1');
	expect(text).toContain(`2.90${' '.repeat(41)}Tea`);
	expect(text).toContain(`${' '.repeat(43)}2 x`);
});

test('the spaces between French thousands come out as paper has them, and the marks around an Arabic percent not at all', () => {
	for (const speaks of ['esc-pos', 'star-prnt'] as const) {
		const paper: Paper = [{ kind: 'pair', what: 'VAT 20\u200e%\u200e', figure: '1\u202f234,50\u00a0EUR' }];
		const text = Buffer.from(encodePaper(paper, { speaks, widthMm: 80, opensDrawer: false })).toString('latin1');
		expect(text).toContain('1 234,50 EUR');
		expect(text).toContain('VAT 20% ');
		expect(text).not.toContain('?');
	}
});
