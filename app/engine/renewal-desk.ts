/**
 * Tills that wait for new keys, at a manager's till: it asks the hubs of its branch, and says yes or no to one.
 *
 * Invariants:
 * 1. A hub tells and hears a till of its branch that may enrol, by the roster of now, proven by its signature; no till says yes to itself.
 * 2. A till believes hubs of its branch alone, and only the answer to what it has just asked.
 * 3. One that asks several hubs is told once, and what is said is said to each of them.
 * 4. A yes is for one device, one key and one ask: what the hub does with it is in `renewals.ts`.
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Documents, Random, Signer, Timers } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import {
	waitingAnswer,
	waitingAsk,
	type RenewalVerdict,
	type WaitingAnswer,
	type WaitingAsk,
	type WaitingRenewal,
} from '#schemas/wire/renewal-approval.ts';
import { isActiveHere, isEnrollingTill } from './own-branch.ts';
import { createQuestions } from './questions.ts';
import type { Renewals } from './renewals.ts';
import { openSignedBody, signBody } from './signed-body.ts';
import type { Verifier } from './verify.ts';

/** `not-allowed`: this till may not say. `nobody`: no hub answered. */
export type NotTold = 'not-allowed' | 'nobody';

export interface RenewalDeskDeps {
	readonly documents: Pick<Documents, 'sendTo' | 'onDirect' | 'onLinked'>;
	readonly ledger: Pick<Ledger, 'state' | 'store' | 'branch'>;
	readonly verifier: Pick<Verifier, 'devices' | 'live'>;
	readonly random: Random;
	readonly signer: Signer;
	readonly timers: Pick<Timers, 'after'>;
	/** A hub's. */
	readonly asks?: Pick<Renewals, 'waiting' | 'decide'> | undefined;
}

export interface RenewalDesk {
	/** Those that wait, of all hubs that are linked; after what was said to one of them. */
	ask(verdict?: RenewalVerdict): Promise<readonly WaitingRenewal[] | NotTold>;
	close(): void;
}

const ANSWER_WITHIN_MS = 2_500;

export function createRenewalDesk({ documents, ledger, verifier, random, signer, timers, asks }: RenewalDeskDeps): RenewalDesk {
	const questions = createQuestions<string | NotTold>(timers);
	/** Since when a key waits there, by that hub's clock. */
	const since = new Map<string, number>();
	let closed = false;

	// ——— a hub's

	async function answerTo(bytes: Uint8Array, here: Pick<Renewals, 'waiting' | 'decide'>): Promise<Uint8Array | undefined> {
		const asked = await openSignedBody(bytes, waitingAsk, verifier.live);
		if (asked?.store !== ledger.store || !isEnrollingTill(ledger, asked.issuer)) return undefined;
		const { nonce, verdict } = asked;
		if (verdict !== undefined && verdict.device !== asked.issuer) here.decide(verdict);
		const said: WaitingAnswer = {
			...{ v: 1, what: 'waiting', store: ledger.store, issuer: signer.device, nonce },
			waiting: here.waiting().filter(({ device }) => device !== asked.issuer),
		};
		return signBody(said, signer);
	}

	async function answer(
		{ id, signed }: Extract<DirectMessage, { t: 'want-waiting' }>,
		from: string,
		here: Pick<Renewals, 'waiting' | 'decide'>,
	): Promise<void> {
		const done = await answerTo(bytesOfHex(signed), here);
		if (!closed) documents.sendTo(from, { t: 'waiting', id, ...(done === undefined ? {} : { signed: hexOf(done) }) });
	}

	// ——— a till's

	async function askOne(peer: string, verdict: RenewalVerdict | undefined): Promise<readonly WaitingRenewal[] | NotTold> {
		const nonce = hexOf(random.bytes(16));
		const body: WaitingAsk = {
			...{ v: 1, what: 'want-waiting', store: ledger.store, issuer: signer.device, nonce },
			...(verdict === undefined ? {} : { verdict: { ...verdict, atMs: since.get(`${peer} ${verdict.key}`) ?? verdict.atMs } }),
		};
		const signed = hexOf(await signBody(body, signer));
		const heard = await questions.ask(peer, ANSWER_WITHIN_MS, (id) => {
			documents.sendTo(peer, { t: 'want-waiting', id, signed });
		});
		if (heard === undefined) return 'nobody';
		if (heard === 'not-allowed') return heard;
		const said = await openSignedBody(bytesOfHex(heard), waitingAnswer, verifier.live);
		if (said?.store !== ledger.store || said.nonce !== nonce || !isActiveHere(ledger, said.issuer, 'hub')) return 'nobody';
		for (const { key, atMs } of said.waiting) since.set(`${peer} ${key}`, atMs);
		return said.waiting;
	}

	documents.onDirect((message, from) => {
		if (closed) return;
		if (message.t === 'want-waiting' && asks !== undefined) void answer(message, from, asks);
		else if (message.t === 'waiting') questions.hear(from, message.id, message.signed ?? 'not-allowed');
	});
	documents.onLinked(questions.link);

	return {
		async ask(verdict) {
			const hubs = verifier.devices().filter(({ device, peer }) => questions.linked.has(peer) && isActiveHere(ledger, device, 'hub'));
			const told = await Promise.all(hubs.map(async ({ peer }) => askOne(peer, verdict)));
			const lists = told.filter((one) => typeof one !== 'string');
			if (lists.length > 0) return [...new Map(lists.flat().map((one) => [one.key, one])).values()];
			return told.includes('not-allowed') ? 'not-allowed' : 'nobody';
		},
		close() {
			closed = true;
			questions.close();
		},
	};
}
