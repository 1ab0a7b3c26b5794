/** `node:crypto` as far as the ledger builder needs it, in a browser: a digest that tells things apart. Nothing here is signed, and nothing is secret. */
interface Digesting {
	update(data: string | Uint8Array): Digesting;
	digest(encoding: 'hex'): string;
}

/** 32 bytes from eight FNV-1a runs (32 bit) with different beginnings. */
export function createHash(_name: string): Digesting {
	const lanes = Array.from({ length: 8 }, (_, lane) => 0x811c9dc5 ^ Math.imul(lane + 1, 0x9e3779b1));
	const hash: Digesting = {
		update(data) {
			for (const byte of typeof data === 'string' ? new TextEncoder().encode(data) : data) {
				for (let lane = 0; lane < 8; lane += 1) lanes[lane] = Math.imul((lanes[lane] ?? 0) ^ byte, 0x01000193 + lane * 2);
			}
			return hash;
		},
		digest: () => lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join(''),
	};
	return hash;
}

export function createPrivateKey(): never {
	throw new Error('the gallery signs nothing');
}

export const createPublicKey = createPrivateKey;
export const sign = createPrivateKey;
