/** Somebody who speaks libp2p and our framing, but not our manners. */
import type { Connection, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { createNode } from '#adapters/lan-libp2p/node.ts';
import { decode, encode, hexOf } from '#schemas/cbor.ts';
import { LAN_PROTOCOL } from '#schemas/wire/hello.ts';
import type { Member, Shop } from './shop.ts';

export interface Intruder {
	readonly connection: Connection;
	readonly stream: Stream;
	/** Control messages that came, decoded. */
	readonly heard: { t: string; reason?: string }[];
	/** Bytes as they are. */
	sayRaw(bytes: Uint8Array): void;
	say(kind: number, payload: Uint8Array): void;
	hello(changes?: Record<string, unknown>): void;
	isOut(): boolean;
	stop(): Promise<void>;
}

/** A hub of whose peer id half of all are smaller: of a very small one `enrolSmaller` would draw keys for minutes. */
export async function enrolHub(shop: Shop): Promise<Member> {
	for (;;) {
		const member = await shop.enrol('Hub', 'hub');
		if (member.peer > MIDDLING) return member;
	}
}

/** Ids of Ed25519 keys begin alike; then come the letters A to S. */
const MIDDLING = '12D3KooWH';

/** A member whose peer id is smaller than the hub's, so that opening the stream is its part. */
export async function enrolSmaller(shop: Shop, hub: Member, changes = {}): Promise<Member> {
	for (;;) {
		const member = await shop.enrol('Till 9', 'till', changes);
		if (member.peer < hub.peer) return member;
	}
}

export async function intrude(shop: Pick<Shop, 'store'>, member: Pick<Member, 'chain' | 'networkSeed'>, hubAddress: string): Promise<Intruder> {
	const { libp2p } = await createNode({ networkSeed: member.networkSeed, gater: { denyDialMultiaddr: () => false }, door: undefined });
	await libp2p.start();
	try {
		const connection = await libp2p.dial(multiaddr(hubAddress), { signal: AbortSignal.timeout(5_000) });
		const stream = await connection.newStream(LAN_PROTOCOL, { signal: AbortSignal.timeout(5_000) });
		const heard: Intruder['heard'] = [];
		let arrived: Uint8Array = new Uint8Array();
		stream.addEventListener('message', ({ data }) => {
			arrived = new Uint8Array(Buffer.concat([arrived, data.subarray()]));
			for (;;) {
				const length = arrived.length < 5 ? Infinity : new DataView(arrived.buffer, arrived.byteOffset).getUint32(0);
				if (arrived.length < 5 + length) return;
				if (arrived[4] === 0) heard.push(decode(arrived.slice(5, 5 + length)) as Intruder['heard'][number]);
				arrived = arrived.slice(5 + length);
			}
		});
		return {
			connection,
			stream,
			heard,
			sayRaw: (bytes) => void stream.send(bytes),
			say: (kind, payload) => void stream.send(framed(kind, payload)),
			hello: (changes = {}) => void stream.send(helloOf(shop, member, changes)),
			isOut: () => connection.status !== 'open' || stream.status !== 'open',
			stop: async () => await libp2p.stop(),
		};
	} catch (error) {
		await libp2p.stop();
		throw error;
	}
}

export function helloOf({ store }: Pick<Shop, 'store'>, { chain }: Pick<Member, 'chain'>, changes: Record<string, unknown> = {}): Uint8Array {
	return framed(0, encode({ t: 'hello', hello: { v: 1, store, chain: hexOf(chain), repoPeer: 'intruder', marks: [], ...changes } }));
}

function framed(kind: number, payload: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(5 + payload.length);
	new DataView(bytes.buffer).setUint32(0, payload.length);
	bytes[4] = kind;
	bytes.set(payload, 5);
	return bytes;
}
