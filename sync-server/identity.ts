/** The keys of a server, in its data folder. The root key comes into being when a shop is made here, and signs nothing but the first hub. */
import { join } from 'node:path';
import { peerIdOfSeed } from '#adapters/lan-libp2p/network-key.ts';
import { seedInFile, signerInFile } from '#adapters/keys-file/keys-file.ts';
import type { Signer } from '#ports';

export interface Identity {
	readonly signer: Signer;
	readonly networkSeed: Uint8Array;
	/** libp2p peer id of the network key; also the name of this process in automerge-repo. */
	readonly peer: string;
	root(): Signer;
}

export async function openIdentity(folder: string): Promise<Identity> {
	const keys = join(folder, 'keys');
	const networkSeed = seedInFile(join(keys, 'network.key'));
	return {
		signer: signerInFile(join(keys, 'device.key')),
		networkSeed,
		peer: await peerIdOfSeed(networkSeed),
		root: () => signerInFile(join(keys, 'root.key')),
	};
}
