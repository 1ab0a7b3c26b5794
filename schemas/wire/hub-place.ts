/** Where a hub is reached by webrtc-direct: what a setup code says, and what hubs tell of themselves on a link. */
import * as v from 'valibot';

/** The address is one of numbers: a browser dials UDP by those alone. */
export const hubDoor = v.strictObject({
	host: v.pipe(v.string(), v.check(isAddress, 'is no IP address')),
	port: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(65_535)),
});
export type HubDoor = v.InferOutput<typeof hubDoor>;

export const hubPlace = v.strictObject({
	/** libp2p's id of the hub's network key (Ed25519): who answers must prove it. */
	peer: v.pipe(v.string(), v.regex(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/, 'is no peer id')),
	/** Multibase `u` of a multihash of SHA-256: of the certificate that the hub shows on UDP. */
	certhash: v.pipe(v.string(), v.regex(/^uEi[A-Za-z0-9_-]{44}$/, 'is no hash of a certificate')),
	/** The likeliest first. */
	doors: v.pipe(v.array(hubDoor), v.minLength(1), v.maxLength(8)),
});
export type HubPlace = v.InferOutput<typeof hubPlace>;

function isAddress(text: string): boolean {
	const parts = text.split('.');
	if (parts.length === 4) return parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
	return /^[0-9a-f:]{2,39}$/i.test(text) && isIPv6(text);
}

function isIPv6(text: string): boolean {
	const halves = text.split('::');
	const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
	if (halves.length > 2 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
	return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}
