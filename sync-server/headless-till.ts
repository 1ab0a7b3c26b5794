/**
 * A till without a screen: the same core, engine, documents and LAN adapter as in a browser, over SQLite. For the replay and for tests that need many tills.
 *
 * 1. It is enrolled as a browser is: by the hub's code, under the key that it proves to hold.
 * 2. While no hub is linked it asks at the hub's address who is there now, as a browser does, and whether it was removed:
 *    a hub may be put back, or be another one, and links with no device that was.
 * 3. It has no door, so it announces none; hubs that announce theirs it finds, where it may listen.
 * 4. Where it has renewed its keys, its own chain is what says so, and a hub that may not have heard is shown it first.
 * 5. `stop` and `start` of its LAN are what pulling the cable and plugging it in again are.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSystemTimers, systemClock, systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { createLan, type LibP2pLan } from '#adapters/lan-libp2p/lan.ts';
import { createPortNetwork } from '#adapters/lan-libp2p/port-network.ts';
import { createFramePorts } from '#adapters/lan-libp2p/same-process.ts';
import { keyInForce } from '#core/entry/certificate.ts';
import { decodeJournal } from '#engine/journal-file.ts';
import type { OwnRenewal } from '#engine/own-renewal.ts';
import type { Till } from '#engine/till.ts';
import type { Clock } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { openBranch, type Branch } from './branch.ts';
import { writeJsonFile } from './data-folder.ts';
import { startDiscovery } from './discovery.ts';
import { askToJoin, removalOf, showRenewed, whoIsAt } from './enrolment/join.ts';
import { openIdentity } from './identity.ts';
import { openSqliteBranch, openOwn } from './storage/storage-sqlite.ts';

export interface HeadlessTill {
	readonly number: number;
	readonly device: DeviceId;
	readonly branch: Branch;
	readonly till: Till;
	readonly lan: LibP2pLan;
	/** `renewed`: it is to be closed and started again, which it does with the new keys. */
	readonly renewKeys: OwnRenewal['renew'];
	close(): Promise<void>;
}

export interface HeadlessTillDeps {
	/** `http://localhost:4400` */
	readonly hub: string;
	/** Its databases and keys lie here. */
	readonly folder: string;
	/** For `POST /enrol/join`; `claim` makes a shop with the plan given instead. */
	readonly code?: string;
	readonly claim?: Readonly<Record<string, unknown>>;
	readonly sealingClock?: Clock;
	/** Listens for hubs of its branch by mDNS on this network card, by its address; absent: it knows the hub's address alone. */
	readonly networkInterface?: string;
	readonly onProblem: (error: unknown) => void;
}

const LOOK_FOR_HUB_MS = 5_000;
/** Its own certificate chain, from the first renewal of its keys on. */
const RENEWED = 'renewed.json';

export async function startHeadlessTill({
	hub,
	folder,
	code,
	claim,
	sealingClock,
	networkInterface,
	onProblem,
}: HeadlessTillDeps): Promise<HeadlessTill> {
	const digest = createNodeDigest();
	const timers = createSystemTimers(onProblem);
	/** With renewed keys it shows its own, later chain. */
	const kept = existsSync(join(folder, RENEWED)) ? bytesOfHex(JSON.parse(readFileSync(join(folder, RENEWED), 'utf8')) as string) : undefined;
	const { signer, networkSeed, peer, next } = await openIdentity(folder, { inForce: kept && keyInForce(kept) });
	if (kept !== undefined) await showRenewed(hub, kept);
	const {
		member,
		chain: given,
		info,
	} = await askToJoin({
		...{ hub, identity: { signer, peer } },
		...(claim === undefined ? { path: 'join', body: { code: code ?? '' } } : { path: 'claim', body: claim }),
	});

	const chain = kept ?? given;

	const [repoPort, lanPort] = createFramePorts();
	const branch = await openBranch({
		...{
			storage: openSqliteBranch(folder),
			genesis: { store: member.store, root: member.root },
			branch: member.branch,
			repoPeer: peer,
			own: {
				...{ signer, chain, ...openOwn(folder), tillNumber: member.till },
				renewal: {
					nextKeys: next,
					keep(renewed: Uint8Array) {
						writeJsonFile(folder, RENEWED, hexOf(renewed));
						return Promise.resolve('saved' as const);
					},
				},
			},
		},
		...{ network: [createPortNetwork(repoPort)], digest, clock: systemClock, timers, random: systemRandom },
		...(sealingClock === undefined ? {} : { sealingClock }),
	});
	const { ledger, replica, verifier, writer } = branch;
	if (writer === undefined) throw new Error('a till writes');
	for (const certificate of member.certificates) await replica.takeChain(bytesOfHex(certificate));
	let addresses: readonly string[] = info.multiaddrs;
	const discovery =
		networkInterface === undefined ? undefined : startDiscovery({ branch: member.branch, peer, port: undefined, networkInterface, onProblem });
	const lan = createLan({
		...{
			store: member.store,
			chain,
			networkSeed,
			verifyChain: (bytes: Uint8Array) => replica.takeChain(bytes),
			port: lanPort,
			clock: systemClock,
			timers,
		},
		isRevoked: (device) => (ledger.state.devices.get(device)?.standing ?? 'active') !== 'active',
		marks: () => replica.heldMarks(),
		formerPeers: verifier.formerPeers,
		knownPeers: () => new Set(verifier.devices().map((one) => one.peer)),
		dial: () => [...new Set([...addresses, ...(discovery?.addresses() ?? [])])],
	});
	lan.onPeers((peers) => {
		replica.setConnected(new Set(peers.map(({ device }) => device)), peers);
	});
	await lan.start();
	const stopLooking = timers.every(LOOK_FOR_HUB_MS, async () => {
		if (lan.peers().some(({ role }) => role === 'hub')) return;
		const now = await whoIsAt(hub);
		if (now?.store !== member.store) return;
		addresses = now.multiaddrs;
		if (kept !== undefined) await showRenewed(hub, kept);
		const removal = decodeJournal((await removalOf(hub, signer.device)) ?? new Uint8Array(), member.store);
		if ('problem' in removal) return;
		for (const certificate of removal.chains) await replica.takeChain(certificate);
		replica.take(removal.sealed.map((bytes) => ({ bytes, route: 'file', source: 'the hub' })));
	});
	return {
		...{ number: member.till, device: signer.device, branch, till: writer.till, lan, renewKeys: writer.renewKeys },
		async close() {
			stopLooking();
			await discovery?.close();
			await lan.stop();
			await branch.close();
		},
	};
}
