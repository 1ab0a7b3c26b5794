/**
 * Where every document begins: one constant change, so that any two peers that make a document alone make the same one.
 *
 * Invariants:
 * 1. The bytes below never change. Another first change would make another list, and of two lists in one place Automerge shows only one.
 * 2. Nested maps and lists are made here and nowhere else: two writers creating one nested map hide one of the two.
 */
import { Automerge as A } from '@automerge/automerge-repo/slim';
import { bytesOfHex } from '#schemas/cbor.ts';
import type { Genesis } from '#schemas/documents/genesis.ts';

/** What a document holds before anybody has written to it. */
export interface FirstChange {
	/** One or more Automerge changes, one after the other. */
	readonly bytes: Uint8Array;
	readonly heads: readonly string[];
}

/** All first changes are written by the actor 0…0 at time 0; nobody else has that actor, for every session draws its own. */
const FIRST_ACTOR = '00'.repeat(16);

/** `{ items: [] }` */
const SEGMENT = '856f4a8330499f0d0130001000000000000000000000000000000000010100000005150734014202560270027f056974656d73017f027f007f00';
/** `{ favourites: {}, parked: {}, presence: {} }` */
const FLOOR =
	'856f4a8324f98f190145001000000000000000000000000000000000010100000005151c34014202560270027d0a6661766f757269746573067061726b65640870726573656e636503030003000300';
/** `{ v: 1 }` */
const GENESIS = '856f4a83babdde19012f0010000000000000000000000000000000000101000000061503340142025602570170027f0176017f017f14017f00';

export function firstChangeOfSegment(): FirstChange {
	return withHeads(bytesOfHex(SEGMENT));
}

export function firstChangeOfFloor(): FirstChange {
	return withHeads(bytesOfHex(FLOOR));
}

/** Whoever knows the genesis writes it as the second change; whoever does not yet begins with the first alone, and is told the rest. */
export function firstChangeOfGenesis(genesis: Genesis | undefined): FirstChange {
	const first = bytesOfHex(GENESIS);
	if (genesis === undefined) return withHeads(first);
	const empty = A.loadIncremental(A.init<Record<string, unknown>>({ actor: FIRST_ACTOR }), first);
	const written = A.change(empty, { time: 0 }, (document) => {
		document['store'] = new A.ImmutableString(genesis.store);
		document['root'] = new A.ImmutableString(genesis.root);
	});
	const second = A.getLastLocalChange(written);
	if (second === undefined) throw new Error('the genesis change wrote nothing');
	return withHeads(concat(first, second));
}

function withHeads(bytes: Uint8Array): FirstChange {
	const document = A.loadIncremental(A.init(), bytes);
	return { bytes, heads: A.getHeads(document) };
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
	const both = new Uint8Array(a.length + b.length);
	both.set(a);
	both.set(b, a.length);
	return both;
}
