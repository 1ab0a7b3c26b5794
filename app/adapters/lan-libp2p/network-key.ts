/** A device's name on the LAN: the libp2p peer id of its network key, which its certificate names. */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';

/** `seed`: the 32 raw bytes of an Ed25519 key. The peer id is base58 text. */
export async function peerIdOfSeed(seed: Uint8Array): Promise<string> {
	return peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', seed)).toString();
}
