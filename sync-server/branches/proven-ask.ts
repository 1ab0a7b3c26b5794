/** Whether who asks to become a branch holds the key that it names, and under which code it asks. */
import { writeBranchCode } from '#core/branch-code.ts';
import type { Digest } from '#ports';
import { bytesOfHex, encode } from '#schemas/cbor.ts';
import { branchAskText, type BranchAsk } from '#schemas/wire/branch-opening.ts';

export async function codeOfAsk(ask: BranchAsk, digest: Digest): Promise<string> {
	return writeBranchCode(await digest.sha256(encode(ask)));
}

export function isAskProven(ask: BranchAsk, digest: Digest): Promise<boolean> {
	return digest.verify(ask.device, new TextEncoder().encode(branchAskText(ask)), bytesOfHex(ask.proof));
}
