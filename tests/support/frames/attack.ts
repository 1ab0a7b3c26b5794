/**
 * Frame number n of a seed: which way it goes, and its bytes.
 *
 * 1. The same seed and number draw the same, whatever was sent before.
 */
import { encode as encodeLoosely } from 'cborg';
import { Automerge as A } from '@automerge/automerge-repo/slim';
import type * as v from 'valibot';
import { firstChangeOfSegment } from '#adapters/documents-automerge/first-changes.ts';
import { signBody } from '#engine/signed-body.ts';
import type { Signer } from '#ports';
import { encode, hexOf } from '#schemas/cbor.ts';
import { checkpointOffer } from '#schemas/wire/checkpoint-offer.ts';
import { directMessage } from '#schemas/wire/direct.ts';
import { claimRequest, joinRequest } from '#schemas/wire/enrolment.ts';
import { hello } from '#schemas/wire/hello.ts';
import { keyAnswer, keyAsk } from '#schemas/wire/keys.ts';
import { laneMessage } from '#schemas/wire/lane.ts';
import { linkMessage } from '#schemas/wire/link.ts';
import { printRequest } from '#schemas/wire/print.ts';
import { beginRecovery, branchesRequest, BRANCHES_PATH, recoveryEntries } from '#schemas/wire/recovery.ts';
import { admission, whereQuery } from '#schemas/wire/relay-admission.ts';
import { stockHead } from '#schemas/wire/stock-head.ts';
import { watermark } from '#schemas/wire/watermark.ts';
import { diceOf, type Dice } from '../../sim/random.ts';
import { madeFrom, type Pool } from './made.ts';
import { spoilBytes, spoilValue } from './spoil.ts';

/** `relay`, `hub`: by a device that was let in, over its link. `hello`: by one that has only connected. The others: by a stranger. */
export type Way = 'relay' | 'hub' | 'hello' | 'http' | 'upgrade' | 'socket';

/** What an attacker can know of the shop. */
export interface Scene {
	readonly pool: Pool;
	/** Ids of documents that are open. */
	readonly documents: readonly string[];
	readonly floor: string;
}

export interface Names {
	readonly senderId: string;
	readonly targetId: string;
}

export interface Request {
	readonly to: 'hub' | 'relay';
	readonly path: string;
	readonly body?: Uint8Array;
}

export interface Attack {
	readonly way: Way;
	readonly dice: Dice;
}

const WAYS: readonly (readonly [Way, number])[] = [
	['relay', 0.44],
	['hub', 0.4],
	['http', 0.08],
	['upgrade', 0.04],
	['socket', 0.03],
	['hello', 0.01],
];

export function attackOf(seed: number, number: number): Attack {
	const dice = diceOf(`frame ${number} of ${seed}`);
	let left = dice.next();
	const way = WAYS.find(([, share]) => (left -= share) < 0)?.[0] ?? 'relay';
	return { way, dice };
}

/** A message of automerge-repo, or ours beside it, as a member sends it. */
export function frameOf({ dice }: Attack, scene: Scene, names: Names): Uint8Array {
	const message = messageOf(dice, scene, names);
	const fate = dice.next();
	if (fate < 0.8) return loosely(message);
	return fate < 0.93 ? loosely(spoilValue(message, dice)) : spoilBytes(loosely(message), dice);
}

function messageOf(dice: Dice, scene: Scene, names: Names): unknown {
	const documentId = dice.chance(0.9) ? dice.pick(scene.documents) : '4NMNnkMhL8jXrdJ9jamS58PAVdXu';
	switch (dice.below(10)) {
		case 0:
		case 1:
		case 2:
		case 3:
			return { type: 'direct', ...names, data: bodyOf(directMessage, dice, scene) };
		case 4:
		case 5:
			return {
				...{ type: 'ephemeral', ...names, documentId: scene.floor, data: encodeLoosely(bodyOf(laneMessage, dice, scene)) },
				...{ count: dice.pick([0, 1, 7, 2 ** 40]), sessionId: dice.hex(4) },
			};
		case 6:
			return { type: 'request', ...names, documentId, data: syncOf(dice, scene) };
		case 7:
			return dice.pick([
				{ type: 'doc-unavailable', ...names, documentId },
				{ type: 'remote-subscription-change', ...names, add: [dice.hex(8)] },
				{ type: 'remote-heads-changed', ...names, documentId, newHeads: { [dice.hex(8)]: { heads: [dice.hex(32)], timestamp: 1 } } },
				{ type: 'join', senderId: names.senderId, supportedProtocolVersions: ['1'] },
			]);
		default:
			return { type: 'sync', ...names, documentId, data: syncOf(dice, scene) };
	}
}

/** Two of five as they should be: they pass every shape, and lie. */
function bodyOf(schema: v.GenericSchema, dice: Dice, { pool }: Scene): Uint8Array {
	const value = madeFrom(schema, dice, pool);
	const fate = dice.next();
	if (fate < 0.4) return encode(value);
	return fate < 0.8 ? loosely(spoilValue(value, dice)) : spoilBytes(encode(value), dice);
}

/** A sync message with a change that puts something into a document, or with needs that nobody can meet; often with a few bytes of it wrong. */
function syncOf(dice: Dice, { pool }: Scene): Uint8Array {
	const hashes = (most: number): string[] => Array.from({ length: dice.below(most + 1) }, () => dice.hex(32));
	let document = A.loadIncremental(A.init<{ items: unknown }>({ actor: dice.hex(16) }), firstChangeOfSegment().bytes);
	document = A.change(document, { time: 0 }, (draft) => {
		const item = dice.chance(0.5) ? Buffer.from(dice.pick(pool.filter((text) => /^[0-9a-f]+$/.test(text))), 'hex') : dice.bytes(dice.between(0, 300));
		if (dice.chance(0.1)) draft.items = dice.pick<unknown>([null, 'x', { length: 3 }, [1, 'two', null]]);
		else (draft.items as unknown[]).push(dice.chance(0.9) ? new Uint8Array(item) : 'text');
	});
	const change = A.getLastLocalChange(document);
	const bytes = A.encodeSyncMessage({
		heads: dice.chance(0.5) ? A.getHeads(document) : hashes(40),
		need: hashes(dice.pick([0, 2, 200])),
		have: dice.chance(0.7) ? [{ lastSync: hashes(2), bloom: dice.chance(0.7) ? new Uint8Array() : filterOf(dice) }] : [],
		changes: dice.chance(0.6) && change !== undefined ? [change] : [],
	});
	return dice.chance(0.4) ? spoilBytes(bytes, dice) : bytes;
}

/** A Bloom filter: entries, bits an entry, probes, as LEB128, and the bits. One of three would be probed for minutes for each change of the document. */
function filterOf(dice: Dice): Uint8Array {
	const probes = dice.pick([[7], [0], [0xff, 0xff, 0xff, 0xff, 0x0f]]);
	return new Uint8Array([1, dice.pick([10, 10, 0]), ...probes, ...dice.bytes(2)]);
}

/** Kind and payload of a control message on a LAN link; undefined: it is a frame. */
export function controlOf({ dice }: Attack, { pool }: Scene): { readonly kind: number; readonly payload: Uint8Array } | undefined {
	if (!dice.chance(0.12)) return undefined;
	const value = madeFrom(linkMessage, dice, pool);
	const fate = dice.next();
	const payload = fate < 0.5 ? encode(value) : fate < 0.8 ? loosely(spoilValue(value, dice)) : spoilBytes(encode(value), dice);
	return { kind: dice.chance(0.9) ? 0 : dice.between(2, 255), payload };
}

/** In place of a hello that would have been fine but for the certificate. */
export function helloPayloadOf({ dice }: Attack, { pool }: Scene): Uint8Array {
	const value = { t: 'hello', hello: madeFrom(hello, dice, pool) };
	return dice.chance(0.7) ? loosely(spoilValue(value, dice)) : spoilBytes(encode(value), dice);
}

const POSTS: readonly (readonly [Request['to'], string, v.GenericSchema])[] = [
	['hub', '/enrol/claim', claimRequest],
	['hub', '/enrol/join', joinRequest],
	['hub', '/print', printRequest],
	['hub', '/recovery/begin', beginRecovery],
	['hub', '/recovery/entries', recoveryEntries],
	['relay', BRANCHES_PATH, branchesRequest],
];

export function requestOf({ dice }: Attack, { pool }: Scene): Request {
	if (dice.chance(0.3)) {
		const asked = madeFrom(whereQuery, dice, pool) as Record<string, string>;
		const query = queryOf(dice.chance(0.5) ? spoilValue(asked, dice) : asked);
		return dice.pick<Request>([
			{ to: 'relay', path: `/relay/challenge?${query}` },
			{ to: 'hub', path: `/enrol/removed?device=${encodeURIComponent(dice.pick(pool))}` },
			{
				to: dice.pick(['hub', 'relay']),
				path: dice.pick(['//', '/%', '/..%2f..%2fkeys/root.key', '/api/%00', `/${'a'.repeat(7_000)}`, '/hub.json?%ff', '/__proto__']),
			},
		]);
	}
	const [to, path, schema] = dice.pick(POSTS);
	const value = madeFrom(schema, dice, pool);
	const text = Buffer.from(
		JSON.stringify(dice.chance(0.7) ? spoilValue(value, dice) : value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : one)) ?? '',
	);
	return { to, path, body: dice.chance(0.25) ? spoilBytes(text, dice) : text };
}

export function admissionQueryOf({ dice }: Attack, { pool }: Scene): string {
	const value = madeFrom(admission, dice, pool);
	return queryOf(dice.chance(0.6) ? spoilValue(value, dice) : value).slice(0, 12_000);
}

const REQUEST = Buffer.from(
	'GET /lan HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
);

/** Bytes as they go into a socket that nobody has upgraded, or (`door`) into the hub's door before any handshake. */
export function strangeBytesOf({ dice }: Attack): { readonly to: 'hub' | 'relay' | 'door'; readonly bytes: Uint8Array } {
	const to = dice.pick(['hub', 'relay', 'door'] as const);
	return { to, bytes: to === 'door' ? spoilBytes(Buffer.from('\u0013/multistream/1.0.0\n\u0007/noise\n'), dice) : spoilBytes(REQUEST, dice) };
}

/** Bodies with a signature that is right, by a device that may not say these things. */
export async function signedBodies(dice: Dice, pool: Pool, signer: Signer): Promise<readonly string[]> {
	const made: string[] = [];
	for (const schema of [watermark, stockHead, checkpointOffer, keyAsk, keyAnswer]) {
		for (let n = 0; n < 2; n += 1) {
			const said = madeFrom(schema, dice, pool) as Readonly<Record<string, unknown>>;
			made.push(hexOf(await signBody({ ...said, issuer: signer.device }, signer)));
		}
	}
	return made;
}

function queryOf(value: unknown): string {
	if (typeof value !== 'object' || value === null) return encodeURIComponent(String(value).toWellFormed());
	return new URLSearchParams(Object.entries(value).map(([name, one]) => [name, String(one).slice(0, 9_000)])).toString();
}

/** As other encoders would write it: texts of hex as texts, floats, whatever there is. */
function loosely(value: unknown): Uint8Array {
	return encodeLoosely(value);
}
