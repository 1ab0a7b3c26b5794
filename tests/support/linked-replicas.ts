/** Replicas whose documents carry nothing but direct messages, which arrive at once: catch-up and checkpoints, without Automerge and without a network. */
import { createMemoryEntryStore } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createRenewableLedger, type RenewableLedger } from '#core/ledger/renewable.ts';
import { recover } from '#engine/recover.ts';
import { createReplica, type Replica } from '#engine/replicate.ts';
import { createVerifier, provenBy, type Verifier } from '#engine/verify.ts';
import type { Documents, EntryStore, PrunableEntryStore, Signer } from '#ports';
import { decode, encode } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import { directMessage, MAX_DIRECT_BYTES, type DirectMessage } from '#schemas/wire/direct.ts';
import * as v from 'valibot';
import { createManualTime, type ManualTime } from './manual-time.ts';
import type { SealingShop, SealingTill } from './sealing-till.ts';

export interface LinkedReplica {
	readonly name: string;
	readonly replica: Replica;
	readonly ledger: RenewableLedger;
	readonly time: ManualTime;
	readonly entryStore: EntryStore;
	readonly verifier: Verifier;
	readonly documents: Documents;
	/** What it sent, in order. */
	readonly sent: DirectMessage[];
	hear(message: DirectMessage, from: string): void;
	link(name: string, other: LinkedReplica | undefined): void;
}

export interface LinkedOptions {
	/** What lies on its disk: everything that these have told. */
	readonly tills?: readonly Pick<SealingTill, 'signer' | 'chain' | 'told'>[];
	readonly entryStore?: EntryStore & Partial<PrunableEntryStore>;
	/** A hub or a relay: signs, and keeps everything. */
	readonly signs?: { readonly tier: 'host' | 'cloud'; readonly signer: Signer };
	/** Whose till this is: its entries lie in its vault. */
	readonly own?: SealingTill;
	/** A till that lets go of what others keep. */
	readonly prunes?: boolean;
	readonly nowMs?: number;
	/** What it sends instead. */
	readonly sends?: (message: DirectMessage) => DirectMessage;
}

export async function openLinked(shop: SealingShop, name: string, options: LinkedOptions = {}): Promise<LinkedReplica> {
	const digest = createDigest();
	const verifier = createVerifier({ digest, store: shop.store });
	const ledger = createRenewableLedger({ store: shop.store, branch: shop.branch, ...provenBy(verifier) });
	const entryStore = options.entryStore ?? createMemoryEntryStore();
	for (const till of options.tills ?? []) {
		await entryStore.add(till.told);
		await entryStore.addCertificates([{ device: till.signer.device, chain: till.chain }]);
	}
	if (options.signs?.tier === 'host') await entryStore.addCertificates([{ device: shop.hub.device, chain: shop.hubChain }]);
	const time = createManualTime(options.nowMs);
	const replica = createReplica({
		...{ store: shop.store, branch: shop.branch, keepsOwn: options.signs !== undefined, entryStore, ledger, verifier, digest },
		...(options.own === undefined ? {} : { own: { device: options.own.signer.device, chain: options.own.chain } }),
		...(options.prunes === true ? { prunes: prunableOf(entryStore) } : {}),
		...(options.signs === undefined ? {} : { issues: options.signs }),
		...{ clock: time.clock, timers: time.timers, random: systemRandom },
	});
	const [direct, linked]: [Parameters<Documents['onDirect']>[0][], Parameters<Documents['onLinked']>[0][]] = [[], []];
	const others = new Map<string, LinkedReplica>();
	const nothing = (): void => undefined;
	const { own } = options;
	const peer: Omit<LinkedReplica, 'documents'> = {
		...{ name, replica, ledger, time, entryStore, verifier, sent: [] },
		hear(message, from) {
			for (const listener of direct) listener(message, from);
		},
		link(to, other) {
			if (other === undefined) others.delete(to);
			else others.set(to, other);
			for (const listener of linked) listener(to, other !== undefined);
		},
	};
	await replica.load();
	if (own !== undefined)
		await recover(own.vault, async (sealed) => {
			replica.recover((await Promise.all(sealed.map((bytes) => verifier.entry(bytes)))).filter((entry): entry is Entry => 'header' in entry));
		});
	const documents: Documents = {
		...{
			openSegment: () => Promise.resolve(),
			closeSegment: () => Promise.resolve(),
			restSegment: () => Promise.resolve(),
			append: () => Promise.resolve(),
			changeFloor: () => Promise.resolve(),
			close: () => Promise.resolve(),
		},
		...{ onItems: nothing, onFloor: nothing, broadcast: nothing, onLane: nothing, onDamage: nothing, genesis: () => Promise.resolve(undefined) },
		floor: () => ({ parked: {}, favourites: {}, presence: {} }) as never,
		onDirect: (listener) => direct.push(listener),
		onLinked: (listener) => linked.push(listener),
		sendTo(to, message) {
			const told = options.sends?.(message) ?? message;
			peer.sent.push(told);
			const bytes = encode(told);
			if (bytes.length >= MAX_DIRECT_BYTES) throw new Error(`a direct message of ${bytes.length} bytes`);
			others.get(to)?.hear(v.parse(directMessage, decode(bytes)), name);
		},
	};
	await replica.attach(documents);
	return { ...peer, documents };
}

function prunableOf(entryStore: EntryStore & Partial<PrunableEntryStore>): Pick<PrunableEntryStore, 'prune'> {
	const { prune } = entryStore;
	if (prune === undefined) throw new Error('this entry store keeps everything');
	return { prune };
}

/** Links the two, and lets the time pass after which they ask each other. */
export async function meet(a: LinkedReplica, b: LinkedReplica): Promise<void> {
	a.link(b.name, b);
	b.link(a.name, a);
	await Promise.all([a.time.pass(3_000), b.time.pass(3_000)]);
}
