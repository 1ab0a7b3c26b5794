/** A relay's keys for tests, and successions between them: made as the real ones are, or bent. */
import { generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { encodeSuccession, encodeSuccessionBody } from '#core/entry/successions.ts';
import type { Signer } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
import type { RelayRenewed } from '#schemas/facts/relay-renewed.ts';
import type { Succession } from '#schemas/succession.ts';

export async function newSigner(): Promise<Signer> {
	return signerOf(await generateSigningKey(false));
}

/** The relay as it speaks under this key. */
export function relayUnder(relay: Signer, { device: key, sign }: Signer): Required<Signer> {
	return { device: relay.device, key, sign };
}

export interface Succeeding {
	readonly relay: DeviceId;
	readonly generation?: number;
	readonly before: Signer;
	readonly next: Signer;
	/** Sign in place of the two keys that are named. */
	readonly signs?: readonly [before: Signer, next: Signer];
}

export async function successionOf({ relay, generation = 1, before, next, signs = [before, next] }: Succeeding): Promise<string> {
	const body = encodeSuccessionBody({ v: 1, relay, generation, before: before.device, key: next.device, atMs: 1_000 } as unknown as Succession);
	const [byKeyBefore, byNewKey] = [new Uint8Array(await signs[0].sign(body)), new Uint8Array(await signs[1].sign(body))];
	return encodeSuccession({ body, byKeyBefore, byNewKey });
}

export async function relayRenewed(of: Succeeding): Promise<RelayRenewed> {
	return { type: 'relay.renewed', v: 1, relay: of.relay, succession: await successionOf(of) };
}
