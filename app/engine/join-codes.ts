/**
 * The codes that let a device in, at a manager's till: it asks the hubs of its branch, and a hub shows them as on its own machine.
 *
 * Invariants:
 * 1. A hub answers a till of its branch that may enrol, by the roster of now, proven by its signature; to any other it says that it does not.
 * 2. Only who asked can read the answer, whoever carries it and under whatever name it came: it is encrypted to a box of this run.
 * 3. A till believes hubs of its branch alone: a code of somebody else's would lead the next device there.
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Box, Cipher, Documents, Signer, Timers } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import { codeAnswer, codeAsk, shownCode, type CodeAnswer, type CodeAsk, type JoinsFor, type ShownCode } from '#schemas/wire/join-code.ts';
import * as v from 'valibot';
import { isActiveHere, isEnrollingTill } from './own-branch.ts';
import { createQuestions } from './questions.ts';
import { openSignedBody, signBody } from './signed-body.ts';
import type { Verifier } from './verify.ts';

/** `not-allowed`: this till may not let devices in. `nobody`: no hub answered. */
export type NoCode = 'not-allowed' | 'nobody';

export interface JoinCodesDeps {
	readonly documents: Pick<Documents, 'sendTo' | 'onDirect' | 'onLinked'>;
	readonly ledger: Pick<Ledger, 'state' | 'store' | 'branch'>;
	readonly verifier: Pick<Verifier, 'devices' | 'live'>;
	readonly cipher: Pick<Cipher, 'makeBox' | 'sealFor'>;
	readonly signer: Signer;
	readonly timers: Pick<Timers, 'after'>;
	/** A hub's, of now; undefined while it lets nobody in. */
	readonly codes?: ((till: JoinsFor) => ShownCode | undefined) | undefined;
}

export interface JoinCodes {
	ask(till: JoinsFor): Promise<ShownCode | NoCode>;
	close(): void;
}

const ANSWER_WITHIN_MS = 2_500;

/** What a hub sent, or that it shows none to this till. */
type Heard = { readonly signed: string } | 'not-allowed';

export function createJoinCodes({ documents, ledger, verifier, cipher, signer, timers, codes }: JoinCodesDeps): JoinCodes {
	const questions = createQuestions<Heard>(timers);
	let box: Promise<Box> | undefined;
	let closed = false;

	// ——— a hub's

	async function answerTo(bytes: Uint8Array): Promise<Uint8Array | undefined> {
		const asked = await openSignedBody(bytes, codeAsk, verifier.live);
		if (asked?.store !== ledger.store || !isEnrollingTill(ledger, asked.issuer)) return undefined;
		const shown = codes?.(asked.till);
		if (shown === undefined) return undefined;
		const said: CodeAnswer = {
			...{ v: 1, what: 'code', store: ledger.store, issuer: signer.device, to: asked.box },
			sealed: hexOf(await cipher.sealFor(bytesOfHex(asked.box), encode(shown))),
		};
		return signBody(said, signer);
	}

	async function answer({ id, signed }: Extract<DirectMessage, { t: 'want-code' }>, from: string): Promise<void> {
		const done = await answerTo(bytesOfHex(signed)).catch(() => undefined); // A box that is none.
		if (!closed) documents.sendTo(from, { t: 'code', id, ...(done === undefined ? {} : { signed: hexOf(done) }) });
	}

	// ——— a till's

	async function askOne(peer: string, till: JoinsFor): Promise<ShownCode | NoCode> {
		box ??= cipher.makeBox();
		const own = await box;
		const body: CodeAsk = { v: 1, what: 'want-code', store: ledger.store, issuer: signer.device, box: hexOf(own.public), till };
		const signed = hexOf(await signBody(body, signer));
		const heard = await questions.ask(peer, ANSWER_WITHIN_MS, (id) => {
			documents.sendTo(peer, { t: 'want-code', id, signed });
		});
		if (heard === undefined) return 'nobody';
		return typeof heard === 'string' ? heard : open(heard.signed, own);
	}

	async function open(signed: string, own: Box): Promise<ShownCode | NoCode> {
		const said = await openSignedBody(bytesOfHex(signed), codeAnswer, verifier.live);
		if (said?.store !== ledger.store || said.to !== hexOf(own.public) || !isActiveHere(ledger, said.issuer, 'hub')) return 'nobody';
		const plain = await own.open(bytesOfHex(said.sealed));
		const parsed = v.safeParse(shownCode, plain && decode(plain));
		return parsed.success ? parsed.output : 'nobody';
	}

	documents.onDirect((message, from) => {
		if (closed) return;
		if (message.t === 'want-code' && codes !== undefined) void answer(message, from);
		else if (message.t === 'code') questions.hear(from, message.id, message.signed === undefined ? 'not-allowed' : { signed: message.signed });
	});
	documents.onLinked(questions.link);

	return {
		async ask(till) {
			const hubs = verifier.devices().filter(({ device, peer }) => questions.linked.has(peer) && isActiveHere(ledger, device, 'hub'));
			let why: NoCode = 'nobody';
			for (const { peer } of hubs) {
				const shown = await askOne(peer, till);
				if (typeof shown !== 'string') return shown;
				if (shown === 'not-allowed') why = shown;
			}
			return why;
		},
		close() {
			closed = true;
			questions.close();
		},
	};
}
