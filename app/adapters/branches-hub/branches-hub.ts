/**
 * A further branch of the shop, asked for at the hub that served this page (`schemas/wire/branch-opening.ts`).
 *
 * 1. Whatever goes wrong is the hub's refusal, or that it does not answer.
 * 2. A branch's file goes to the new hub in parts, the answer and its certificates first.
 */
import type { Signer } from '#ports';
import { hubRefusalWords, type HubRefusalName } from '#core/hub-refusals.ts';
import { decode, hexOf } from '#schemas/cbor.ts';
import { hubRefusal, type HubRefusal } from '#schemas/wire/hub-refusal.ts';
import {
	branchAskShown,
	branchFile,
	branchOpened,
	openBranchText,
	type BranchAnswerPart,
	type BranchAskShown,
} from '#schemas/wire/branch-opening.ts';
import * as v from 'valibot';

export interface Problem {
	readonly problem: HubRefusal;
}

export interface BranchesHub {
	/** At a hub without a shop, on its own machine; undefined elsewhere. */
	shown(): Promise<BranchAskShown | undefined>;
	/** The file that a hub of the shop made. */
	take(file: Uint8Array): Promise<'taken' | Problem>;
	/** With a code the new hub is told over the relay; with the text of its ask a file is made for it. */
	open(
		asked: { readonly name: string; readonly ask: string },
		signer: Signer,
	): Promise<'opened' | { readonly file: Uint8Array<ArrayBuffer> } | Problem>;
}

const ANSWER_MS = 15_000;
/** Letters of hex, with what stands around them below the 256 KiB of a body. */
const PART_LETTERS = 120_000;

export function createBranchesHub(fetch: (path: string, init?: RequestInit) => Promise<Response>): BranchesHub {
	async function post(path: string, body: object): Promise<Response | Problem> {
		try {
			const answer = await fetch(path, {
				...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(ANSWER_MS) },
			});
			if (answer.ok) return answer;
			const said: unknown = await answer.json();
			return { problem: v.is(hubRefusal, said) ? said : refusalOf('hub-silent') };
		} catch {
			return { problem: refusalOf('hub-silent') };
		}
	}

	return {
		async shown() {
			try {
				const answer = await fetch('/branches/ask', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) });
				return answer.ok ? v.parse(branchAskShown, await answer.json()) : undefined;
			} catch {
				return undefined;
			}
		},
		async take(bytes) {
			const file = v.safeParse(branchFile, decode(bytes));
			if (!file.success) return { problem: refusalOf('no-branch-file') };
			const { answer, chains, sealed } = file.output;
			const parts: readonly BranchAnswerPart[] = [
				{ answer, chains: [], sealed: [] },
				...partsOf(chains).map((part) => ({ chains: [...part], sealed: [] })),
				...partsOf(sealed).map((part) => ({ chains: [], sealed: [...part] })),
			];
			for (const part of parts) {
				const done = await post('/branches/take', part);
				if ('problem' in done) return done;
			}
			return 'taken';
		},
		async open({ name, ask }, signer) {
			try {
				const drawn = await fetch('/enrol/nonce', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) });
				const { nonce } = v.parse(nonceAnswer, await drawn.json());
				const proof = hexOf(await signer.sign(new TextEncoder().encode(openBranchText({ name, ask, nonce }))));
				const done = await post('/branches/open', { name, ask, device: signer.device, nonce, proof });
				if ('problem' in done) return done;
				if (!/json/.test(done.headers.get('content-type') ?? '')) return { file: new Uint8Array(await done.arrayBuffer()) };
				v.parse(branchOpened, await done.json());
				return 'opened';
			} catch {
				return { problem: refusalOf('hub-silent') };
			}
		},
	};
}

const nonceAnswer = v.object({ nonce: v.string() });

function partsOf(pieces: readonly string[]): readonly (readonly string[])[] {
	const parts: string[][] = [];
	let letters = PART_LETTERS;
	for (const one of pieces) {
		if (letters + one.length > PART_LETTERS) {
			parts.push([]);
			letters = 0;
		}
		parts.at(-1)?.push(one);
		letters += one.length;
	}
	return parts;
}

function refusalOf(why: HubRefusalName): HubRefusal {
	return { why, error: hubRefusalWords(why) };
}
