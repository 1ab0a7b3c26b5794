/**
 * The keys of a server, in its data folder. The root key comes into being when a shop is made here, signs nothing but the first hub, and leaves when somebody has
 * shown that it is kept elsewhere: whoever steals this machine then cannot sign hubs with it.
 */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { peerIdOfSeed } from '#adapters/lan-libp2p/network-key.ts';
import { forgetKeyIn, seedInFile, seedOfSignerIn, signerInFile } from '#adapters/keys-file/keys-file.ts';
import type { Signer } from '#ports';

export interface Identity {
	readonly signer: Signer;
	readonly networkSeed: Uint8Array;
	/** libp2p peer id of the network key; also the name of this process in automerge-repo. */
	readonly peer: string;
	/** Made on first use. */
	root(): Signer;
	/** Undefined where there is none, or none any more. */
	rootSeed(): Uint8Array | undefined;
	forgetRoot(): void;
}

export async function openIdentity(folder: string, keys = join(folder, 'keys')): Promise<Identity> {
	const root = join(keys, 'root.key');
	const networkSeed = seedInFile(join(keys, 'network.key'));
	return {
		signer: signerInFile(join(keys, 'device.key')),
		networkSeed,
		peer: await peerIdOfSeed(networkSeed),
		root: () => signerInFile(root),
		rootSeed: () => seedOfSignerIn(root),
		forgetRoot: () => {
			forgetKeyIn(root);
		},
	};
}

/** What all processes of a relay know, and nobody else: its nonces are made with it, and what one asks another is proven with it. */
export function processKeyOf(networkSeed: Uint8Array): Uint8Array {
	return createHmac('sha256', networkSeed).update('holdfast processes of a relay').digest();
}
