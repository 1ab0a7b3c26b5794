/** What a person brings to get a shop back: the code from paper, or the file with its passphrase. Whatever is wrong is a refusal that says what to do. */
import { openRecovery } from '#adapters/recovery-file/recovery-file.ts';
import { pkcs8OfSeed, signerOfPkcs8 } from '#adapters/keys-file/ed25519.ts';
import { hubRefusalWords, type HubRefusalName, type RefusalFigures } from '#core/hub-refusals.ts';
import { readRecoveryCode } from '#core/recovery/recovery-code.ts';
import type { Cipher, Digest, Signer } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { BranchId, StoreId } from '#schemas/ids.ts';
import { branchesAnswer, BRANCHES_PATH, branchesText, type KnownBranches } from '#schemas/wire/recovery.ts';
import { challenge, CHALLENGE_PATH } from '#schemas/wire/relay-admission.ts';
import * as v from 'valibot';

/** For whoever brought it; its message is for a terminal. */
export class NotRecovered extends Error {
	readonly why: HubRefusalName;
	readonly figures: RefusalFigures | undefined;
	readonly branches: KnownBranches;
	constructor(why: HubRefusalName, figures?: RefusalFigures, branches: KnownBranches = []) {
		super(hubRefusalWords(why, figures));
		this.why = why;
		this.figures = figures;
		this.branches = branches;
	}
}

export interface Brought {
	readonly root: Signer;
	readonly store: StoreId;
	/** A code says neither. */
	readonly branch: BranchId | undefined;
	readonly relay: string | undefined;
}

export async function readSecret(
	{ code, file, passphrase }: { readonly code?: string | undefined; readonly file?: string | undefined; readonly passphrase?: string | undefined },
	{ cipher, digest }: { readonly cipher: Cipher; readonly digest: Digest },
): Promise<Brought> {
	if (file !== undefined) {
		const opened = await openRecovery(file, passphrase ?? '', { cipher });
		if ('refused' in opened) throw new NotRecovered(opened.refused);
		return { ...(await storeOf(bytesOfHex(opened.root), digest)), branch: opened.branch, relay: opened.relay };
	}
	const read = readRecoveryCode(code ?? '');
	if ('secret' in read) return { ...(await storeOf(read.secret, digest)), branch: undefined, relay: undefined };
	switch (read.refused) {
		case 'length':
			throw new NotRecovered('code-length', { of: read.of, letters: read.letters });
		case 'group':
			throw new NotRecovered('code-group', { group: read.group });
		case 'not-whole':
			throw new NotRecovered('code-not-whole');
	}
}

/** Whose key it is, is proven to the relay; the names of a store's branches are told to nobody else. */
export async function branchesAtRelay({ root }: Pick<Brought, 'root'>, relay: string): Promise<KnownBranches> {
	const base = relay.replace(/^ws/, 'http');
	try {
		const drawn = await fetch(new URL(CHALLENGE_PATH, base), { signal: AbortSignal.timeout(RELAY_ANSWER_MS) });
		const { nonce } = v.parse(challenge, await drawn.json());
		const proof = hexOf(await root.sign(new TextEncoder().encode(branchesText(nonce))));
		const answer = await fetch(new URL(BRANCHES_PATH, base), {
			...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ root: root.device, nonce, proof }) },
			signal: AbortSignal.timeout(RELAY_ANSWER_MS),
		});
		return v.parse(branchesAnswer, await answer.json()).branches;
	} catch {
		throw new NotRecovered('relay-silent', { relay });
	}
}

const RELAY_ANSWER_MS = 10_000;

async function storeOf(seed: Uint8Array, digest: Digest): Promise<Pick<Brought, 'root' | 'store'>> {
	const root = signerOfPkcs8(pkcs8OfSeed(seed));
	return { root, store: hexOf((await digest.sha256(bytesOfHex(root.device))).slice(0, 16)) as StoreId };
}
