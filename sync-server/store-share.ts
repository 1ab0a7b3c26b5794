/**
 * What the devices of one branch write for the whole store reaches the store's other branches on this relay: products, prices, people, customers, transfers,
 * claims. From there it goes as all catch-up does, to whoever holds the lease and over the LAN.
 *
 * 1. A branch hands on what its own devices wrote, and nothing else: every entry comes from where it was written.
 * 2. It goes through the same door as everything from others: a signature that does not verify stops here.
 * 3. What a branch has is asked of its ledger each time: nothing is kept here, and a relay that starts again begins where each branch stands.
 * 4. One page at a time; a disk that fails is asked again with the next entry or the next look.
 * 5. A branch that was let go is taken up again for what others wrote.
 * 6. A branch that takes long over what it is given keeps no other store waiting, nor a branch that goes from memory: one that is just being given something, or read, stays.
 * 7. A branch that another process keeps is read in the record, a second or two after it was written: nobody's commit waits for it, and nobody is called.
 */
import type { BranchName, EntryStore, SharedRecord, Timers } from '#ports';
import type { Certificate } from '#schemas/certificate.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import type { Branch } from './branch.ts';

export interface StoreShare {
	/** From now on this branch gives and takes. */
	add(branch: Branch): void;
	/** It goes from memory, and is to be taken up and added again for what others write: at once where something is on its way to it, or from it. */
	rest(branch: Branch, wake: () => void): void;
	/** It is closed, or is another process's now. */
	remove(name: Pick<BranchName, 'store' | 'branch'>): void;
	/** Hands on nothing more. Resolves when what is under way is through, for which no branch may wait for its disk any more. */
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
	/** By store: who is given something now, one branch after another. */
	const running = new Map<StoreId, Promise<void>>();
	/** What is being given something or read, and how often. */
	const busy = new Map<string, number>();
	let closed = false;

	function want(branches: Iterable<Branch>): void {
		for (const branch of branches) wanting.add(branch);
		if (closed) return;
		for (const store of new Set([...wanting].map(storeOf))) {
			if (running.has(store)) continue;
			const run = runOf(store).finally(() => {
				running.delete(store);
				want([]); // One may have come between the last look and the end.
			});
			running.set(store, run);
		}
	}

	async function runOf(store: StoreId): Promise<void> {
		for (;;) {
			const to = [...wanting].find((one) => storeOf(one) === store);
			if (to === undefined || closed) return;
			wanting.delete(to);
			for (const from of othersOf(to)) if (members.has(from) && members.has(to)) await give(from, to).catch(onFailed);
		}
	}

	async function whileBusy(names: readonly Pick<BranchName, 'store' | 'branch'>[], work: () => Promise<void>): Promise<void> {
		const keys = names.map(keyOf);
		for (const key of keys) busy.set(key, (busy.get(key) ?? 0) + 1);
		try {
			await work();
		} finally {
			for (const key of keys) {
				const left = (busy.get(key) ?? 1) - 1;
				if (left === 0) busy.delete(key);
				else busy.set(key, left);
			}
		}
	}

	const storeOf = (one: Branch | Resting): StoreId => ('ledger' in one ? one.ledger.store : one.store);
	const othersOf = (branch: Branch): readonly Branch[] => [...members].filter((one) => one !== branch && one.ledger.store === branch.ledger.store);

	async function give(from: Branch, to: Branch): Promise<void> {
		for (const { device, scope, fromSeq } of from.ledger.lackedBy(to.ledger.locator())) {
			const certificates = from.verifier.chainOf(device);
			const home = from.ledger.branch;
			if (scope !== 'store' || certificates === undefined || from.verifier.certificateOf(device)?.branch !== home) continue;
			await whileBusy([from.ledger, to.ledger], () => handOn({ device, certificates, fromSeq, home }, from.entryStore, to));
		}
	}

	async function handOn({ device, certificates, fromSeq, home }: StoreChain, from: Pick<EntryStore, 'chain'>, to: Branch): Promise<void> {
		for (let next = fromSeq; !closed;) {
			const sealed = await from.chain(device, 'store', next, PAGE);
			if (sealed.length === 0) return;
			const items = [certificates, ...sealed];
			to.replica.take(items.map((bytes) => ({ bytes, route: 'catch-up', source: `branch ${home}` })));
			await to.replica.idle();
			if (closed) return;
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

	/** By store: what other processes' branches have is being given to those that are here. The record is asked of one store after another. */
	const giving = new Map<StoreId, Promise<void>>();
	let looking: Promise<void> = Promise.resolve();

	async function lookElsewhere(of: NonNullable<typeof shared>): Promise<void> {
		for (const store of new Set([...members, ...resting.values()].map(storeOf))) {
			if (giving.has(store)) continue;
			const gifts = await giftsFor(store, of);
			if (gifts.length === 0) continue;
			const given = giveAll(gifts)
				.catch(onFailed)
				.finally(() => giving.delete(store));
			giving.set(store, given);
		}
	}

	async function giveAll(gifts: readonly (() => Promise<void>)[]): Promise<void> {
		for (const give of gifts) await give();
	}

	async function giftsFor(store: StoreId, of: NonNullable<typeof shared>): Promise<readonly (() => Promise<void>)[]> {
		const here = new Set([...[...members].map(({ ledger }) => keyOf(ledger)), ...resting.keys()]);
		const gifts: (() => Promise<void>)[] = [];
		for (const { branch, writes } of await of.branchesOf(store)) {
			const key = keyOf({ store, branch });
			if (closed || here.has(key) || read.get(key) === writes) continue;
			const readByThese = read;
			gifts.push(...(await giftsOf(of, store, branch)), async () => void readByThese.set(key, writes));
		}
		return gifts;
	}

	async function giftsOf(of: NonNullable<typeof shared>, store: StoreId, home: BranchId): Promise<readonly (() => Promise<void>)[]> {
		const takers = [...members].filter(({ ledger }) => ledger.store === store && ledger.branch !== home);
		const sleepers = [...resting.values()].filter((one) => one.store === store);
		const known = [...takers.flatMap(({ verifier }) => verifier.devices()), ...sleepers.flatMap(({ devices }) => devices)];
		const ofOthers = known.flatMap(({ device, branch }) => (branch === home ? [] : [device]));
		const chains = await of.storeChains({ store, branch: home }, [...new Set(ofOthers)]);
		for (const { device, seq } of chains) for (const { wholeSeq, wake } of sleepers) if (seq > (wholeSeq.get(device) ?? 0)) wake();
		return chains.flatMap(({ device, chain, seq }) =>
			takers.map((to) => async () => {
				const whole = to.ledger.chain(device, 'store')?.wholeSeq ?? 0;
				if (closed || seq <= whole || !members.has(to)) return;
				await whileBusy([to.ledger], async () => {
					await to.replica.takeChain(chain);
					if (to.verifier.certificateOf(device)?.branch !== home) return;
					await handOn({ device, certificates: chain, fromSeq: whole + 1, home }, of.read({ store, branch: home }), to);
				});
			}),
		);
	}

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
		rest(branch, wake) {
			const { ledger, verifier } = branch;
			const isWaiting = wanting.has(branch) || busy.has(keyOf(ledger));
			leave(ledger);
			const { store } = ledger;
			const devices = verifier.devices().map(({ device, branch: home }) => ({ device, branch: home }));
			const wholeSeq = new Map(devices.map(({ device }) => [device, ledger.chain(device, 'store')?.wholeSeq ?? 0]));
			resting.set(keyOf(ledger), { store, branch: ledger.branch, devices, wholeSeq, wake });
			if (isWaiting) wake();
		},
		remove: leave,
		async close() {
			closed = true;
			stopLooking();
			stopElsewhere?.();
			await looking;
			await Promise.all([...giving.values(), ...running.values()]);
		},
	};
}
