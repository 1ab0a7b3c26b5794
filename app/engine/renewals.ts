/**
 * New keys for a device: it asks the devices it is linked with, and one that may enrol countersigns.
 *
 * Invariants:
 * 1. Whoever countersigns has proven the asker and both of its signatures, and holds the asker's chains whole: they end here where the renewal says.
 * 2. It countersigns one key for a generation, across restarts: asked again for the same one, it answers again, and asks for no code.
 * 3. Nothing is renewed by a countersign: the asker has it on its disk first, and then shows it (`boot.ts`, `hub-process.ts`). What it never showed has no effect.
 * 4. The answer is proven before it is given to whoever asked.
 * 5. Whoever has copied a till's disk has its key, and could ask like the till: a till's keys change only with a code that a hub shows to whoever stands there,
 *    as for letting a device in, or when somebody at a manager's till says yes to that very key (`renewal-desk.ts`). What has its code wrong promises nothing.
 * 6. What waits for a yes is proven like what has a code, and forgotten when its till asks no more.
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
import type { RenewalVerdict, WaitingRenewal } from '#schemas/wire/renewal-approval.ts';
import * as v from 'valibot';
import { createQuestions } from './questions.ts';
import { createVerifier, newestKeyOf, type Verifier } from './verify.ts';

/** `nobody`: no linked device answered that may enrol. */
export type NotRenewed = RenewalRefusal | 'nobody';

/** A code as a hub shows it; or somebody at a manager's till, who is waited for. */
export type HowAllowed = string | { readonly waits: true };

export interface Renewals {
	/** `ask` as `draftRenewal` makes it; answers the device's chain with the renewal. */
	ask(ask: Uint8Array, how?: HowAllowed): Promise<Uint8Array | NotRenewed>;
	/** A hub's: tills that wait for somebody at a manager's till. */
	waiting(): readonly WaitingRenewal[];
	/** Said by somebody who may; about what does not wait here it says nothing. */
	decide(verdict: RenewalVerdict): void;
	/** The own chain, with a renewal that is on this disk, to whoever is linked: else nobody would let the new network key in. */
	show(chain: Uint8Array): void;
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
	/** Spends the code for letting devices in; absent: this device shows none, and countersigns for no till. */
	readonly spendCode?: ((code: string) => boolean) | undefined;
	readonly takeChain: (chain: Uint8Array) => Promise<unknown>;
}

const PROMISED = 'renewals';
const ANSWER_WITHIN_MS = 3_000;
/** What was sold a moment ago is on its way to whoever countersigns. */
const AGAIN_MS = 500;
const MOST_TRIES = 20;
/** A certificate with all rights is about 500, a renewal of a till about 490. */
const ENROLLED_BYTES = 1_000;
/** Of what nobody asked for; the first ask is 1. */
const SHOWN = 0;
/** A till that waits asks every two seconds. */
const WAITS_MS = 15_000;
const MOST_WAITING = 20;
/** The till itself, and whoever else has its key. */
const MOST_WAITING_OF_ONE = 3;

export function createRenewals(deps: RenewalsDeps): Renewals {
	const { documents, store, verifier, ledger, entryStore, signer, digest, clock, timers } = deps;
	const questions = createQuestions<Uint8Array | RenewalRefusal>(timers);
	let answering: Promise<unknown> = Promise.resolve();
	let closed = false;
	/** By key. */
	const waitingHere = new Map<string, WaitingRenewal & { readonly lastAskedMs: number; readonly is?: RenewalVerdict['is'] }>();

	// ——— countersigning

	async function answerTo(bytes: Uint8Array, how: HowAllowed | undefined): Promise<Uint8Array | RenewalRefusal> {
		const asked = openAsk(bytes);
		const own = ownChain(signer.device);
		if (asked === undefined || own === undefined || !mayCountersign()) return 'not-allowed';
		const { renewal } = asked;
		const chain = ownChain(renewal.device);
		if (chain === undefined || renewal.store !== store || renewal.device === signer.device || !isActive(renewal.device)) return 'not-allowed';
		const { inForce } = verifier.keyLine(renewal.device);
		if (renewal.generation !== inForce.length + 1 || renewal.before !== newestKeyOf(verifier, renewal.device)) return 'renewed-before';
		const isSigned =
			(await digest.verify(renewal.before, asked.body, asked.byKeyBefore)) && (await digest.verify(renewal.key, asked.body, asked.byNewKey));
		if (!isSigned) return 'not-allowed';
		if (!endsHere(renewal)) return 'behind';
		const promised = await promisedKey(renewal);
		if (promised !== undefined && promised !== renewal.key) return 'renewed-before';
		if (promised === undefined) {
			const refused = codeProblem(renewal, how);
			if (refused !== undefined) return refused;
			await promise(renewal);
		}
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

	function codeProblem({ device, key }: Renewal, how: HowAllowed | undefined): RenewalRefusal | undefined {
		if (verifier.certificateOf(device)?.role === 'hub') return undefined; // Whoever has a hub's disk has the shop's: a code would stop nobody.
		if (deps.spendCode === undefined) return 'not-allowed';
		if (typeof how === 'object') return waitingProblem(device, key);
		return how !== undefined && deps.spendCode(how) ? undefined : 'wrong-code';
	}

	function waitingProblem(device: DeviceId, key: WaitingRenewal['key']): RenewalRefusal | undefined {
		const nowMs = Math.floor(clock.nowMs());
		const others = waitingNow().filter((one) => one.key !== key);
		const known = waitingHere.get(key);
		if (known?.is !== undefined) {
			waitingHere.delete(key);
			return known.is === 'approved' ? undefined : 'refused';
		}
		if (others.length >= MOST_WAITING || others.filter((one) => one.device === device).length >= MOST_WAITING_OF_ONE) return 'not-allowed';
		waitingHere.set(key, { device, key, atMs: known?.atMs ?? nowMs, lastAskedMs: nowMs });
		return 'waiting';
	}

	function waitingNow(): readonly WaitingRenewal[] {
		for (const [key, { lastAskedMs }] of waitingHere) if (clock.nowMs() - lastAskedMs > WAITS_MS) waitingHere.delete(key);
		return [...waitingHere.values()].flatMap(({ device, key, atMs, is }) => (is === undefined ? [{ device, key, atMs }] : []));
	}

	async function promisedKeys(): Promise<Readonly<Record<string, string>>> {
		const kept = v.safeParse(promisedSchema, decode((await entryStore.getCache(PROMISED)) ?? new Uint8Array()));
		return kept.success ? kept.output : {};
	}

	async function promisedKey(of: Renewal): Promise<string | undefined> {
		return (await promisedKeys())[promiseOf(of)];
	}

	/** On the disk before it is kept to. */
	async function promise(of: Renewal): Promise<void> {
		await entryStore.setCache(PROMISED, encode({ ...(await promisedKeys()), [promiseOf(of)]: of.key }));
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
		// Its chain is in that of each device that a hub lets in from now on.
		const most = asker.certificate.role === 'hub' ? MAX_CHAIN_BYTES - ENROLLED_BYTES : MAX_CHAIN_BYTES;
		return bytes.length > most ? 'too-many' : bytes;
	}

	async function answer({ id, ask, code, waits }: Extract<DirectMessage, { t: 'want-renewal' }>, from: string): Promise<void> {
		const done = await answerTo(bytesOfHex(ask), code ?? (waits && { waits }));
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
		return [...questions.linked].sort((a, b) => Number(hubs.has(b)) - Number(hubs.has(a)));
	}

	async function askOne(peer: string, ask: Uint8Array, how: HowAllowed | undefined): Promise<Uint8Array | NotRenewed> {
		const answered = await questions.ask(peer, ANSWER_WITHIN_MS, (id) => {
			documents.sendTo(peer, { t: 'want-renewal', id, ask: hexOf(ask), ...(typeof how === 'string' ? { code: how } : how) });
		});
		if (answered === undefined) return 'nobody';
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
		} else if (message.t === 'renewal' && message.id === SHOWN) {
			if (message.chain !== undefined) deps.takeChain(bytesOfHex(message.chain)).catch(() => undefined); // A disk that fails: it comes again with the hello.
		} else if (message.t === 'renewal')
			questions.hear(from, message.id, message.chain === undefined ? (message.refused ?? 'not-allowed') : bytesOfHex(message.chain));
	});
	documents.onLinked(questions.link);

	return {
		async ask(ask, how) {
			const said = new Map<string, RenewalRefusal>();
			for (let tries = 0; tries < MOST_TRIES && !closed; tries += 1) {
				let isBehind = false;
				for (const peer of askable().filter((one) => (said.get(one) ?? 'behind') === 'behind')) {
					const done = await askOne(peer, ask, how);
					if (typeof done !== 'string') return done;
					if (done !== 'nobody') said.set(peer, done);
					isBehind ||= done === 'behind';
				}
				if (!isBehind) break;
				await new Promise<void>((go) => timers.after(AGAIN_MS, go));
			}
			// Every till that may not says so: that tells nothing while somebody who may is behind, and neither while one has another reason.
			const all = [...said.values()];
			if (all.includes('refused')) return 'refused'; // Whoever said no may be linked with one of several hubs.
			return all.find((one) => one !== 'behind' && one !== 'not-allowed') ?? (all.includes('behind') ? 'behind' : (all[0] ?? 'nobody'));
		},
		show(chain) {
			for (const peer of questions.linked) documents.sendTo(peer, { t: 'renewal', id: SHOWN, chain: hexOf(chain) });
		},
		waiting: waitingNow,
		decide({ device, key, atMs, is }) {
			const known = waitingNow().find((one) => one.key === key);
			const kept = waitingHere.get(key);
			if (known?.device === device && known.atMs === atMs && kept !== undefined) waitingHere.set(key, { ...kept, is });
		},
		close() {
			closed = true;
			questions.close();
		},
	};
}

type Ask = Pick<SignedRenewal, 'renewal' | 'body' | 'byKeyBefore' | 'byNewKey'>;

const hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/));
const signatureHex = v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/));
const askParts = v.strictTuple([hex, signatureHex, signatureHex]);
const promisedSchema = v.record(v.string(), v.string());

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

function promiseOf({ device, generation }: Renewal): string {
	return `${device} ${generation}`;
}

function placeOf({ seq, hash }: { readonly seq: number; readonly hash: string }): { readonly seq: number; readonly hash: string } {
	return { seq, hash };
}
