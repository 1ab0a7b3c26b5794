/**
 * What the devices of one branch write for the whole store reaches the store's other branches on this relay: products, prices, people, customers, transfers,
 * claims. From there it goes as all catch-up does, to whoever holds the lease and over the LAN.
 *
 * 1. A branch hands on what its own devices wrote, and nothing else: every entry comes from where it was written.
 * 2. It goes through the same door as everything from others: a signature that does not verify stops here.
 * 3. What a branch has is asked of its ledger each time: nothing is kept here, and a relay that starts again begins where each branch stands.
 * 4. One page at a time; a disk that fails is asked again with the next entry or the next look.
 * 5. A branch that was let go is taken up again for what others wrote.
 * 6. A branch that another process keeps is read in the record, a second or two after it was written: nobody's commit waits for it, and nobody is called.
 */
import type { BranchName, EntryStore, SharedRecord, Timers } from '#ports';
import type { Certificate } from '#schemas/certificate.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import type { Branch } from './branch.ts';

export interface StoreShare {
	/** From now on this branch gives and takes. */
	add(branch: Branch): void;
	/** It goes from memory, and is to be taken up and added again for what others write. Resolves when nothing is being handed to it any more. */
	rest(branch: Branch, wake: () => void): Promise<void>;
	/** It is closed, or is another process's now. */
	remove(name: Pick<BranchName, 'store' | 'branch'>): void;
	/** Resolves when what is under way is through. */
	close(): Promise<void>;
}

const PAGE = 500;
/** A branch whose disk failed, or whose certificate came late, is looked at again. */
const LOOK_EVERY_MS = 60_000;
/** One question a store; what costs more is asked of branches alone that were written since. */
const LOOK_ELSEWHERE_MS = 1_000;

export interface StoreShareDeps {
	readonly timers: Timers;
	/** Where other processes keep branches of the same stores. */
	readonly shared?: Pick<SharedRecord, 'branchesOf' | 'storeChains' | 'read'> | undefined;
	readonly onFailed: (error: unknown) => void;
}

/** A device's chain of the store scope, to hand on. */
interface StoreChain {
	readonly device: DeviceId;
	/** The certificates that prove it. */
	readonly certificates: Uint8Array;
	readonly fromSeq: number;
	/** The branch that it comes from. */
	readonly home: BranchId;
}

/** What is kept of a branch that was let go. */
interface Resting extends Pick<BranchName, 'store' | 'branch'> {
	readonly devices: readonly Pick<Certificate, 'device' | 'branch'>[];
	/** Of store chains. */
	readonly wholeSeq: ReadonlyMap<DeviceId, number>;
	readonly wake: () => void;
}

const keyOf = ({ store, branch }: Pick<BranchName, 'store' | 'branch'>): string => `${store}-${branch}`;

export function createStoreShare({ timers, shared, onFailed }: StoreShareDeps): StoreShare {
	const members = new Set<Branch>();
	const resting = new Map<string, Resting>();
	/** One that stayed after all is added twice. */
	const listening = new WeakSet<Branch>();
	/** Who waits to be given what is new. */
	const wanting = new Set<Branch>();
	let running: Promise<void> | undefined;
	let closed = false;

	function want(branches: Iterable<Branch>): void {
		for (const branch of branches) wanting.add(branch);
		if (running !== undefined || closed || wanting.size === 0) return;
		running = run().finally(() => {
			running = undefined;
			want([]); // One may have come between the last look and the end.
		});
	}

	async function run(): Promise<void> {
		while (wanting.size > 0 && !closed) {
			const [to] = wanting;
			if (to === undefined) return;
			wanting.delete(to);
			for (const from of othersOf(to)) await give(from, to).catch(onFailed);
		}
	}

	const storeOf = (one: Branch | Resting): StoreId => ('ledger' in one ? one.ledger.store : one.store);
	const othersOf = (branch: Branch): readonly Branch[] => [...members].filter((one) => one !== branch && one.ledger.store === branch.ledger.store);

	async function give(from: Branch, to: Branch): Promise<void> {
		for (const { device, scope, fromSeq } of from.ledger.lackedBy(to.ledger.locator())) {
			const certificates = from.verifier.chainOf(device);
			const home = from.ledger.branch;
			if (scope !== 'store' || certificates === undefined || from.verifier.certificateOf(device)?.branch !== home) continue;
			await handOn({ device, certificates, fromSeq, home }, from.entryStore, to);
		}
	}

	async function handOn({ device, certificates, fromSeq, home }: StoreChain, from: Pick<EntryStore, 'chain'>, to: Branch): Promise<void> {
		for (let next = fromSeq; !closed;) {
			const sealed = await from.chain(device, 'store', next, PAGE);
			if (sealed.length === 0) return;
			const items = [certificates, ...sealed];
			to.replica.take(items.map((bytes) => ({ bytes, route: 'catch-up', source: `branch ${home}` })));
			await to.replica.idle();
			to.replica.pass(items);
			if (sealed.length < PAGE) return;
			// Places of a fork share a number: the last page is read from its own end.
			const reached = to.ledger.chain(device, 'store')?.heldSeq ?? 0;
			if (reached < next) return;
			next = reached + 1;
		}
	}

	// ——— branches that other processes keep

	/** How often each had been written when it was last read by all that are here. Whoever comes begins another one. */
	let read = new Map<string, number>();

	async function lookElsewhere(of: NonNullable<typeof shared>): Promise<void> {
		for (const store of new Set([...members, ...resting.values()].map(storeOf))) {
			const here = new Set([...[...members].map(({ ledger }) => keyOf(ledger)), ...resting.keys()]);
			for (const { branch, writes } of await of.branchesOf(store)) {
				const key = keyOf({ store, branch });
				if (closed || here.has(key) || read.get(key) === writes) continue;
				const readByThese = read;
				await readBranch(of, store, branch);
				readByThese.set(key, writes);
			}
		}
	}

	async function readBranch(of: NonNullable<typeof shared>, store: StoreId, home: BranchId): Promise<void> {
		const takers = [...members].filter(({ ledger }) => ledger.store === store && ledger.branch !== home);
		const sleepers = [...resting.values()].filter((one) => one.store === store);
		const known = [...takers.flatMap(({ verifier }) => verifier.devices()), ...sleepers.flatMap(({ devices }) => devices)];
		const ofOthers = known.flatMap(({ device, branch }) => (branch === home ? [] : [device]));
		for (const { device, chain, seq } of await of.storeChains({ store, branch: home }, [...new Set(ofOthers)])) {
			for (const { wholeSeq, wake } of sleepers) if (seq > (wholeSeq.get(device) ?? 0)) wake();
			for (const to of takers) {
				const whole = to.ledger.chain(device, 'store')?.wholeSeq ?? 0;
				if (closed || seq <= whole) continue;
				await to.replica.takeChain(chain);
				if (to.verifier.certificateOf(device)?.branch !== home) continue;
				await handOn({ device, certificates: chain, fromSeq: whole + 1, home }, of.read({ store, branch: home }), to);
			}
		}
	}

	let looking: Promise<void> = Promise.resolve();
	const stopElsewhere =
		shared === undefined
			? undefined
			: timers.every(LOOK_ELSEWHERE_MS, () => {
					looking = lookElsewhere(shared).catch(onFailed);
					return looking;
				});

	const stopLooking = timers.every(LOOK_EVERY_MS, () => {
		want(members);
		read = new Map();
	});

	function leave(name: Pick<BranchName, 'store' | 'branch'>): void {
		resting.delete(keyOf(name));
		for (const branch of members) {
			if (keyOf(branch.ledger) !== keyOf(name)) continue;
			members.delete(branch);
			wanting.delete(branch);
		}
	}

	return {
		add(branch) {
			resting.delete(keyOf(branch.ledger));
			members.add(branch);
			if (!listening.has(branch))
				branch.replica.onFolded(({ added }) => {
					if (!added.some(({ header }) => header.scope === 'store')) return;
					want(othersOf(branch));
					for (const { store, wake } of [...resting.values()]) if (store === branch.ledger.store) wake();
				});
			listening.add(branch);
			want([branch, ...othersOf(branch)]);
			read = new Map();
		},
		async rest(branch, wake) {
			const { ledger, verifier } = branch;
			const isWaiting = wanting.has(branch);
			leave(ledger);
			const { store } = ledger;
			const devices = verifier.devices().map(({ device, branch: home }) => ({ device, branch: home }));
			const wholeSeq = new Map(devices.map(({ device }) => [device, ledger.chain(device, 'store')?.wholeSeq ?? 0]));
			resting.set(keyOf(ledger), { store, branch: ledger.branch, devices, wholeSeq, wake });
			if (isWaiting) wake();
			await running;
			await looking;
		},
		remove: leave,
		async close() {
			closed = true;
			stopLooking();
			stopElsewhere?.();
			await looking;
			await running;
		},
	};
}
