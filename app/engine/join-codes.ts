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
import type { DeviceId } from '#schemas/ids.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import { codeAnswer, codeAsk, shownCode, type CodeAnswer, type CodeAsk, type JoinsFor, type ShownCode } from '#schemas/wire/join-code.ts';
import * as v from 'valibot';
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

/** What a hub sent, or why it sent nothing. */
type Heard = { readonly signed: string } | NoCode;

export function createJoinCodes({ documents, ledger, verifier, cipher, signer, timers, codes }: JoinCodesDeps): JoinCodes {
	const linked = new Set<string>();
	const waiting = new Map<number, { readonly peer: string; readonly hear: (answer: Heard) => void }>();
	let box: Promise<Box> | undefined;
	let lastId = 0;
	let closed = false;

	function isActiveHere(device: DeviceId, role: 'hub' | 'till'): boolean {
		const known = ledger.state.devices.get(device);
		return known?.role === role && known.standing === 'active' && known.branch === ledger.branch;
	}

	// ——— a hub's

	async function answerTo(bytes: Uint8Array): Promise<Uint8Array | undefined> {
		const asked = await openSignedBody(bytes, codeAsk, verifier.live);
		if (asked?.store !== ledger.store || !mayShow(asked.issuer)) return undefined;
		const shown = codes?.(asked.till);
		if (shown === undefined) return undefined;
		const said: CodeAnswer = {
			...{ v: 1, what: 'code', store: ledger.store, issuer: signer.device, to: asked.box },
			sealed: hexOf(await cipher.sealFor(bytesOfHex(asked.box), encode(shown))),
		};
		return signBody(said, signer);
	}

	function mayShow(device: DeviceId): boolean {
		return isActiveHere(device, 'till') && ledger.state.devices.get(device)?.rights.includes('enrol') === true;
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
		lastId += 1;
		const id = lastId;
		const { promise, resolve } = Promise.withResolvers<Heard>();
		const stop = timers.after(ANSWER_WITHIN_MS, () => {
			resolve('nobody');
		});
		waiting.set(id, { peer, hear: resolve });
		documents.sendTo(peer, { t: 'want-code', id, signed });
		const heard = await promise;
		stop();
		waiting.delete(id);
		return typeof heard === 'string' ? heard : open(heard.signed, own);
	}

	async function open(signed: string, own: Box): Promise<ShownCode | NoCode> {
		const said = await openSignedBody(bytesOfHex(signed), codeAnswer, verifier.live);
		if (said?.store !== ledger.store || said.to !== hexOf(own.public) || !isActiveHere(said.issuer, 'hub')) return 'nobody';
		const plain = await own.open(bytesOfHex(said.sealed));
		const parsed = v.safeParse(shownCode, plain && decode(plain));
		return parsed.success ? parsed.output : 'nobody';
	}

	documents.onDirect((message, from) => {
		if (closed) return;
		if (message.t === 'want-code' && codes !== undefined) void answer(message, from);
		else if (message.t === 'code') {
			const question = waiting.get(message.id);
			if (question?.peer === from) question.hear(message.signed === undefined ? 'not-allowed' : { signed: message.signed });
		}
	});
	documents.onLinked((peer, isLinked) => {
		if (isLinked) linked.add(peer);
		else {
			linked.delete(peer);
			for (const question of waiting.values()) if (question.peer === peer) question.hear('nobody');
		}
	});

	return {
		async ask(till) {
			const hubs = verifier.devices().filter(({ device, peer }) => linked.has(peer) && isActiveHere(device, 'hub'));
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
			for (const { hear } of waiting.values()) hear('nobody');
		},
	};
}
