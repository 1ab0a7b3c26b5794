/**
 * Keys of the key table between the branches of a store: the relay carries what a hub of one asks, and what those of the others answer.
 *
 * 1. It reads nothing of it: an answer is encrypted to the asker's box. An answer goes to whoever asked with that box, and to nobody else.
 * 2. Of each other branch one device is asked, a hub where one is linked, and at most `MOST_ASKED` branches at a time, in turn.
 * 3. What is kept is who asked with which box, `MOST_BOXES` of a branch at most, and forgotten with the link.
 */
import { openSignedBody } from '#engine/signed-body.ts';
import type { Digest } from '#ports';
import { bytesOfHex } from '#schemas/cbor.ts';
import type { DeviceId, SigningKey, StoreId } from '#schemas/ids.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import { keyAnswer, keyAsk } from '#schemas/wire/keys.ts';

export interface LinkedDevice {
	readonly device: DeviceId;
	/** That it has proven to have. */
	readonly key: SigningKey;
}

/** A branch, be it in memory or not. */
export interface KeyMember {
	readonly store: StoreId;
	/** By repo peer. */
	readonly linked: ReadonlyMap<string, LinkedDevice>;
	isHub(device: DeviceId): boolean;
	sendTo(repoPeer: string, message: DirectMessage): void;
}

export interface KeyShare {
	add(member: KeyMember): void;
	/** A message of a member's device. True: it is one of these, and taken care of. */
	hear(message: DirectMessage, from: KeyMember, repoPeer: string): boolean;
	/** The device has gone. */
	forget(from: KeyMember, repoPeer: string): void;
	remove(member: KeyMember): void;
}

/** A store of a thousand branches asks a thousand times a minute, each 2 KB: each ask goes to eight, not to all. */
const MOST_ASKED = 8;
/** A device has one in each of its runs, and a branch a few dozen devices. */
const MOST_BOXES = 1_000;

export function createKeyShare({ digest, onFailed }: { readonly digest: Digest; readonly onFailed: (error: unknown) => void }): KeyShare {
	/** Who was asked longest ago first. */
	const members = new Set<KeyMember>();
	const boxes = new Map<string, { readonly member: KeyMember; readonly peer: string }>();
	/** The one that was asked with longest ago first. */
	const boxesOf = new Map<KeyMember, Set<string>>();

	function keep(box: string, member: KeyMember, peer: string): void {
		drop(box);
		boxes.set(box, { member, peer });
		const own = boxesOf.get(member) ?? new Set<string>();
		boxesOf.set(member, own.add(box));
		const [oldest] = own;
		if (own.size > MOST_BOXES && oldest !== undefined) drop(oldest);
	}

	function drop(box: string): void {
		const one = boxes.get(box);
		if (one === undefined) return;
		boxes.delete(box);
		boxesOf.get(one.member)?.delete(box);
	}

	/** Of what a member's devices say: by the key of the link, and of whoever is not linked by the one of its enrolment. */
	function proofsOf({ linked }: KeyMember): Digest {
		const provenKeyOf = (by: SigningKey): SigningKey => [...linked.values()].find(({ device }) => device === by)?.key ?? by;
		return { sha256: digest.sha256, verify: (by, bytes, signature) => digest.verify(provenKeyOf(by), bytes, signature) };
	}

	async function carryAsk(message: Extract<DirectMessage, { t: 'want-keys' }>, from: KeyMember, peer: string): Promise<void> {
		const asked = await openSignedBody(bytesOfHex(message.signed), keyAsk, proofsOf(from));
		if (asked === undefined || !members.has(from) || from.linked.get(peer)?.device !== asked.issuer) return;
		keep(asked.box, from, peer);
		const others = [...members].filter((one) => one !== from && one.store === from.store && one.linked.size > 0);
		for (const other of others.slice(0, MOST_ASKED)) {
			members.delete(other);
			members.add(other);
			const linked = [...other.linked];
			const to = linked.find(([, { device }]) => other.isHub(device)) ?? linked[0];
			if (to !== undefined) other.sendTo(to[0], message);
		}
	}

	async function carryAnswer(message: Extract<DirectMessage, { t: 'keys' }>, from: KeyMember): Promise<void> {
		const said = await openSignedBody(bytesOfHex(message.signed), keyAnswer, proofsOf(from));
		const to = said === undefined ? undefined : boxes.get(said.to);
		if (to !== undefined && to.member !== from && to.member.store === from.store) to.member.sendTo(to.peer, message);
	}

	return {
		add(member) {
			members.add(member);
		},
		hear(message, from, repoPeer) {
			if (message.t === 'want-keys') carryAsk(message, from, repoPeer).catch(onFailed);
			else if (message.t === 'keys') carryAnswer(message, from).catch(onFailed);
			else return false;
			return true;
		},
		forget(from, repoPeer) {
			for (const box of [...(boxesOf.get(from) ?? [])]) if (boxes.get(box)?.peer === repoPeer) drop(box);
		},
		remove(member) {
			members.delete(member);
			for (const box of boxesOf.get(member) ?? []) boxes.delete(box);
			boxesOf.delete(member);
		},
	};
}
