/** A receipt, a report, a test page: lines in the order in which they are read, for the screen, for paper, for a printer and for mail. */

export type PaperLine =
	| {
			readonly kind: 'text';
			readonly text: string;
			readonly align: 'start' | 'centre';
			readonly weight?: 'bold' | 'large';
			/** Belongs to the line above it. */
			readonly under?: true;
	  }
	/** What it is on the one side, how much on the other. */
	| { readonly kind: 'pair'; readonly what: string; readonly figure: string; readonly weight?: 'bold' | 'large'; readonly under?: true }
	| { readonly kind: 'rule' }
	/** A picture of this text, that a scanner reads. */
	| { readonly kind: 'code'; readonly text: string; readonly says: string };

export type Paper = readonly PaperLine[];

/** Widths of the two rolls that receipt printers take, and the characters of font A in a line: 12 dots each on 384 and 576 dots of print. */
export const COLUMNS = { 58: 32, 80: 48 } as const;
export type PaperWidth = keyof typeof COLUMNS;

export function textLine(text: string, weight?: 'bold' | 'large'): Extract<PaperLine, { readonly kind: 'text' }> {
	return { kind: 'text', text, align: 'start', ...(weight === undefined ? {} : { weight }) };
}

export function centredLine(text: string, weight?: 'bold' | 'large'): Extract<PaperLine, { readonly kind: 'text' }> {
	return { kind: 'text', text, align: 'centre', ...(weight === undefined ? {} : { weight }) };
}

export function pairLine(what: string, figure: string, weight?: 'bold' | 'large'): Extract<PaperLine, { readonly kind: 'pair' }> {
	return { kind: 'pair', what, figure, ...(weight === undefined ? {} : { weight }) };
}

/** As plain text, for mail: a picture becomes what it says. */
export function paperText(paper: Paper, columns: number): string {
	return paper
		.flatMap((line): readonly string[] => {
			switch (line.kind) {
				case 'text': {
					const wrapped = wrap(line.text, columns - (line.under === true ? INDENT.length : 0));
					return wrapped.map((part) => (line.align === 'centre' ? centred(part, columns) : `${line.under === true ? INDENT : ''}${part}`));
				}
				case 'pair':
					return pairText(line.what, line.figure, columns, line.under === true ? INDENT : '');
				case 'rule':
					return ['-'.repeat(columns)];
				case 'code':
					// In one piece, or nobody could copy it.
					return [line.text];
			}
		})
		.join('\n');
}

const INDENT = '  ';

function pairText(what: string, figure: string, columns: number, indent: string): readonly string[] {
	const lines = wrap(what, Math.max(8, columns - indent.length - figure.length - 1)).map((line) => indent + line);
	const last = lines.at(-1) ?? '';
	return [...lines.slice(0, -1), `${last}${' '.repeat(Math.max(1, columns - last.length - figure.length))}${figure}`];
}

function centred(text: string, columns: number): string {
	return `${' '.repeat(Math.max(0, Math.floor((columns - text.length) / 2)))}${text}`;
}

/** At spaces where there are any; what people typed on lines of its own stays so. */
function wrap(text: string, columns: number): readonly string[] {
	return text.split('\n').flatMap((line) => {
		const lines: string[] = [];
		let rest = line;
		while (rest.length > columns) {
			const space = rest.lastIndexOf(' ', columns);
			const at = space > 0 ? space : columns;
			lines.push(rest.slice(0, at));
			rest = rest.slice(at).trimStart();
		}
		return [...lines, rest];
	});
}
