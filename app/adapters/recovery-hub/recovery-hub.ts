/**
 * The hub's desk for the root key, asked by a page that it served (`schemas/wire/recovery.ts`).
 *
 * 1. Whatever goes wrong is the hub's refusal, or that it does not answer.
 * 2. A journal goes in parts that the hub takes, certificates first; then the hub is told that it was all.
 */
import { hubRefusalWords } from '#core/hub-refusals.ts';
import { hexOf } from '#schemas/cbor.ts';
import { hubRefusal, type HubRefusal } from '#schemas/wire/hub-refusal.ts';
import {
	codeAnswer,
	fileAnswer,
	recoveryState,
	severalBranches,
	type BeginRecovery,
	type KnownBranches,
	type RecoveryState,
	type SavedRequest,
} from '#schemas/wire/recovery.ts';
import * as v from 'valibot';

export interface Problem {
	readonly problem: HubRefusal;
	/** One has to be named. */
	readonly branches?: KnownBranches;
}

export interface RecoveryHub {
	/** `none` for a hub that does not answer, too: nothing can be done about it there. */
	state(): Promise<RecoveryState>;
	code(): Promise<{ readonly groups: readonly string[] } | Problem>;
	file(passphrase: string): Promise<{ readonly name: string; readonly text: string } | Problem>;
	saved(shown: SavedRequest): Promise<'saved' | Problem>;
	begin(asked: BeginRecovery): Promise<'begun' | Problem>;
	bring(journal: { readonly chains: readonly Uint8Array[]; readonly sealed: readonly Uint8Array[] }): Promise<'brought' | Problem>;
}

const ANSWER_MS = 15_000;
/** As hex, with what stands around it, below the 64 KiB of a body. A larger entry is refused there in words: the hub itself takes it with `--journal`. */
const PART_BYTES = 30_000;

export function createRecoveryHub(fetch: (path: string, init?: RequestInit) => Promise<Response>): RecoveryHub {
	async function post(path: string, body: object): Promise<{ readonly said: unknown } | Problem> {
		try {
			const answer = await fetch(path, {
				...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(ANSWER_MS) },
			});
			const said: unknown = await answer.json();
			if (answer.ok) return { said };
			const refusal = v.safeParse(hubRefusal, said);
			if (!refusal.success) return { problem: HUB_SILENT };
			const several = v.safeParse(severalBranches, said);
			return { problem: refusal.output, ...(several.success ? { branches: several.output.branches } : {}) };
		} catch {
			return { problem: HUB_SILENT };
		}
	}

	return {
		async state() {
			try {
				const answer = await fetch('/recovery', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) });
				return v.parse(recoveryState, await answer.json());
			} catch {
				return { state: 'none' };
			}
		},
		async code() {
			const answer = await post('/recovery/code', {});
			return 'problem' in answer ? answer : v.parse(codeAnswer, answer.said);
		},
		async file(passphrase) {
			const answer = await post('/recovery/file', { passphrase });
			return 'problem' in answer ? answer : v.parse(fileAnswer, answer.said);
		},
		async saved(shown) {
			const answer = await post('/recovery/saved', shown);
			return 'problem' in answer ? answer : 'saved';
		},
		async begin(asked) {
			const answer = await post('/recovery/begin', asked);
			return 'problem' in answer ? answer : 'begun';
		},
		async bring({ chains, sealed }) {
			// Certificates first: they introduce whose entries follow.
			const parts = [
				...partsOf(chains).map((part) => ({ chains: part.map(hexOf), sealed: [], last: false })),
				...partsOf(sealed).map((part) => ({ chains: [], sealed: part.map(hexOf), last: false })),
				{ chains: [], sealed: [], last: true },
			];
			for (const part of parts) {
				const answer = await post('/recovery/entries', part);
				if ('problem' in answer) return answer;
			}
			return 'brought';
		},
	};
}

const HUB_SILENT: HubRefusal = { why: 'hub-silent', error: hubRefusalWords('hub-silent') };

function partsOf(pieces: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
	const parts: Uint8Array[][] = [];
	let bytes = PART_BYTES;
	for (const one of pieces) {
		if (bytes + one.length > PART_BYTES) {
			parts.push([]);
			bytes = 0;
		}
		parts.at(-1)?.push(one);
		bytes += one.length;
	}
	return parts;
}
