/**
 * New keys for a device: it asks the devices it is linked with, and one that may enrol countersigns.
 *
 * Invariants:
 * 1. Whoever countersigns has proven the asker and both of its signatures, and holds the asker's chains whole: they end here where the renewal says.
 * 2. It countersigns one key for a generation, across restarts: asked again for the same one, it answers again.
 * 3. Nothing is renewed by a countersign: the asker has it on its disk first, and then shows it (`boot.ts`, `hub-process.ts`). What it never showed has no effect.
 * 4. The answer is proven before it is given to whoever asked.
 */
import {
	decodeChain,
	countersignedBytes,
	encodeChain,
	encodeRenewalBody,
	type SignedCertificate,
	type SignedRenewal,
} from '#core/entry/certificate.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Clock, Digest, Documents, EntryStore, Signer, Timers, VaultState } from '#ports';
import { bytesOfHex, decode, encode, hexOf, sameBytes } from '#schemas/cbor.ts';
import { MAX_CHAIN_BYTES } from '#schemas/certificate.ts';
import { SCOPES, type DeviceId, type SigningKey, type StoreId } from '#schemas/ids.ts';
import { renewal as renewalSchema, type Renewal } from '#schemas/renewal.ts';
import type { DirectMessage, RenewalRefusal } from '#schemas/wire/direct.ts';
import * as v from 'valibot';
import { createVerifier, type Verifier } from './verify.ts';

/** `nobody`: no linked device answered that may enrol. */
export type NotRenewed = RenewalRefusal | 'nobody';

export interface Renewals {
	/** `ask` as `draftRenewal` makes it; answers the device's chain with the renewal. */
	ask(ask: Uint8Array): Promise<Uint8Array | NotRenewed>;
	close(): void;
}

export interface RenewalsDeps {
	readonly documents: Pick<Documents, 'sendTo' | 'onDirect' | 'onLinked'>;
	readonly store: StoreId;
	readonly verifier: Verifier;
	readonly ledger: Pick<Ledger, 'marks' | 'state'>;
	readonly entryStore: Pick<EntryStore, 'getCache' | 'setCache'>;
	readonly signer: Signer;
	readonly digest: Digest;
	readonly clock: Clock;
	readonly timers: Timers;
}

const PROMISED = 'renewals';
const ANSWER_WITHIN_MS = 3_000;
/** What was sold a moment ago is on its way to whoever countersigns. */
const AGAIN_MS = 500;
const MOST_TRIES = 20;

export function createRenewals({ documents, store, verifier, ledger, entryStore, signer, digest, clock, timers }: RenewalsDeps): Renewals {
	const linked = new Set<string>();
	let lastId = 0;
	let waiting: { readonly peer: string; readonly id: number; readonly hear: (answer: Uint8Array | NotRenewed) => void } | undefined;
	let answering: Promise<unknown> = Promise.resolve();
	let closed = false;

	// ——— countersigning

	async function answerTo(bytes: Uint8Array): Promise<Uint8Array | RenewalRefusal> {
		const asked = openAsk(bytes);
		const own = ownChain(signer.device);
		if (asked === undefined || own === undefined || !mayCountersign()) return 'not-allowed';
		const { renewal } = asked;
		const chain = ownChain(renewal.device);
		if (chain === undefined || renewal.store !== store || renewal.device === signer.device || !isActive(renewal.device)) return 'not-allowed';
		const { inForce } = verifier.keyLine(renewal.device);
		const newest = inForce.at(-1)?.renewal.key ?? renewal.device;
		if (renewal.generation !== inForce.length + 1 || renewal.before !== newest) return 'renewed-before';
		const isSigned =
			(await digest.verify(renewal.before, asked.body, asked.byKeyBefore)) && (await digest.verify(renewal.key, asked.body, asked.byNewKey));
		if (!isSigned) return 'not-allowed';
		if (!endsHere(renewal)) return 'behind';
		if (!(await promise(renewal))) return 'renewed-before';
		return countersign(asked, chain, own);
	}

	function mayCountersign(): boolean {
		return verifier.certificateOf(signer.device)?.rights.includes('enrol') === true && isActive(signer.device);
	}

	function isActive(device: DeviceId): boolean {
		return (ledger.state.devices.get(device)?.standing ?? 'active') === 'active';
	}

	function ownChain(device: DeviceId): readonly SignedCertificate[] | undefined {
		const bytes = verifier.chainOf(device);
		return bytes === undefined ? undefined : decodeChain(bytes);
	}

	function endsHere({ device, ends }: Renewal): boolean {
		const marks = ledger.marks().filter((mark) => mark.device === device);
		return SCOPES.every((scope) => {
			const here = marks.filter((mark) => mark.scope === scope);
			const said = ends[scope];
			return said === undefined ? here.length === 0 : here.length === 1 && here[0]?.seq === said.seq && here[0].hash === said.hash;
		});
	}

	/** On the disk before it is kept to. */
	async function promise({ device, generation, key }: Renewal): Promise<boolean> {
		const kept = v.safeParse(promisedKeys, decode((await entryStore.getCache(PROMISED)) ?? new Uint8Array()));
		const promised = kept.success ? kept.output : {};
		const name = `${device} ${generation}`;
		if (promised[name] !== undefined) return promised[name] === key;
		await entryStore.setCache(PROMISED, encode({ ...promised, [name]: key }));
		return true;
	}

	async function countersign(
		{ renewal, body, byKeyBefore, byNewKey }: Ask,
		[asker, ...above]: readonly SignedCertificate[],
		own: readonly SignedCertificate[],
	): Promise<Uint8Array | RenewalRefusal> {
		if (asker === undefined) return 'not-allowed';
		const atMs = Math.floor(clock.nowMs());
		// Those above may have renewed theirs since: what they sign from now on must be proven by this chain alone.
		const newest = above.map((one) => ownChain(one.certificate.device)?.[0] ?? one);
		const outer = new Set([asker, ...newest].map(({ certificate }) => certificate.device));
		const shared = own.findIndex(({ certificate }) => outer.has(certificate.device));
		const signed: SignedRenewal = {
			...{ renewal, body, byKeyBefore, byNewKey, countersigner: signer.device, atMs },
			countersignature: new Uint8Array(await signer.sign(countersignedBytes(body, atMs))),
			countersignerChain: shared < 0 ? own : own.slice(0, shared),
		};
		const bytes = encodeChain([{ ...asker, renewals: [...asker.renewals, signed] }, ...newest]);
		return bytes.length > MAX_CHAIN_BYTES ? 'too-many' : bytes;
	}

	async function answer({ id, ask }: Extract<DirectMessage, { t: 'want-renewal' }>, from: string): Promise<void> {
		const done = await answerTo(bytesOfHex(ask));
		if (!closed) documents.sendTo(from, { t: 'renewal', id, ...(typeof done === 'string' ? { refused: done } : { chain: hexOf(done) }) });
	}

	// ——— asking

	/** Hubs first: whatever else is linked may be on its way out of the door. */
	function askable(): readonly string[] {
		const hubs = new Set(
			verifier
				.devices()
				.filter(({ role }) => role === 'hub')
				.map(({ peer }) => peer),
		);
		return [...linked].sort((a, b) => Number(hubs.has(b)) - Number(hubs.has(a)));
	}

	async function askOne(peer: string, ask: Uint8Array): Promise<Uint8Array | NotRenewed> {
		lastId += 1;
		const { promise: heard, resolve } = Promise.withResolvers<Uint8Array | NotRenewed>();
		waiting = { peer, id: lastId, hear: resolve };
		const stop = timers.after(ANSWER_WITHIN_MS, () => {
			resolve('nobody');
		});
		documents.sendTo(peer, { t: 'want-renewal', id: lastId, ask: hexOf(ask) });
		const answered = await heard;
		waiting = undefined;
		stop();
		return typeof answered === 'string' || (await isRenewedBy(answered, ask)) ? answered : 'not-allowed';
	}

	/** By a verifier that believes nothing yet: this one would make the renewal known here. */
	async function isRenewedBy(chain: Uint8Array, ask: Uint8Array): Promise<boolean> {
		const last = decodeChain(chain)?.[0]?.renewals.at(-1);
		const asked = openAsk(ask);
		const isAsked = last !== undefined && asked !== undefined && sameBytes(last.body, asked.body);
		return isAsked && (await createVerifier({ digest, store }).chain(chain)) !== undefined;
	}

	documents.onDirect((message, from) => {
		if (message.t === 'want-renewal') {
			// One after another, or two keys could be promised one generation.
			answering = answering.then(() => answer(message, from)).catch(() => undefined); // A disk that fails promises nothing, and the asker asks another.
		} else if (message.t === 'renewal' && waiting?.peer === from && waiting.id === message.id)
			waiting.hear(message.chain === undefined ? (message.refused ?? 'not-allowed') : bytesOfHex(message.chain));
	});
	documents.onLinked((peer, isLinked) => {
		if (isLinked) linked.add(peer);
		else linked.delete(peer);
	});

	return {
		async ask(ask) {
			let why: NotRenewed = 'nobody';
			for (let tries = 0; tries < MOST_TRIES && !closed; tries += 1) {
				const before = why;
				why = 'nobody';
				for (const peer of askable()) {
					const done = await askOne(peer, ask);
					if (typeof done !== 'string') return done;
					if (done !== 'nobody' && why !== 'behind') why = done;
				}
				if (why !== 'behind') return why === 'nobody' ? before : why;
				await new Promise<void>((go) => timers.after(AGAIN_MS, go));
			}
			return why;
		},
		close() {
			closed = true;
			waiting?.hear('nobody');
		},
	};
}

type Ask = Pick<SignedRenewal, 'renewal' | 'body' | 'byKeyBefore' | 'byNewKey'>;

const hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/));
const signatureHex = v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/));
const askParts = v.strictTuple([hex, signatureHex, signatureHex]);
const promisedKeys = v.record(v.string(), v.string());

function openAsk(bytes: Uint8Array): Ask | undefined {
	const parts = v.safeParse(askParts, decode(bytes));
	if (!parts.success) return undefined;
	const [bodyHex, byKeyBefore, byNewKey] = parts.output;
	const body = bytesOfHex(bodyHex);
	const parsed = v.safeParse(renewalSchema, decode(body));
	return parsed.success ? { renewal: parsed.output, body, byKeyBefore: bytesOfHex(byKeyBefore), byNewKey: bytesOfHex(byNewKey) } : undefined;
}

/** What a device asks for: signed by the key it has, which gives up, and by the one it will have. */
export async function draftRenewal(next: {
	readonly store: StoreId;
	/** Of the device as it is now. */
	readonly chain: Uint8Array;
	readonly heads: VaultState['heads'];
	readonly signer: Signer;
	readonly nextSigner: Pick<Signer, 'sign'> & { readonly key: SigningKey };
	readonly nextPeer: string;
}): Promise<Uint8Array> {
	const { store, heads, signer, nextSigner, nextPeer } = next;
	const own = decodeChain(next.chain)?.[0];
	if (own === undefined) throw new Error('the own chain cannot be read');
	const ends = Object.fromEntries(SCOPES.flatMap((scope) => (heads[scope] === undefined ? [] : [[scope, placeOf(heads[scope])]])));
	const body = encodeRenewalBody({
		...{ v: 1, store, device: signer.device, generation: own.renewals.length + 1, before: (signer.key ?? signer.device) as Renewal['before'], ends },
		...{ key: nextSigner.key as Renewal['key'], peer: nextPeer },
	});
	return encode([hexOf(body), hexOf(await signer.sign(body)), hexOf(await nextSigner.sign(body))]);
}

function placeOf({ seq, hash }: { readonly seq: number; readonly hash: string }): { readonly seq: number; readonly hash: string } {
	return { seq, hash };
}

/** The key that signs for the device by its own chain, and its generation. */
export function keyInForce(
	chain: Uint8Array,
): { readonly device: DeviceId; readonly key: SigningKey; readonly peer: string; readonly generation: number } | undefined {
	const own = decodeChain(chain)?.[0];
	if (own === undefined) return undefined;
	const last = own.renewals.at(-1)?.renewal;
	const { device, peer } = own.certificate;
	return { device, key: last?.key ?? device, peer: last?.peer ?? peer, generation: own.renewals.length };
}
