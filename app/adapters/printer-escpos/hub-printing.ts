/** A printer of the shop's network, by way of the hub that served this page: the till proves that it belongs to the shop, for this one print. */
import type { Digest, Signer } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import { MOST_PRINT_BYTES, printAnswer, printProofText, type PrintFailure } from '#schemas/wire/print.ts';
import * as v from 'valibot';

export interface HubPrintingDeps {
	readonly signer: Signer;
	readonly digest: Digest;
	readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
}

/** For each of the two questions: the hub itself waits 10 s for a printer, and begins none that has waited for 4. */
const ANSWER_MS = 15_000;

export async function printByHub(printer: string, bytes: Uint8Array, { signer, digest, fetch }: HubPrintingDeps): Promise<'printed' | PrintFailure> {
	if (bytes.length > MOST_PRINT_BYTES) return 'too-long';
	try {
		const asked = await fetch('/enrol/nonce', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) });
		const { nonce } = v.parse(v.object({ nonce: v.string() }), await asked.json());
		const text = printProofText({ printer, nonce }, hexOf(await digest.sha256(bytes)));
		const proof = hexOf(await signer.sign(new TextEncoder().encode(text)));
		const response = await fetch('/print', {
			...{ method: 'POST', headers: { 'content-type': 'application/json' }, signal: AbortSignal.timeout(ANSWER_MS) },
			body: JSON.stringify({ device: signer.device, printer, bytes: base64(bytes), nonce, proof }),
		});
		const answer = v.safeParse(printAnswer, await response.json());
		// An older hub knows no printers, or takes less.
		if (!answer.success)
			return response.status === 404 || response.status === 405 ? 'not-supported' : response.status === 413 ? 'too-long' : 'hub-away';
		return 'failed' in answer.output ? answer.output.failed : 'printed';
	} catch {
		return 'hub-away';
	}
}

function base64(bytes: Uint8Array): string {
	return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
