/** What a hub or the relay signs beside entries (watermarks, offers of checkpoints, heads of stock rows): CBOR [body, signature], Ed25519 over the body's bytes. */
import type { Digest, Signer } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import type { DeviceId } from '#schemas/ids.ts';
import * as v from 'valibot';

const signedParts = v.strictTuple([v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/)), v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/))]);

export async function signBody(said: unknown, signer: Signer): Promise<Uint8Array> {
	const body = encode(said);
	return encode([hexOf(body), hexOf(await signer.sign(body))]);
}

/** What its issuer said and signed; undefined for anything else. Whether that issuer may speak is asked by the caller. */
export async function openSignedBody<Said extends { readonly issuer: DeviceId }>(
	signed: Uint8Array,
	schema: v.GenericSchema<unknown, Said>,
	digest: Digest,
): Promise<Said | undefined> {
	const parts = v.safeParse(signedParts, decode(signed));
	if (!parts.success) return undefined;
	const body = bytesOfHex(parts.output[0]);
	const parsed = v.safeParse(schema, decode(body));
	if (!parsed.success) return undefined;
	return (await digest.verify(parsed.output.issuer, body, bytesOfHex(parts.output[1]))) ? parsed.output : undefined;
}
