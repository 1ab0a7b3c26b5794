/**
 * What a hub or the relay signs beside entries (watermarks, offers of checkpoints, heads of stock rows): CBOR [body, signature], Ed25519 over the body's bytes.
 *
 * 1. A relay that has renewed its key names it in what it says, for whoever hears it first may not know of that yet. Anybody can name a key: whether it is the
 *    issuer's is asked by the caller, like whether the issuer may speak (`isKeyOf`).
 */
import { joinSealed } from '#core/entry/codec.ts';
import { keyOfRelay, type LedgerState } from '#core/ledger/state.ts';
import type { Digest, Signer } from '#ports';
import { bytesOfHex, decode, encode } from '#schemas/cbor.ts';
import type { DeviceId, signingKey, SigningKey } from '#schemas/ids.ts';
import * as v from 'valibot';

const signedParts = v.strictTuple([v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/)), v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/))]);

export async function signBody(said: unknown, signer: Signer): Promise<Uint8Array> {
	const body = encode(said);
	return joinSealed(body, await signer.sign(body));
}

export interface Issued {
	readonly issuer: DeviceId;
	/** What a relay that has renewed its own signs with. */
	readonly key?: v.InferOutput<typeof signingKey> | undefined;
}

/** Of a `Signer` with a `key`, which is a relay's here, that key is named. */
export function issuedBy({ device, key }: Signer): Pick<Issued, 'issuer'> & { readonly key?: NonNullable<Issued['key']> } {
	return { issuer: device, ...(key === undefined ? {} : { key: key as NonNullable<Issued['key']> }) };
}

/** What was said by the key that it names, or by its issuer's first; undefined for anything else. Whether that issuer may speak, and by that key, is asked by the caller. */
export async function openSignedBody<Said extends Issued>(
	signed: Uint8Array,
	schema: v.GenericSchema<unknown, Said>,
	digest: Digest,
): Promise<Said | undefined> {
	const parts = v.safeParse(signedParts, decode(signed));
	if (!parts.success) return undefined;
	const body = bytesOfHex(parts.output[0]);
	const parsed = v.safeParse(schema, decode(body));
	if (!parsed.success) return undefined;
	return (await digest.verify(keyNamed(parsed.output), body, bytesOfHex(parts.output[1]))) ? parsed.output : undefined;
}

export function keyNamed({ issuer, key }: Issued): SigningKey {
	return key ?? issuer;
}

/** Of a relay the key in force and no other. Devices name none: what they say is checked against their newest (`Verifier.live`). */
export function isKeyOf(said: Issued, { relays }: Pick<LedgerState, 'relays'>): boolean {
	const relay = relays.get(said.issuer);
	return relay === undefined ? said.key === undefined : keyNamed(said) === keyOfRelay(relay);
}
