/** How a frame gets there: over the link of a device that was let in, or as a stranger would. A link that was ended for what it carried is made again. */
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { Signer } from '#ports';
import type { BranchId, StoreId } from '#schemas/ids.ts';
import { admissionOf, knock, type RawSocket } from '../../adapters/relay-websocket/relay-shop.ts';
import { intrude, type Intruder } from '../../adapters/lan-libp2p/intruder.ts';
import { eventually } from '../eventually.ts';
import type { Names, Request } from './attack.ts';

/** A device that a hub let in. */
export interface Member {
	readonly signer: Signer;
	readonly peer: string;
	readonly chain: Uint8Array;
	readonly networkSeed: Uint8Array;
	readonly store: StoreId;
	readonly branch: BranchId;
}

export interface Sender {
	/** False: the other side lets this device in no more for now. */
	send(say: (link: Link, names: Names) => void): Promise<boolean>;
	/** Why links ended, with how often. */
	readonly ends: ReadonlyMap<string, number>;
	close(): Promise<void>;
}

export interface Link {
	/** `kind` of a LAN link; the relay knows frames alone. */
	say(payload: Uint8Array, kind?: number): void;
}

const FRAME = 1;
/** Whoever is put out of a LAN stays out for half a minute; nobody gains by knocking. */
const OUT_MS = 5_000;
/** Longer than any pause of a busy machine: what is not answered by then never is. */
const ANSWER_MS = 30_000;

export function createRelaySender(port: number, member: Member, relayPeer: string): Sender {
	const ends = new Map<string, number>();
	let raw: RawSocket | undefined;
	let blockedUntilMs = 0;
	const names: Names = { senderId: member.peer, targetId: relayPeer };
	async function open(): Promise<void> {
		const made = await knock({ port }, { ...(await admissionOf({ port }, member, member, { repoPeer: member.peer })) });
		void made.ended.then((reason) => {
			ends.set(reason, (ends.get(reason) ?? 0) + 1);
			if (raw === made) raw = undefined;
		});
		made.send({ type: 'join', senderId: member.peer, peerMetadata: {}, supportedProtocolVersions: ['1'] });
		raw = made;
	}
	return {
		ends,
		async send(say) {
			if (Date.now() < blockedUntilMs) return false;
			if (raw === undefined)
				await open().catch((error: unknown) => {
					blockedUntilMs = Date.now() + OUT_MS;
					const words = `refused: ${error instanceof Error ? error.message : String(error)}`;
					ends.set(words, (ends.get(words) ?? 0) + 1);
				});
			if (raw === undefined) return false;
			const open_ = raw;
			open_.heard.length = 0;
			say({ say: (payload) => open_.sendBytes(payload) }, names);
			return true;
		},
		async close() {
			raw?.close();
		},
	};
}

export function createHubSender(address: string, member: Member, hubPeer: string): Sender & { hello(payload: Uint8Array): Promise<boolean> } {
	const ends = new Map<string, number>();
	let link: Intruder | undefined;
	let blockedUntilMs = 0;
	const names: Names = { senderId: member.peer, targetId: hubPeer };
	const count = (reason: string): void => void ends.set(reason, (ends.get(reason) ?? 0) + 1);

	async function drop(reason: string): Promise<void> {
		count(reason);
		blockedUntilMs = Date.now() + OUT_MS;
		const ended = link;
		link = undefined;
		await ended?.stop();
	}

	async function connected(): Promise<Intruder | undefined> {
		if (link?.isOut() === true) await drop(link.heard.findLast(({ t }) => t === 'bye')?.reason ?? 'closed');
		if (Date.now() < blockedUntilMs) return undefined;
		try {
			link ??= await intrude(member, member, address);
		} catch {
			await drop('refused at the door');
		}
		return link;
	}

	return {
		ends,
		async hello(payload) {
			const to = await connected();
			to?.say(0, payload);
			return to !== undefined;
		},
		async send(say) {
			const isNew = link === undefined;
			const to = await connected();
			if (to === undefined) return false;
			if (isNew) {
				to.hello({ repoPeer: member.peer });
				await eventually(() => to.isOut() || to.heard.some(({ t }) => t === 'hello'), 'the hub answers a hello').catch(() => undefined);
			}
			if (to.isOut()) return false;
			to.heard.length = 0;
			say({ say: (payload, kind = FRAME) => to.say(kind, payload) }, names);
			return true;
		},
		async close() {
			await link?.stop();
		},
	};
}

/** The status; undefined where it hung up, which a server may. */
export async function ask(port: number, { path, body }: Request): Promise<number | undefined> {
	const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
		...(body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: body as Uint8Array<ArrayBuffer> }),
		signal: AbortSignal.timeout(ANSWER_MS),
	}).catch((error: unknown) => {
		if (error instanceof Error && error.name === 'TimeoutError') throw new Error(`no answer to ${path}`);
		return undefined;
	});
	await answer?.arrayBuffer().catch(() => undefined);
	return answer?.status;
}

/** Resolves when the other side has answered, ended it, or said nothing for a moment. */
export function sayBytes(port: number, bytes: Uint8Array): Promise<void> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
		socket.setTimeout(200, () => socket.destroy());
		socket.on('error', () => undefined);
		socket.on('data', () => undefined);
		socket.on('close', () => resolve());
	});
}

/** Into the hub's door, before anything was proven. */
export function sayAtTheDoor(port: number, bytes: Uint8Array): Promise<void> {
	return new Promise((resolve) => {
		const socket = new WebSocket(`ws://127.0.0.1:${port}/lan`);
		const stop = setTimeout(() => socket.terminate(), 1_000);
		socket.on('open', () => {
			socket.send(bytes);
			socket.close();
		});
		socket.on('error', () => undefined);
		socket.on('close', () => {
			clearTimeout(stop);
			resolve();
		});
	});
}
