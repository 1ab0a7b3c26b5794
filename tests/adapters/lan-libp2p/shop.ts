/** A store with its root key, and devices certified by it, with their LAN: for Node and browser alike. */
import { issueCertificate } from '#engine/certify.ts';
import { createVerifier } from '#engine/verify.ts';
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { createLan, type LanDeps, type LibP2pLan } from '#adapters/lan-libp2p/lan.ts';
import { peerIdOfSeed } from '#adapters/lan-libp2p/network-key.ts';
import { createPortNetwork, type PortNetwork } from '#adapters/lan-libp2p/port-network.ts';
import type { Signer } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';

export interface Member {
	readonly certificate: Certificate;
	readonly chain: Uint8Array;
	readonly networkSeed: Uint8Array;
	readonly peer: string;
}

export interface Shop {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly root: Signer;
	readonly members: Member[];
	/** `changes` make odd certificates. */
	enrol(name: string, role: 'till' | 'hub', changes?: Partial<Certificate>): Promise<Member>;
	verifyChain(bytes: Uint8Array): Promise<Certificate | undefined>;
}

export async function openShop(): Promise<Shop> {
	const root = await signerOf(await generateSigningKey(true));
	const store = hexOf(await createDigest().sha256(bytesOfHex(root.device))).slice(0, 32) as StoreId;
	const branch = hexOf(crypto.getRandomValues(new Uint8Array(16))) as BranchId;
	const members: Member[] = [];
	return {
		store,
		branch,
		root,
		members,
		verifyChain: (bytes) => createVerifier({ digest: createDigest(), store }).chain(bytes),
		async enrol(name, role, changes = {}) {
			const networkSeed = crypto.getRandomValues(new Uint8Array(32));
			const peer = await peerIdOfSeed(networkSeed);
			const { device } = await signerOf(await generateSigningKey(true));
			const certificate: Certificate = {
				v: 1,
				store,
				branch,
				device,
				peer,
				role,
				name,
				rights: ['sell'],
				issuer: root.device,
				issuedAtMs: 1,
				...changes,
			};
			const member = { certificate, chain: await issueCertificate(certificate, root), networkSeed, peer };
			members.push(member);
			return member;
		},
	};
}

export interface Device {
	readonly lan: LibP2pLan;
	readonly network: PortNetwork;
	readonly stop: () => Promise<void>;
}

export function startDevice(shop: Pick<Shop, 'store' | 'verifyChain' | 'members'>, member: Member, changes: Partial<LanDeps> = {}): Device {
	const { port1, port2 } = new MessageChannel();
	const lan = createLan({
		store: shop.store,
		chain: member.chain,
		networkSeed: member.networkSeed,
		verifyChain: (bytes) => shop.verifyChain(bytes),
		isRevoked: (_device: DeviceId) => false,
		formerPeers: () => new Set<string>(),
		marks: () => [],
		knownPeers: () => new Set(shop.members.map(({ peer }) => peer)),
		port: port1,
		dial: () => [],
		clock: systemClock,
		timers: createSystemTimers((error) => {
			throw error;
		}),
		...changes,
	});
	return {
		lan,
		network: createPortNetwork(port2),
		async stop() {
			await lan.stop();
			port1.close();
			port2.close();
		},
	};
}
