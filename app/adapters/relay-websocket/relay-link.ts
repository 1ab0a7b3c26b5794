/**
 * The link to the relay: automerge-repo's websocket client, driven by us. Each connection is a client of its own, with a fresh proof in its address.
 *
 * Invariants:
 * 1. Whatever fails (a name that does not resolve, a refusal at the upgrade, a relay that is gone) is a state with a reason and a next try, never a throw.
 * 2. The Repo sees one network adapter that lives as long as the process; peers come and go in it.
 * 3. A frame from the relay that is no message is dropped.
 * 4. A relay that is several processes says which one keeps the branch, and that one is dialled; one that cannot be reached from here, or answers and lets no
 *    socket in, is reached by way of the address that is known. Nobody is sent from a secure address to one that is not.
 * 5. A process that has frozen keeps its sockets and says nothing: the link asks where its branch is kept by now, and goes there.
 * 6. There is one connection at a time.
 */
import { NetworkAdapter, type Message, type PeerId, type PeerMetadata } from '@automerge/automerge-repo/slim';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';
import * as v from 'valibot';
import { neverBack } from '#core/spans.ts';
import type { Clock, RelayLink, RelayState, Signer, Timers } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { BranchId, StoreId } from '#schemas/ids.ts';
import { admissionText, CHALLENGE_PATH, RELAY_PATH, whereAnswer, type Admission, type WhereAnswer } from '#schemas/wire/relay-admission.ts';
import { isRelayFrame } from './relay-frame.ts';

export interface RelayLinkDeps {
	/** `ws://host:4500` or `wss://…`; undefined while none is known. */
	readonly url: () => string | undefined;
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly signer: Signer;
	readonly chain: Uint8Array;
	readonly repoPeer: string;
	readonly clock: Clock;
	readonly timers: Timers;
}

export interface RelayNetworkLink extends RelayLink {
	readonly network: NetworkAdapter;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const CONNECT_MS = 10_000;
/** Another way is open to who does not get there. */
const OWNER_ANSWERS_MS = 2_000;
/** A relay says how far it has come every five seconds (`TELL_EVERY_MS` in `engine/replicate.ts`), whatever happens. */
const SILENT_MS = 6_000;
/** Three times it has said nothing: whatever answers at its address, this socket is dead. */
const DEAD_MS = 16_000;
const LISTEN_EVERY_MS = 1_000;
/** Its own reconnecting is turned off: the longest timer there is, which `disconnect` clears. */
const NEVER_MS = 2 ** 31 - 1;

export function createRelayLink(deps: RelayLinkDeps): RelayNetworkLink {
	const { clock, timers } = deps;
	/** Of silence; the wall clock is for people. */
	const nowMs = neverBack(() => clock.nowMs());
	const network = new SwitchedNetwork(nowMs);
	const listeners: ((state: RelayState) => void)[] = [];
	let state: RelayState = { state: 'stopped' };
	let wanted = false;
	let generation = 0;
	let retryMs = FIRST_RETRY_MS;
	let cancelRetry = (): void => undefined;
	/** Once the link is up. */
	let linkedTo: Kept | undefined;
	let linkedAtMs = 0;
	/** It keeps the branch, and let no socket in at the last try: this one goes by the known address. */
	let unreached: string | undefined;
	let stopListening: (() => void) | undefined;

	function become(next: RelayState): void {
		state = next;
		for (const listener of listeners) listener(next);
	}

	async function connect(): Promise<void> {
		const mine = (generation += 1);
		const isCurrent = (): boolean => mine === generation && wanted;
		if (state.state !== 'waiting') become({ state: 'connecting' });
		try {
			const kept = await findKeeper(deps, unreached);
			unreached = kept.isOwner ? kept.url : undefined;
			const url = await addressWithProof(deps, kept);
			if (!isCurrent()) return;
			await network.run(url, () => {
				if (!isCurrent()) return;
				unreached = undefined;
				linkedTo = kept;
				linkedAtMs = nowMs();
				retryMs = FIRST_RETRY_MS;
				become({ state: 'connected', sinceMs: clock.nowMs() });
			});
			if (isCurrent()) wait('the relay ended the connection');
		} catch (error) {
			if (isCurrent()) wait(error instanceof Error ? error.message : String(error));
		}
	}

	/** What was said to be at the other end may be another process's by now. */
	async function listen(): Promise<void> {
		if (state.state !== 'connected' || linkedTo === undefined) return;
		const silentMs = nowMs() - Math.max(network.heardAtMs, linkedAtMs);
		if (silentMs < SILENT_MS) return;
		const mine = generation;
		const isElsewhere = silentMs < DEAD_MS && (await isKeptElsewhere(deps, linkedTo));
		if (mine === generation && (isElsewhere || silentMs >= DEAD_MS)) network.leave();
	}

	function wait(reason: string): void {
		const now = clock.nowMs();
		const delayMs = retryMs;
		retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
		become({ state: 'waiting', sinceMs: state.state === 'waiting' ? state.sinceMs : now, retryAtMs: now + delayMs, reason });
		cancelRetry = timers.after(delayMs, connect);
	}

	return {
		network,
		start() {
			if (wanted) return;
			wanted = true;
			retryMs = FIRST_RETRY_MS;
			stopListening = timers.every(LISTEN_EVERY_MS, listen);
			void connect();
		},
		stop() {
			wanted = false;
			generation += 1;
			cancelRetry();
			stopListening?.();
			network.leave();
			become({ state: 'stopped' });
			return Promise.resolve();
		},
		wake() {
			if (!wanted || state.state !== 'waiting') return;
			cancelRetry();
			retryMs = FIRST_RETRY_MS;
			void connect();
		},
		state: () => state,
		onState: (listener) => {
			listeners.push(listener);
		},
	};
}

interface Kept {
	/** `ws://…` or `wss://…` of the process to dial. */
	readonly url: string;
	/** By an address of its own. */
	readonly isOwner: boolean;
	readonly nonce: string;
	/** Whoever kept the branch when this was asked, by a name. */
	readonly keeper: string | undefined;
}

async function findKeeper(deps: RelayLinkDeps, unreached: string | undefined): Promise<Kept> {
	const url = deps.url();
	if (url === undefined) throw new Error('no relay is known');
	const here = await ask(url, CONNECT_MS, deps);
	const keeper = keeperIn(here);
	if ('nonce' in here) return { url, isOwner: false, nonce: here.nonce, keeper };
	const mayAsk = here.owner !== unreached && isAsSecure(here.owner, url);
	const there = mayAsk ? await ask(here.owner, OWNER_ANSWERS_MS, deps).catch(() => undefined) : undefined;
	if (there !== undefined && 'nonce' in there) return { url: here.owner, isOwner: true, nonce: there.nonce, keeper };
	const passing = await ask(url, CONNECT_MS);
	if (!('nonce' in passing)) throw new Error('what answers there is no relay');
	return { url, isOwner: false, nonce: passing.nonce, keeper };
}

/** Known for sure: an address that does not answer says nothing. */
async function isKeptElsewhere(deps: RelayLinkDeps, linkedTo: Kept): Promise<boolean> {
	const url = deps.url();
	const here = url === undefined ? undefined : await ask(url, OWNER_ANSWERS_MS, deps).catch(() => undefined);
	return here !== undefined && keeperIn(here) !== linkedTo.keeper;
}

function keeperIn(answer: WhereAnswer): string | undefined {
	return 'owner' in answer ? answer.owner : answer.keeper;
}

/** Whether a device that came by `url` may go on to `owner`. */
export function isAsSecure(owner: string, url: string): boolean {
	return /^wss:/.test(owner) || !/^(wss|https):/.test(url);
}

async function ask(url: string, withinMs: number, branchOf?: Pick<RelayLinkDeps, 'store' | 'branch'>): Promise<WhereAnswer> {
	const http = new URL(CHALLENGE_PATH, url.replace(/^ws/, 'http'));
	if (branchOf !== undefined) http.search = new URLSearchParams({ store: branchOf.store, branch: branchOf.branch }).toString();
	const response = await fetch(http, { signal: AbortSignal.timeout(withinMs) }).catch(() => undefined);
	if (response?.ok !== true) throw new Error(response === undefined ? 'the relay does not answer' : `the relay answers ${response.status}`);
	const parsed = v.safeParse(whereAnswer, await response.json().catch(() => undefined));
	if (!parsed.success) throw new Error('what answers there is no relay');
	return parsed.output;
}

async function addressWithProof({ store, branch, signer, chain, repoPeer }: RelayLinkDeps, { url, nonce }: Kept): Promise<string> {
	const proof = hexOf(await signer.sign(new TextEncoder().encode(admissionText(nonce, repoPeer))));
	const admission: Record<keyof Admission, string> = { store, branch, device: signer.device, repoPeer, nonce, proof, chain: hexOf(chain) };
	const address = new URL(RELAY_PATH, url);
	address.search = new URLSearchParams(admission).toString();
	return address.href;
}

/** So much waits in the socket itself; a thin line takes it in a second, and the live lane waits no longer than that. */
const FULL_BYTES = 256 * 1024;
const FLUSH_EVERY_MS = 20;

/** One adapter for the Repo; behind it one client after another. */
class SwitchedNetwork extends NetworkAdapter {
	/** When something last came; 0: never. */
	heardAtMs = 0;
	readonly #nowMs: () => number;
	readonly #ready = Promise.withResolvers<undefined>();
	#client: WebSocketClientAdapter | undefined;
	#end: (() => void) | undefined;
	#connected = false;
	readonly #waiting: Message[] = [];
	#flushing: ReturnType<typeof setInterval> | undefined;

	constructor(nowMs: () => number) {
		super();
		this.#nowMs = nowMs;
	}

	override isReady(): boolean {
		return this.#connected;
	}

	override async whenReady(): Promise<void> {
		await this.#ready.promise;
	}

	override connect(peerId: PeerId, peerMetadata?: PeerMetadata): void {
		this.peerId = peerId;
		if (peerMetadata !== undefined) this.peerMetadata = peerMetadata;
		this.#connected = true;
		this.#ready.resolve(undefined);
	}

	override disconnect(): void {
		this.leave();
	}

	override send(message: Message): void {
		// The live lane goes at once; what documents have to say waits while the socket is full, and keeps its order.
		if (message.type === 'ephemeral' || (this.#waiting.length === 0 && !this.#isFull())) this.#sendNow(message);
		else if (this.#client !== undefined) {
			this.#waiting.push(message);
			this.#flushing ??= setInterval(() => {
				this.#flush();
			}, FLUSH_EVERY_MS);
		}
	}

	#isFull(): boolean {
		return (this.#client?.socket?.bufferedAmount ?? 0) > FULL_BYTES;
	}

	#sendNow(message: Message): void {
		try {
			this.#client?.send(message as Parameters<WebSocketClientAdapter['send']>[0]);
		} catch {
			// Not open any more: `close` is on its way, and the documents are compared anew on the next connection.
		}
	}

	#flush(): void {
		while (this.#waiting.length > 0 && !this.#isFull()) {
			const next = this.#waiting.shift();
			if (next !== undefined) this.#sendNow(next);
		}
		if (this.#waiting.length === 0) this.#stopFlushing();
	}

	#stopFlushing(): void {
		this.#waiting.length = 0;
		clearInterval(this.#flushing);
		this.#flushing = undefined;
	}

	/** Resolves when the connection has ended; rejects when it never came to be. */
	async run(url: string, onPeer: () => void): Promise<void> {
		await this.whenReady();
		const { peerId } = this;
		if (peerId === undefined) throw new Error('the Repo has not started');
		// A try that another one overtook may yet come to be: that it ends later would be told of the link that is there by then.
		this.leave();
		const ended = Promise.withResolvers<undefined>();
		const client = new WebSocketClientAdapter(url, NEVER_MS);
		let joined: PeerId | undefined;
		let isOver = false;
		const over = (error?: Error): void => {
			if (isOver) return;
			isOver = true;
			clearTimeout(tooLong);
			if (this.#client === client) {
				this.#client = undefined;
				this.#stopFlushing();
			}
			client.removeAllListeners();
			const { socket } = client;
			if (socket !== undefined) {
				client.onError = () => undefined;
				socket.addEventListener('error', () => undefined);
				client.remotePeerId = undefined as unknown as PeerId;
				client.disconnect();
			}
			if (joined !== undefined) this.emit('peer-disconnected', { peerId: joined });
			if (error === undefined) ended.resolve(undefined);
			else ended.reject(error);
		};
		const tooLong = setTimeout(() => {
			over(new Error('the relay does not answer'));
		}, CONNECT_MS);
		// Its own handlers throw on most errors, and connect again with a proof that is spent.
		client.onError = () => undefined;
		client.onClose = () => {
			over(joined === undefined ? new Error('the relay refused the connection') : undefined);
		};
		client.onMessage = ({ data }) => {
			this.heardAtMs = this.#nowMs();
			const frame = data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
			if (frame !== undefined && isRelayFrame(frame, peerId, joined)) client.receiveMessage(frame);
		};
		client.on('peer-candidate', (candidate) => {
			clearTimeout(tooLong);
			joined = candidate.peerId;
			this.emit('peer-candidate', candidate);
			onPeer();
		});
		client.on('message', (message) => {
			this.emit('message', message);
		});
		this.#client = client;
		this.#end = () => {
			over();
		};
		try {
			client.connect(peerId, this.peerMetadata);
		} catch (error) {
			over(error instanceof Error ? error : new Error(String(error)));
		}
		await ended.promise;
	}

	leave(): void {
		this.#end?.();
		this.#end = undefined;
	}
}
