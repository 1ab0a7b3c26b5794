/**
 * A ledger that can begin again: from a checkpoint at the start, from farther back when it needs history. Whoever holds it holds the newest.
 *
 * 1. Renewing answers a change that names everything: whoever reads again after changes reads what the new one says.
 */
import type { Checkpoint } from './checkpoint.ts';
import { BOOKS, type BookName } from './books/registry.ts';
import { createLedger, type Ledger, type LedgerChange, type LedgerDeps } from './ledger.ts';

export interface RenewableLedger extends Ledger {
	/** Forgets what is here, and begins from the checkpoint, or from zero. */
	begin(checkpoint: Checkpoint | undefined): void;
	/** Another one, apart, to be filled while this one goes on. */
	draft(checkpoint: Checkpoint | undefined): Ledger;
	/** `checkpoint`: what the draft began from. */
	renew(draft: Ledger, checkpoint?: Checkpoint): LedgerChange;
	/** The ledger was made with these. */
	readonly deps: LedgerDeps;
}

export function createRenewableLedger(from: Omit<LedgerDeps, 'checkpoint'>): RenewableLedger {
	let deps: LedgerDeps = from;
	let now = createLedger(deps);

	const draft = (checkpoint: Checkpoint | undefined): Ledger => createLedger({ ...from, checkpoint });

	return {
		store: from.store,
		branch: from.branch,
		get state() {
			return now.state;
		},
		get deps() {
			return deps;
		},
		begin(checkpoint) {
			deps = { ...from, checkpoint };
			now = draft(checkpoint);
		},
		draft,
		renew(next, checkpoint) {
			now = next;
			deps = { ...from, checkpoint };
			const { state } = now;
			return {
				...{ added: [], duplicates: 0, settings: true, devices: true, relays: true, owed: true, conflicts: true, marks: true },
				skus: new Set(state.stock.keys()),
				products: new Set(state.products.keys()),
				sales: new Set([...state.sales.keys(), ...state.refunds.keys()]),
				books: new Set(Object.keys(BOOKS) as BookName[]),
			};
		},
		add: (entries) => now.add(entries),
		setDamaged: (found) => now.setDamaged(found),
		marks: () => now.marks(),
		locator: () => now.locator(),
		beyondGaps: () => now.beyondGaps(),
		lackedBy: (marks) => now.lackedBy(marks),
		seen: () => now.seen(),
		hlc: () => now.hlc(),
		chains: () => now.chains(),
		chain: (device, scope) => now.chain(device, scope),
		conflicts: () => now.conflicts(),
		sideStanding: (end) => now.sideStanding(end),
		answers: () => now.answers(),
		quarantined: () => now.quarantined(),
		roleOf: (person) => now.roleOf(person),
		keysShown: (device) => now.keysShown(device),
		removalOverreach: (by, of) => now.removalOverreach(by, of),
		mayAccept: (device, member) => now.mayAccept(device, member),
		updateNeeded: () => now.updateNeeded(),
		needsHistory: () => now.needsHistory(),
		missing: () => now.missing(),
		recall: (entries, sought) => now.recall(entries, sought),
		givenBackOf: (sale) => now.givenBackOf(sale),
		asCheckpoint: () => now.asCheckpoint(),
		cuttable: (beforeMs) => now.cuttable(beforeMs),
		size: () => now.size(),
		entry: (hash) => now.entry(hash),
		secondParts: (first) => now.secondParts(first),
		entries: () => now.entries(),
		statusOf: (hash) => now.statusOf(hash),
		hasSeen: (a, b) => now.hasSeen(a, b),
		isCovered: (marks, hash) => now.isCovered(marks, hash),
	};
}
