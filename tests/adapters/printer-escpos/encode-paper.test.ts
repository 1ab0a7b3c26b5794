/** What goes over the wire to a printer, byte for byte: ESC/POS and StarPRNT, both widths. The commands are of Epson's and Star's references. */
import { encodePaper } from '#adapters/printer-escpos/encode-paper.ts';
import type { Paper } from '#core/receipt/paper.ts';
import { expect, test } from 'vitest';

const PAPER: Paper = [
	{ kind: 'text', text: 'Kelp & Co', align: 'centre', weight: 'large' },
	{ kind: 'rule' },
	{ kind: 'pair', what: 'Crème brûlée', figure: '€2.90' },
	{ kind: 'text', text: '2 × €1.45', align: 'start', under: true },
	{ kind: 'pair', what: 'Total', figure: '€2.90', weight: 'large' },
	{ kind: 'code', text: 'HOLDFAST:RECEIPT/1/0123456789AB/T3-000124/FEDCBA9876543210', says: 'Code' },
];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const has = (bytes: Uint8Array, ...part: readonly number[]): boolean => Buffer.from(bytes).includes(Buffer.from(part));

test('ESC/POS at 58 mm is what it was', () => {
	expect(hex(encodePaper(PAPER, { speaks: 'esc-pos', widthMm: 58, opensDrawer: true }))).toMatchInlineSnapshot(
		`"1b401c2e1b4d001b700032fa0a1b45011d21011b740020202020202020202020204b656c70202620436f2020202020202020202020201b45001d21000a1b45011b4500c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c40a43728a6d65206272966c82652020202020202020202020202020201b740dd5322e39300a1b7400202032201b74029e201b740dd5312e34352020202020202020202020202020202020202020200a1b45011d21011b7400546f74616c202020202020202020202020202020202020202020201b740dd5322e39301b45001d21000a0a1b61011d286b0400314132001d286b03003143061d286b03003145311d286b3d00315030484f4c44464153543a524543454950542f312f3031323334353637383941422f54332d3030303132342f464544434241393837363534333231301d286b03003151300a1b61000a0a0a0a0a0a1d56000a"`,
	);
});

test('StarPRNT at 80 mm is what it was', () => {
	expect(hex(encodePaper(PAPER, { speaks: 'star-prnt', widthMm: 80, opensDrawer: false }))).toMatchInlineSnapshot(
		`"1b40181b451b6901001b1d7400202020202020202020202020202020202020204b656c70202620436f20202020202020202020202020202020202020201b461b6900000a1b451b461b1d7401c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c40a1b1d74004372b16d65206272c26cb065202020202020202020202020202020202020202020202020202020202020201b1d7404d5322e39300a1b1d7400202032201b1d74049e20d5312e3435202020202020202020202020202020202020202020202020202020202020202020202020200a1b451b6901001b1d7400546f74616c20202020202020202020202020202020202020202020202020202020202020202020202020201b1d7404d5322e39301b461b6900000a0a1b1d61011b1d795330021b1d795332061b1d795331011b1d794431003a00484f4c44464153543a524543454950542f312f3031323334353637383941422f54332d3030303132342f464544434241393837363534333231301b1d79500a1b1d61000a0a0a0a0a0a1b64000a"`,
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

test('a sign that the printer cannot print is a question mark, and no failure', () => {
	expect(
		Buffer.from(encodePaper([{ kind: 'text', text: 'شاي 茶', align: 'start' }], { speaks: 'esc-pos', widthMm: 80, opensDrawer: false })).includes(
			'?',
		),
	).toBe(true);
});

test('the spaces between French thousands and the marks of Arabic direction come out as paper has them, not as question marks', () => {
	for (const speaks of ['esc-pos', 'star-prnt'] as const) {
		const paper: Paper = [{ kind: 'pair', what: 'Total', figure: '\u200f1\u202f234,50\u00a0EUR' }];
		const text = Buffer.from(encodePaper(paper, { speaks, widthMm: 80, opensDrawer: false })).toString('latin1');
		expect(text).toContain('1 234,50 EUR');
		expect(text).not.toContain('?');
	}
});
