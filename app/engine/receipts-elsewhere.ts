/**
 * A receipt of another branch: whoever has it in the hand asks for its sale, to give back what is on it. The sale's own branch answers.
 *
 * 1. A branch shows another one sale, to whoever has its code: till, number and the beginning of its entry's hash must fit. It lists nothing.
 * 2. The sale is proven by its signature, like everything from others. How much of it was given back is the word of whoever answers: it bounds what is
 *    offered, and what is given back twice all the same is a conflict of the sale's branch.
 * 3. A question is passed on once: from a till by whoever reaches the relay, which holds every branch.
 * 4. A peer is answered one question at a time, and what lies below the checkpoint is looked for once in ten seconds, for that reads the whole disk.
 * 5. That nobody is there who could know is another answer than that there is no such receipt.
 */
import type { NotElsewhere, SaleElsewhere } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { SaleFact } from '#core/ledger/sales.ts';
import type { SaleState } from '#core/ledger/state.ts';
import { isOfEntry, type ReceiptCode } from '#core/receipt/receipt-code.ts';
import { printReceipt } from '#core/receipt-number.ts';
import type { Documents, Timers } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, EntryHash } from '#schemas/ids.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import { createQuestions } from './questions.ts';
import type { Verifier } from './verify.ts';

export type AskReceipt = Extract<DirectMessage, { t: 'want-receipt' }>;
export type ReceiptAnswer = Extract<DirectMessage, { t: 'receipt' }>;

export interface ReceiptsElsewhereDeps {
	readonly documents: Pick<Documents, 'sendTo' | 'onDirect' | 'onLinked'>;
	readonly ledger: Pick<Ledger, 'state' | 'branch'>;
	readonly verifier: Pick<Verifier, 'entry' | 'chainOf' | 'certificateOf'>;
	readonly takeChain: (chain: Uint8Array) => Promise<Certificate | undefined>;
	/** Something lies below the checkpoint, and is in no fold. */
	readonly hasBelow: () => boolean;
	/** Brings it back from there. */
	readonly recallReceipt: (receipt: ReceiptCode['receipt']) => Promise<void>;
	/** A relay's: the store's other branches, which it holds apart. */
	readonly elsewhere: ((branch: BranchId) => Pick<ReceiptsElsewhere, 'answerOwn'> | undefined) | undefined;
	readonly timers: Pick<Timers, 'after'>;
}

export interface FoundElsewhere {
	readonly entry: EntryHash;
	readonly sale: SaleElsewhere;
}

export interface ReceiptsElsewhere {
	find(code: Pick<ReceiptCode, 'receipt' | 'entryPrefix'>): Promise<FoundElsewhere | NotElsewhere>;
	/** Of this branch, for another. */
	answerOwn(ask: AskReceipt): Promise<ReceiptAnswer>;
	close(): void;
}

/** Whoever passes a question on waits this long, and whoever asked it longer. */
const ANSWER_WITHIN_MS = [5_000, 8_000] as const;
const LOOK_BELOW_EVERY_MS = 10_000;

export function createReceiptsElsewhere(deps: ReceiptsElsewhereDeps): ReceiptsElsewhere {
	const { documents, ledger, verifier, timers } = deps;
	const questions = createQuestions<ReceiptAnswer>(timers);
	const answering = new Set<string>();
	let hasLookedBelow = false;

	async function answerOwn({ id, receipt, entry }: AskReceipt): Promise<ReceiptAnswer> {
		let found = saleOf(receipt, entry);
		if (found === undefined && deps.hasBelow()) {
			if (hasLookedBelow) return { t: 'receipt', id, known: 'unasked' };
			hasLookedBelow = true;
			timers.after(LOOK_BELOW_EVERY_MS, () => {
				hasLookedBelow = false;
			});
			await deps.recallReceipt(receipt);
			found = saleOf(receipt, entry);
		}
		const chain = found && verifier.chainOf(found.entry.header.device);
		if (found === undefined || chain === undefined) return { t: 'receipt', id, known: 'no' };
		const refunded = found.fact.lines.map((_line, place) => ({
			milli: found.refundedMilli[place] ?? 0,
			minor: found.refundedMinor[place] ?? 0,
			taxMinor: found.refundedTaxMinor[place] ?? 0,
		}));
		return { t: 'receipt', id, known: 'yes', sale: { chain: hexOf(chain), sealed: hexOf(found.entry.sealed), refunded } };
	}

	/** One that counts: what is quarantined or was taken back is given back by nobody. */
	function saleOf(receipt: AskReceipt['receipt'], entryPrefix: string): SaleState | undefined {
		for (const sale of ledger.state.sales.values()) {
			if (!isOfEntry({ entryPrefix }, sale.entry.hash) || printReceipt(sale.fact.receipt) !== printReceipt(receipt)) continue;
			if (sale.counts && sale.correctedBy === undefined) return sale;
		}
		return undefined;
	}

	/** For a peer: from the branches that are here beside this one, else from whoever is linked, one step on. */
	async function answer(asked: AskReceipt, from: string): Promise<ReceiptAnswer> {
		const { id, steps } = asked;
		if (deps.elsewhere !== undefined) {
			let areAllAsked = true;
			for (const branch of otherBranches()) {
				const found = await deps.elsewhere(branch)?.answerOwn(asked);
				if (found?.known === 'yes') return { ...found, id };
				areAllAsked &&= found?.known === 'no';
			}
			return { t: 'receipt', id, known: areAllAsked ? 'no' : 'unasked' };
		}
		if (steps === 0) return { t: 'receipt', id, known: 'unasked' };
		const { best } = await askLinked({ ...asked, steps: 0 }, from);
		return { ...best, id };
	}

	function otherBranches(): ReadonlySet<BranchId> {
		const branches = new Set([...ledger.state.devices.values()].map(({ branch }) => branch));
		branches.delete(ledger.branch);
		return branches;
	}

	async function askLinked(ask: AskReceipt, but?: string): Promise<{ readonly best: ReceiptAnswer; readonly sale?: FoundElsewhere }> {
		let best: ReceiptAnswer = { t: 'receipt', id: ask.id, known: 'unasked' };
		const answers = [...questions.linked].filter((peer) => peer !== but).map((peer) => askOne(peer, ask));
		for (const coming of answers) {
			const answered = await coming;
			const sale = answered && (await open(answered, ask));
			if (answered !== undefined && sale !== undefined) return { best: answered, sale };
			if (answered?.known === 'no') best = answered;
		}
		return { best };
	}

	function askOne(peer: string, ask: AskReceipt): Promise<ReceiptAnswer | undefined> {
		return questions.ask(peer, ANSWER_WITHIN_MS[ask.steps], (id) => {
			documents.sendTo(peer, { ...ask, id });
		});
	}

	/** Undefined where it is not the sale that was asked for, of another branch and signed there. */
	async function open({ sale }: ReceiptAnswer, { receipt, entry: entryPrefix }: AskReceipt): Promise<FoundElsewhere | undefined> {
		if (sale === undefined || (await deps.takeChain(bytesOfHex(sale.chain))) === undefined) return undefined;
		const entry = await verifier.entry(bytesOfHex(sale.sealed));
		if (!('header' in entry) || !isOfEntry({ entryPrefix }, entry.hash)) return undefined;
		const fact = saleIn(entry);
		const home = verifier.certificateOf(entry.header.device)?.branch;
		if (fact === undefined || home === undefined || home === ledger.branch || printReceipt(fact.receipt) !== printReceipt(receipt)) return undefined;
		const { device, seq } = entry.header;
		return { entry: entry.hash, sale: { home, at: { device, seq }, fact, refunded: sale.refunded } };
	}

	documents.onDirect((message, from) => {
		if (message.t === 'want-receipt') {
			if (answering.has(from)) return;
			answering.add(from);
			answer(message, from)
				.then((answered) => {
					documents.sendTo(from, answered);
				})
				.catch(() => undefined) // A disk that fails answers nothing; the asker hears that nobody could be asked.
				.finally(() => answering.delete(from));
		} else if (message.t === 'receipt') questions.hear(from, message.id, message);
	});
	documents.onLinked(questions.link);

	return {
		async find({ receipt, entryPrefix }) {
			if (otherBranches().size === 0) return 'one-branch';
			const { best, sale } = await askLinked({ t: 'want-receipt', id: 0, receipt, entry: entryPrefix, steps: 1 });
			return sale ?? (best.known === 'no' ? 'no-such-receipt' : 'unasked');
		},
		answerOwn,
		close: questions.close,
	};
}

function saleIn({ facts }: Entry): SaleFact | undefined {
	for (const fact of facts)
		if (!('unknown' in fact) && !('invalid' in fact) && (fact.type === 'sale.completed' || fact.type === 'exchange.completed')) return fact;
	return undefined;
}
