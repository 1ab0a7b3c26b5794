/**
 * The bytes of an entry, and back. What is signed and hashed is the body; what travels is [body, signature].
 *
 * Invariants:
 * 1. `decodeBody` accepts only bytes that `encodeBody` would have written: one entry, one body, one hash.
 * 2. A fact that this version does not know, or a newer version of one, is kept as it came. A known fact that breaks its shape is kept and named.
 *    Neither makes the entry damaged: it is signed, it has its place in its chain, and others may understand it.
 * 3. Bytes that are no entry at all are damaged, with the reason in words. Nothing here throws on what a peer sent.
 */
import * as v from 'valibot';
import { decode, encode, hexOf, bytesOfHex } from '#schemas/cbor.ts';
import { header as headerSchema, MAX_SEALED_BYTES, type DecodedFact, type Header } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, Scope } from '#schemas/ids.ts';
import { DEFINITION_OF } from './fact-version.ts';

/** The bytes that are signed. Throws on `undefined` inside: leave absent fields out. */
export function encodeBody(header: Header, facts: readonly unknown[]): Uint8Array {
	return encode({ ...header, facts });
}

/** The wire form. */
export function joinSealed(body: Uint8Array, signature: Uint8Array): Uint8Array {
	if (signature.length !== SIGNATURE_BYTES) throw new Error(`a signature has ${SIGNATURE_BYTES} bytes, not ${signature.length}`);
	return encode([hexOf(body), hexOf(signature)]);
}

/** Undefined for anything that is not a body and a signature in at most 256 KiB. */
export function splitSealed(sealed: Uint8Array): { readonly body: Uint8Array<ArrayBuffer>; readonly signature: Uint8Array<ArrayBuffer> } | undefined {
	if (sealed.length > MAX_SEALED_BYTES) return undefined;
	const parts = v.safeParse(sealedParts, decode(sealed));
	if (!parts.success) return undefined;
	const [body, signature] = parts.output;
	return { body: bytesOfHex(body), signature: bytesOfHex(signature) };
}

export function decodeBody(body: Uint8Array): { readonly header: Header; readonly facts: readonly DecodedFact[] } | { readonly damaged: string } {
	const value = decode(body);
	if (value === undefined) return { damaged: 'not deterministic CBOR' };
	const shape = v.safeParse(bodyShape, value);
	if (!shape.success) return { damaged: `not an entry: ${firstIssue(shape.issues)}` };
	const { facts, ...fields } = shape.output;
	const parsed = v.safeParse(headerSchema, fields);
	if (!parsed.success) return { damaged: `header: ${firstIssue(parsed.issues)}` };
	const problem = headerProblem(parsed.output);
	if (problem !== undefined) return { damaged: `header: ${problem}` };
	return { header: parsed.output, facts: facts.map(decodeFact) };
}

/** Names a chain in vectors of what was seen: the first 8 bytes of the device and a letter for the scope. */
export function chainKey(device: DeviceId, scope: Scope): string {
	return `${device.slice(0, 16)}:${scope === 'branch' ? 'b' : 's'}`;
}

const SIGNATURE_BYTES = 64;
const sealedParts = v.strictTuple([v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/)), v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/))]);
const bodyShape = v.looseObject({
	facts: v.pipe(
		v.array(v.looseObject({ type: v.pipe(v.string(), v.minLength(1), v.maxLength(60)), v: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) })),
		v.minLength(1),
	),
});

function decodeFact(raw: { readonly type: string; readonly v: number }): DecodedFact {
	const known = DEFINITION_OF.get(raw.type);
	const schema = known?.byVersion[raw.v - 1];
	if (schema === undefined) return { unknown: true, type: raw.type, v: raw.v, raw };
	const parsed = v.safeParse(schema, raw);
	return parsed.success ? (parsed.output as Fact) : { invalid: firstIssue(parsed.issues), type: raw.type, v: raw.v, raw };
}

/** The first of a chain has nothing before it, every other one has: without this a chain could begin twice. */
function headerProblem(header: Header): string | undefined {
	if ((header.seq === 1) !== (header.prev === undefined)) return `seq ${header.seq} ${header.prev === undefined ? 'without' : 'with'} prev`;
	const names = header.seen.map(([device, chain]) => `${device}:${chain}`);
	if (new Set(names).size !== names.length) return 'one chain twice in seen';
	if (names.includes(chainKey(header.device, header.scope))) return 'its own chain in seen';
	if (header.part !== undefined && (header.part.n === 2) !== (header.part.first !== undefined))
		return `part ${header.part.n} ${header.part.n === 2 ? 'without' : 'with'} the hash of part 1`;
	return undefined;
}

function firstIssue(issues: readonly v.BaseIssue<unknown>[]): string {
	const issue = issues[0];
	if (issue === undefined) return 'unknown reason';
	const path = v.getDotPath(issue);
	return path === null ? issue.message : `${path}: ${issue.message}`;
}
