/**
 * A relay's successions: bytes, and which of them are in force. Signatures are checked in `engine/verify.ts`.
 *
 * 1. Those that are known, in ledger order of the entries that show them, give the same line of keys on every peer.
 * 2. Each hangs on the key before it, and no key comes twice. Where a key was given up for two others, the one rules that an entry showed first, for as long as
 *    nobody says otherwise; that it happened is a conflict for a person (`core/conflict/renewed-twice.ts`).
 */
import * as v from 'valibot';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import type { DeviceId, SigningKey } from '#schemas/ids.ts';
import { succession as successionSchema, successionHex, type Succession } from '#schemas/succession.ts';

export interface SignedSuccession {
	readonly succession: Succession;
	/** The bytes that both keys signed. */
	readonly body: Uint8Array<ArrayBuffer>;
	readonly byKeyBefore: Uint8Array<ArrayBuffer>;
	readonly byNewKey: Uint8Array<ArrayBuffer>;
}

export function encodeSuccessionBody(of: Succession): Uint8Array<ArrayBuffer> {
	return new Uint8Array(encode(of));
}

/** As facts and `GET /hub.json` have it. */
export function encodeSuccession({ body, byKeyBefore, byNewKey }: Omit<SignedSuccession, 'succession'>): string {
	return hexOf(encode([hexOf(body), hexOf(byKeyBefore), hexOf(byNewKey)]));
}

/** Undefined for what is none. Nothing is proven yet. */
export function decodeSuccession(hex: string): SignedSuccession | undefined {
	const parts = v.is(successionHex, hex) ? v.safeParse(successionParts, decode(bytesOfHex(hex))) : undefined;
	if (parts?.success !== true) return undefined;
	const [bodyHex, byKeyBefore, byNewKey] = parts.output;
	const body = bytesOfHex(bodyHex);
	const parsed = v.safeParse(successionSchema, decode(body));
	return parsed.success ? { succession: parsed.output, body, byKeyBefore: bytesOfHex(byKeyBefore), byNewKey: bytesOfHex(byNewKey) } : undefined;
}

export interface RelayLine<Shown extends { readonly succession: Succession }> {
	/** Of generation 1, 2, … */
	readonly inForce: readonly Shown[];
	/** Shown, for a key on this line that was given up for another first. */
	readonly rivals: readonly Shown[];
}

/** `shown`: proven, in ledger order. */
export function relayLineOf<Shown extends { readonly succession: Succession }>(relay: DeviceId, shown: readonly Shown[]): RelayLine<Shown> {
	const inForce: Shown[] = [];
	const keys = new Set<SigningKey>([relay]);
	let before: SigningKey = relay;
	for (;;) {
		const next = shown.find(
			({ succession: { relay: of, generation, before: given, key } }) =>
				of === relay && generation === inForce.length + 1 && given === before && !keys.has(key),
		);
		if (next === undefined) break;
		inForce.push(next);
		before = next.succession.key;
		keys.add(before);
	}
	const rivals = shown.filter(({ succession: { relay: of, generation, before: given, key } }) => {
		const ruling = inForce.find(({ succession }) => succession.generation === generation)?.succession;
		const isOnLine = given === (inForce[generation - 2]?.succession.key ?? (generation === 1 ? relay : undefined));
		return of === relay && ruling !== undefined && isOnLine && ruling.key !== key;
	});
	return { inForce, rivals };
}

const signature = v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/));
const successionParts = v.strictTuple([v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/)), signature, signature]);
