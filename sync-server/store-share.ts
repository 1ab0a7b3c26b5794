/**
 * What the devices of one branch write for the whole store reaches the store's other branches on this relay: products, prices, people, customers, transfers,
 * claims. From there it goes as all catch-up does, to whoever holds the lease and over the LAN.
 *
 * 1. A branch hands on what its own devices wrote, and nothing else: every entry comes from where it was written.
 * 2. It goes through the same door as everything from others: a signature that does not verify stops here.
 * 3. What a branch has is asked of its ledger each time: nothing is kept here, and a relay that starts again begins where each branch stands.
 * 4. One page at a time; a disk that fails is asked again with the next entry or the next look.
 */
import type { Timers } from '#ports';
import type { Branch } from './branch.ts';

export interface StoreShare {
	/** From now on this branch gives and takes. */
	add(branch: Branch): void;
	/** It is closed, or is another process's now. */
	remove(branch: Branch): void;
	/** Resolves when what is under way is through. */
	close(): Promise<void>;
}

const PAGE = 500;
/** A branch whose disk failed, or whose certificate came late, is looked at again. */
const LOOK_EVERY_MS = 60_000;

export function createStoreShare({ timers, onFailed }: { readonly timers: Timers; readonly onFailed: (error: unknown) => void }): StoreShare {
	const members = new Set<Branch>();
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

	const othersOf = (branch: Branch): readonly Branch[] => [...members].filter((one) => one !== branch && one.ledger.store === branch.ledger.store);

	async function give(from: Branch, to: Branch): Promise<void> {
		for (const { device, scope, fromSeq } of from.ledger.lackedBy(to.ledger.locator())) {
			const chain = from.verifier.chainOf(device);
			if (scope !== 'store' || chain === undefined || from.verifier.certificateOf(device)?.branch !== from.ledger.branch) continue;
			for (let next = fromSeq; !closed;) {
				const sealed = await from.entryStore.chain(device, scope, next, PAGE);
				if (sealed.length === 0) break;
				const items = [chain, ...sealed];
				to.replica.take(items.map((bytes) => ({ bytes, route: 'catch-up', source: `branch ${from.ledger.branch}` })));
				await to.replica.idle();
				to.replica.pass(items);
				if (sealed.length < PAGE) break;
				// Places of a fork share a number: the last page is read from its own end.
				const reached = to.ledger.chain(device, scope)?.heldSeq ?? 0;
				if (reached < next) break;
				next = reached + 1;
			}
		}
	}

	const stopLooking = timers.every(LOOK_EVERY_MS, () => {
		want(members);
	});

	return {
		add(branch) {
			members.add(branch);
			branch.replica.onFolded(({ added }) => {
				if (added.some(({ header }) => header.scope === 'store')) want(othersOf(branch));
			});
			want([branch, ...othersOf(branch)]);
		},
		remove(branch) {
			members.delete(branch);
			wanting.delete(branch);
		},
		async close() {
			closed = true;
			stopLooking();
			await running;
		},
	};
}
