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
import { decode, encode, hexOf, sameBytes } from '#schemas/cbor.ts';
import { header as headerSchema, MAX_SEALED_BYTES, type DecodedFact, type Header } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, Scope } from '#schemas/ids.ts';
import { DEFINITION_OF } from './fact-version.ts';

/** The bytes that are signed. Throws on `undefined` inside: leave absent fields out. */
export function encodeBody(header: Header, facts: readonly unknown[]): Uint8Array {
	return encode({ ...header, facts });
}

/** The wire form: a list of two byte strings, put together by hand, for every entry passes here more than once. */
export function joinSealed(body: Uint8Array, signature: Uint8Array): Uint8Array {
	if (signature.length !== SIGNATURE_BYTES) throw new Error(`a signature has ${SIGNATURE_BYTES} bytes, not ${signature.length}`);
	if (body.length < LEAST_BODY_BYTES) return encode([hexOf(body), hexOf(signature)]); // Shorter byte strings travel as text; no entry is so short.
	const head = headOfBytes(body.length);
	const sealed = new Uint8Array(1 + head.length + body.length + SIGNATURE_HEAD.length + SIGNATURE_BYTES);
	sealed[0] = LIST_OF_TWO;
	sealed.set(head, 1);
	sealed.set(body, 1 + head.length);
	sealed.set(SIGNATURE_HEAD, 1 + head.length + body.length);
	sealed.set(signature, sealed.length - SIGNATURE_BYTES);
	return sealed;
}

/** Undefined for anything that is not a body and a signature in at most 256 KiB, in the one form in which they are written. */
export function splitSealed(sealed: Uint8Array): { readonly body: Uint8Array<ArrayBuffer>; readonly signature: Uint8Array<ArrayBuffer> } | undefined {
	if (sealed.length > MAX_SEALED_BYTES || sealed[0] !== LIST_OF_TWO) return undefined;
	const headLength = HEAD_LENGTHS.get(sealed[1] ?? 0) ?? 1;
	const bodyFrom = 1 + headLength;
	const signatureFrom = sealed.length - SIGNATURE_BYTES;
	const bodyTo = signatureFrom - SIGNATURE_HEAD.length;
	if (bodyTo - bodyFrom < LEAST_BODY_BYTES) return undefined;
	if (!sameBytes(sealed.subarray(1, bodyFrom), headOfBytes(bodyTo - bodyFrom)) || !sameBytes(sealed.subarray(bodyTo, signatureFrom), SIGNATURE_HEAD))
		return undefined;
	return { body: new Uint8Array(sealed.subarray(bodyFrom, bodyTo)), signature: new Uint8Array(sealed.subarray(signatureFrom)) };
}

export function decodeBody(body: Uint8Array): { readonly header: Header; readonly facts: readonly DecodedFact[] } | { readonly damaged: string } {
	const value = decode(body);
	if (value === undefined) return { damaged: 'not deterministic CBOR' };
	if (!isBody(value)) return { damaged: `not an entry: ${firstIssue(v.safeParse(bodyShape, value).issues ?? [])}` };
	// A header is what the schema names: the facts beside it are none of its fields.
	const parsed = v.safeParse(headerSchema, value);
	if (!parsed.success) return { damaged: `header: ${firstIssue(parsed.issues)}` };
	const problem = headerProblem(parsed.output);
	if (problem !== undefined) return { damaged: `header: ${problem}` };
	return { header: parsed.output, facts: value.facts.map(decodeFact) };
}

/** Names a chain in vectors of what was seen: the first 8 bytes of the device and a letter for the scope. */
export function chainKey(device: DeviceId, scope: Scope): string {
	return `${device.slice(0, 16)}:${scope === 'branch' ? 'b' : 's'}`;
}

const SIGNATURE_BYTES = 64;
/** CBOR's heads (RFC 8949, section 3): a list of two, and byte strings by their length, in the shortest form. */
const LIST_OF_TWO = 0x82;
const SIGNATURE_HEAD = new Uint8Array([0x58, SIGNATURE_BYTES]);
const LEAST_BODY_BYTES = 8;
const MOST_TYPE_LETTERS = 60;
const HEAD_LENGTHS: ReadonlyMap<number, number> = new Map([
	[0x58, 2],
	[0x59, 3],
	[0x5a, 5],
]);

function headOfBytes(length: number): Uint8Array {
	if (length < 24) return new Uint8Array([0x40 | length]);
	if (length < 0x100) return new Uint8Array([0x58, length]);
	if (length < 0x1_0000) return new Uint8Array([0x59, length >>> 8, length]);
	return new Uint8Array([0x5a, length >>> 24, length >>> 16, length >>> 8, length]);
}

const bodyShape = v.looseObject({
	facts: v.pipe(
		v.array(
			v.looseObject({
				type: v.pipe(v.string(), v.minLength(1), v.maxLength(MOST_TYPE_LETTERS)),
				v: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
			}),
		),
		v.minLength(1),
	),
});

/** What `bodyShape` says, without a copy of everything: asked of every entry, where that one only says what is wrong. */
function isBody(value: unknown): value is { readonly facts: readonly RawFact[] } {
	const facts = isMap(value) ? value['facts'] : undefined;
	return Array.isArray(facts) && facts.length > 0 && facts.every(isRawFact);
}

interface RawFact {
	readonly type: string;
	readonly v: number;
}

function isRawFact(fact: unknown): fact is RawFact {
	if (!isMap(fact)) return false;
	const { type, v: version } = fact;
	const isNamed = typeof type === 'string' && type.length > 0 && type.length <= MOST_TYPE_LETTERS;
	return isNamed && Number.isSafeInteger(version) && (version as number) >= 1;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decodeFact(raw: RawFact): DecodedFact {
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
