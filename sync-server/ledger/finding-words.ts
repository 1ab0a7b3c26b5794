/** What an audit found, for a terminal and for tables: in English, as the rest that a terminal says. */
import type { Finding, FindingWhy, NamedEntry } from '#core/audit/finding.ts';
import { decimalText } from '#core/money.ts';
import type { ZFault } from '#core/shift/z.ts';
import type { Currency } from '#schemas/numbers.ts';

export function findingWords({ why }: Pick<Finding, 'why'>): string {
	switch (why.is) {
		case 'of-unknown-device':
			return `${why.at}: an entry of a device whose certificate is not here.`;
		case 'unreadable':
			return `${why.at}: ${why.damage}.`;
		case 'altered':
			return `${why.at}: ${named(why.entry)} was altered: ${why.damage}.`;
		case 'missing':
			return `${Named(why.entry)} is missing: entry ${why.next} is here and comes after it.`;
		case 'missing-up-to':
			return `${Named(why.entry)} is missing, and so are all up to entry ${why.last}.`;
		case 'after-another':
			return `${Named(why.entry)} comes after an entry ${why.entry.seq - 1} that is not here; another one lies in its place.`;
		case 'forked':
			return `${Named(why.entry)} is there ${why.times} times with different content: a copied device, a restored backup, or an entry that was inserted.`;
		case 'cut-off':
			return cutOff(why);
		case 'not-later':
			return `${Named(why.entry)} is not later than ${named(why.than)}, which it had seen.`;
		case 'twice':
			return `${why.at}: ${named(why.entry)} is here twice.`;
		case 'misplaced':
			return `${why.at}: ${named(why.entry)} lies where ${named(why.place)} belongs.`;
		case 'out-of-order':
			return `${why.at}: ${named(why.entry)} comes after ${named(why.before)}, though it belongs before it.`;
		case 'receipt':
			return `${Named(why.entry)} bears ${why.bears} where ${why.expected} was to come.`;
		case 'certificate':
			return `Certificate ${why.number} does not verify up to the root of the shop.`;
		case 'z':
			return `${why.z === undefined ? 'A shift' : `Z ${why.z}`} of ${why.name}: ${zFaultWords(why.fault, why.currency)}${why.waits ? '; entries before it are missing here' : ''}.`;
		case 'file-missing':
			return `The manifest names ${why.file}, which is not in the archive.`;
		case 'file-changed':
			return `${why.file} is not what it was when the archive was written.`;
		case 'file-added':
			return `${why.file} was added to the archive afterwards.`;
		case 'file-unreadable':
			return `${why.file} cannot be read: no entry can be checked.`;
		case 'miscounted':
			return `The manifest counts ${why.said} entries, the archive holds ${why.held}.`;
	}
}

/** `sales-minor says 0.90, its entries come to 1.00` */
export function zFaultWords({ figure, of, said, folded }: ZFault, { digits }: Currency): string {
	const written = (value: number | undefined): string =>
		value === undefined ? 'nothing' : figure.endsWith('-minor') ? decimalText(value, { digits }) : String(value);
	return `${figure.replace(/-minor$/, '')}${of === undefined ? '' : ` ${of}`} says ${written(said)}, its entries come to ${written(folded)}`;
}

function cutOff({ chain, last, seen, by }: Extract<FindingWhy, { readonly is: 'cut-off' }>): string {
	const who = 'witness' in by ? by.witness : named(by);
	return `${chain.name} (${chain.scope}) ends at entry ${last}, but ${who} had seen entry ${seen}: ${seen - last} at its end ${seen - last === 1 ? 'is' : 'are'} gone.`;
}

function named({ seq, name, scope }: NamedEntry): string {
	return `entry ${seq} of ${name} (${scope})`;
}

function Named(entry: NamedEntry): string {
	return named(entry).replace('e', 'E');
}
