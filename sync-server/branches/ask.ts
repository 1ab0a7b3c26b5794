/**
 * A new hub that has no shop asks to become a branch of one.
 *
 * 1. Only an answer to this very ask is taken, and only a certificate of a hub for the key that asked.
 * 2. Whatever is wrong with an answer is a refusal that says what to do.
 */
import { readBranchCode, writeBranchAsk, writeBranchCode } from '#core/branch-code.ts';
import { NOT_LET_IN } from '#core/enrolment-refusals.ts';
import { hubRefusalWords, type HubRefusalName, type RefusalFigures } from '#core/hub-refusals.ts';
import { createVerifier } from '#engine/verify.ts';
import type { Cipher, Digest } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import { branchAskText, openingHeard, OPENINGS_PATH, type BranchAnswer, type BranchAsk } from '#schemas/wire/branch-opening.ts';
import { keyRow, type KeyRow } from '#schemas/wire/keys.ts';
import * as v from 'valibot';
import type { ShopFile } from '../enrolment/shop.ts';
import type { Identity } from '../identity.ts';

/** For whoever brought the answer; its message is for a terminal. */
export class NoBranch extends Error {
	readonly why: HubRefusalName | 'has-shop';
	readonly figures: RefusalFigures | undefined;
	constructor(why: HubRefusalName | 'has-shop', figures?: RefusalFigures) {
		super(why === 'has-shop' ? NOT_LET_IN[why] : hubRefusalWords(why, figures));
		this.why = why;
		this.figures = figures;
	}
}

/** What `shop.json` keeps of how a hub became a branch. */
export interface OpenedPlan {
	readonly kind: 'opened';
	/** The store's, as its key table has them: whoever was interrupted takes them at the next start. */
	readonly secrets: readonly KeyRow[];
	/** As the answer had it; a flag goes before it. */
	readonly relay?: string | undefined;
}

export interface BranchAsking {
	readonly ask: BranchAsk;
	/** To be shown and typed. */
	readonly code: string;
	/** To be carried. */
	readonly text: string;
	/** Throws `NoBranch`. */
	open(answer: BranchAnswer): Promise<{ readonly file: ShopFile & { readonly made: OpenedPlan }; readonly keys: readonly KeyRow[] }>;
	/** The relay's answer, where there is one by now. */
	heardAt(relay: string): Promise<BranchAnswer | undefined>;
}

const RELAY_ANSWER_MS = 10_000;

export async function createBranchAsking({
	identity: { signer, peer },
	cipher,
	digest,
}: {
	readonly identity: Pick<Identity, 'signer' | 'peer'>;
	readonly cipher: Cipher;
	readonly digest: Digest;
}): Promise<BranchAsking> {
	const own = await cipher.makeBox();
	const box = hexOf(own.public);
	const proof = hexOf(await signer.sign(new TextEncoder().encode(branchAskText({ peer, box }))));
	const ask: BranchAsk = { v: 1, device: signer.device, peer, box, proof };
	const code = writeBranchCode(await digest.sha256(encode(ask)));

	return {
		...{ ask, code, text: writeBranchAsk(ask) },
		async open(answer) {
			const { store, root, branch, chain, sealed, relay } = answer;
			if (readBranchCode(answer.code) !== code) throw new NoBranch('other-code', { code });
			const certificate = await createVerifier({ digest, store }).chain(bytesOfHex(chain));
			const isOurs =
				certificate?.device === signer.device && certificate.peer === peer && certificate.branch === branch && certificate.role === 'hub';
			const isRoot = hexOf(await digest.sha256(bytesOfHex(root))).startsWith(store);
			if (!isOurs || !isRoot) throw new NoBranch('other-certificate');
			const plain = await own.open(bytesOfHex(sealed));
			const rows = v.safeParse(v.array(keyRow), plain === undefined ? undefined : decode(plain));
			if (!rows.success) throw new NoBranch('answer-cut-short');
			const secrets = rows.output.filter(([kind]) => kind === 'secret');
			const made: OpenedPlan = { kind: 'opened', secrets, ...(relay === undefined ? {} : { relay }) };
			return { file: { store, branch, root, chain, made }, keys: rows.output };
		},
		async heardAt(relay) {
			const answer = await fetch(new URL(OPENINGS_PATH, relay.replace(/^ws/, 'http')), {
				...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ask }) },
				signal: AbortSignal.timeout(RELAY_ANSWER_MS),
			});
			return answer.ok ? v.parse(openingHeard, await answer.json()).answer : undefined;
		},
	};
}
