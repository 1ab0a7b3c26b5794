/**
 * Keys of the key table between the branches of a store: the relay carries what a hub of one asks, and what those of the others answer.
 *
 * 1. It reads nothing of it: an answer is encrypted to the asker's box. An answer goes to whoever asked with that box, and to nobody else.
 * 2. Of each other branch one device is asked, a hub where one is linked, and at most `MOST_ASKED` branches at a time, in turn.
 * 3. What is kept is who asked with which box, `MOST_BOXES` at most, and forgotten with the link.
 */
import { openSignedBody } from '#engine/signed-body.ts';
import type { Digest } from '#ports';
import { bytesOfHex } from '#schemas/cbor.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import { keyAnswer, keyAsk } from '#schemas/wire/keys.ts';
import type { Branch } from '../branch.ts';

export interface KeyShare {
	/** `devices`: who is linked, by repo peer. */
	add(branch: Branch, devices: ReadonlyMap<string, DeviceId>): void;
	remove(branch: Branch): void;
}

/** A store of a thousand branches asks a thousand times a minute, each 2 KB: each ask goes to eight, not to all. */
const MOST_ASKED = 8;
const MOST_BOXES = 10_000;

export function createKeyShare({ digest, onFailed }: { readonly digest: Digest; readonly onFailed: (error: unknown) => void }): KeyShare {
	/** Who was asked longest ago first. */
	const members = new Map<Branch, ReadonlyMap<string, DeviceId>>();
	const boxes = new Map<string, { readonly branch: Branch; readonly peer: string }>();

	async function carryAsk(message: Extract<DirectMessage, { t: 'want-keys' }>, from: Branch, peer: string): Promise<void> {
		const asked = await openSignedBody(bytesOfHex(message.signed), keyAsk, digest);
		if (asked === undefined || members.get(from)?.get(peer) !== asked.issuer) return;
		boxes.delete(asked.box);
		boxes.set(asked.box, { branch: from, peer });
		const [oldest] = boxes.keys();
		if (boxes.size > MOST_BOXES && oldest !== undefined) boxes.delete(oldest);
		const others = [...members].filter(([one, linked]) => one !== from && one.ledger.store === from.ledger.store && linked.size > 0);
		for (const [other, linked] of others.slice(0, MOST_ASKED)) {
			members.delete(other);
			members.set(other, linked);
			const isHub = (device: DeviceId): boolean => other.verifier.certificateOf(device)?.role === 'hub';
			const to = [...linked].find(([, device]) => isHub(device)) ?? [...linked][0];
			if (to !== undefined) other.documents.sendTo(to[0], message);
		}
	}

	async function carryAnswer(message: Extract<DirectMessage, { t: 'keys' }>, from: Branch): Promise<void> {
		const said = await openSignedBody(bytesOfHex(message.signed), keyAnswer, digest);
		const to = said === undefined ? undefined : boxes.get(said.to);
		if (to !== undefined && to.branch !== from && to.branch.ledger.store === from.ledger.store) to.branch.documents.sendTo(to.peer, message);
	}

	return {
		add(branch, devices) {
			members.set(branch, devices);
			branch.documents.onDirect((message, peer) => {
				if (!members.has(branch)) return;
				if (message.t === 'want-keys') carryAsk(message, branch, peer).catch(onFailed);
				else if (message.t === 'keys') carryAnswer(message, branch).catch(onFailed);
			});
			branch.documents.onLinked((peer, isLinked) => {
				if (isLinked) return;
				for (const [box, one] of boxes) if (one.branch === branch && one.peer === peer) boxes.delete(box);
			});
		},
		remove(branch) {
			members.delete(branch);
			for (const [box, one] of boxes) if (one.branch === branch) boxes.delete(box);
		},
	};
}
