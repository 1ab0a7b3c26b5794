/**
 * The keys of a server, in its data folder. Those of enrolment are `device.key` and `network.key`; keys that it renewed to lie beside them, with their generation
 * in the name, and those that are in force are the ones that its certificate chain names: no file is ever another key than before. The root key comes into being when a shop is made here, signs nothing but the first hub, and leaves when somebody has
 * shown that it is kept elsewhere: whoever steals this machine then cannot sign hubs with it.
 */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { peerIdOfSeed } from '#adapters/lan-libp2p/network-key.ts';
import { forgetKeyIn, knownSeedInFile, knownSignerInFile, seedInFile, seedOfSignerIn, signerInFile } from '#adapters/keys-file/keys-file.ts';
import type { KeyInForce } from '#core/entry/certificate.ts';
import type { NextKeys } from '#engine/own-renewal.ts';
import type { Signer } from '#ports';

export interface Identity {
	readonly signer: Signer;
	readonly networkSeed: Uint8Array;
	/** libp2p peer id of the network key; also the name of this process in automerge-repo. */
	readonly peer: string;
	/** Of the generation after this one; on the disk when it resolves, and the same at every start. */
	next(): Promise<NextKeys>;
	/** Made on first use. */
	root(): Signer;
	/** Undefined where there is none, or none any more. */
	rootSeed(): Uint8Array | undefined;
	forgetRoot(): void;
}

export interface IdentityPlace {
	/** Where the key files lie, if not in the folder. */
	readonly keys?: string | undefined;
	readonly inForce?: KeyInForce | undefined;
}

/** `inForce`: what the device's own certificate chain names; absent: the keys of enrolment. */
export async function openIdentity(folder: string, { keys = join(folder, 'keys'), inForce }: IdentityPlace = {}): Promise<Identity> {
	const root = join(keys, 'root.key');
	const generation = inForce?.generation ?? 0;
	const fileOf = (name: 'device' | 'network', of: number): string => join(keys, of === 0 ? `${name}.key` : `${name}.${of}.key`);
	const networkSeed = (generation === 0 ? seedInFile : knownSeedInFile)(fileOf('network', generation));
	const peer = await peerIdOfSeed(networkSeed);
	if (inForce !== undefined && peer !== inForce.peer)
		throw new Error(`the network key in ${fileOf('network', generation)} is not the one that this device goes by. Restore it from a backup`);
	return {
		signer: signerOf(),
		networkSeed,
		peer,
		async next() {
			const seed = seedInFile(fileOf('network', generation + 1));
			const { device: key, sign } = signerInFile(fileOf('device', generation + 1));
			return { key, sign, peer: await peerIdOfSeed(seed) };
		},
		root: () => signerInFile(root),
		rootSeed: () => seedOfSignerIn(root),
		forgetRoot: () => {
			forgetKeyIn(root);
		},
	};

	function signerOf(): Signer {
		if (inForce === undefined || generation === 0) return signerInFile(fileOf('device', 0));
		const { sign } = knownSignerInFile(fileOf('device', generation), inForce.key);
		return { device: inForce.device, key: inForce.key, sign };
	}
}

/** What all processes of a relay know, and nobody else: its nonces are made with it, and what one asks another is proven with it. */
export function processKeyOf(networkSeed: Uint8Array): Uint8Array {
	return createHmac('sha256', networkSeed).update('holdfast processes of a relay').digest();
}
