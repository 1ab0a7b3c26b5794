/**
 * What people settled of late: which conflict, how, who and where, and whether that is asked about again.
 *
 * An answer is never taken away. What can be decided again is what the ledger itself asks about: two answers that did not know of each other
 * (`resolved-twice`), and an answer that later entries left without a question (`answer-overtaken`).
 */
import type { ConflictKind } from '#core/conflict/conflict.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import { answerName } from './conflict-stories/choices.ts';
import { titleOf } from './conflicts.ts';
import { named, personName } from './drawers.ts';
import type { GoodsContext } from './goods.ts';
import { deviceName } from './shop.ts';

export interface SettledRow {
	readonly entry: EntryHash;
	/** Of the conflict that was answered, as its kind is called. */
	readonly title: string;
	/** The product; empty where it was about none. */
	readonly about: string;
	readonly choice: string;
	/** Absent where nobody gave the person a name. */
	readonly by?: string;
	readonly deviceName: string;
	readonly atMs: number;
	/** The open conflict that asks about this answer. */
	readonly again?: string;
}

const DAYS = 7;
const MOST = 30;

/** Newest first. */
export function settledRows({ ledger, nowMs }: GoodsContext): readonly SettledRow[] {
	const again = new Map(
		ledger.conflicts().flatMap(({ key, detail }) => {
			if (detail.kind === 'answer-overtaken') return [[detail.answer, key] as const];
			return detail.kind === 'resolved-twice' ? detail.answers.map(({ entry }) => [entry, key] as const) : [];
		}),
	);
	return ledger
		.answers()
		.filter(({ entry }) => entry.header.at >= nowMs - DAYS * 86_400_000)
		.toSorted((a, b) => b.entry.header.at - a.entry.header.at)
		.slice(0, MOST)
		.map(({ entry: { hash, header }, fact: { conflict, choice } }): SettledRow => {
			const asked = again.get(hash);
			return {
				...{ entry: hash, title: titleOf(conflict.kind as ConflictKind), about: productOf(ledger, conflict.subject), choice: answerName(choice) },
				...{ ...named('by', personName(ledger, header.by)), deviceName: deviceName(ledger, header.device), atMs: header.at },
				...(asked === undefined ? {} : { again: asked }),
			};
		});
}

/** Subjects are a SKU, or `field:SKU`; others name things that have no name of their own. */
function productOf({ state }: Ledger, subject: string): string {
	const product = state.products.get(subject as Sku) ?? state.products.get(subject.slice(subject.indexOf(':') + 1) as Sku);
	return product?.name.value ?? '';
}
