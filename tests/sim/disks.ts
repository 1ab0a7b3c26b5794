/**
 * Disks that outlive their process: the vault and the entry store of one machine. They can be copied, set back to an earlier moment, filled up, lost.
 *
 * 1. The vault is the in-memory adapter that keeps the contracts; it is set back by playing its log again up to a moment.
 * 2. What is on a disk survives every loss of power.
 */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { StorageError, type DamagedBytes, type EntryStore, type StoreCursor, type Vault } from '#ports';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Power } from './power.ts';

export interface VaultDisk {
	/** What its owner has made true, in order. */
	recorded(): readonly Entry[];
	/** How long its log is: a moment to which it can be set back. */
	length(): number;
	open(power: Power, isFull: () => boolean): Vault;
	/** As it was at that moment of its log. */
	copy(length?: number): Promise<VaultDisk>;
	/** Read without a process. */
	readonly raw: Vault;
}

interface Logged {
	readonly write: (vault: Vault) => Promise<unknown>;
	readonly entries: readonly Entry[];
}

/** A write takes up to so many milliseconds of the world. */
const SLOWEST_WRITE_MS = 12;

export async function createVaultDisk(from: readonly Logged[] = []): Promise<VaultDisk> {
	const raw = createMemoryVault();
	const log: Logged[] = [];
	const recorded: Entry[] = [];
	for (const one of from) {
		await one.write(raw);
		log.push(one);
		recorded.push(...one.entries);
	}

	return {
		raw,
		recorded: () => recorded,
		length: () => log.length,
		copy: (length = log.length) => createVaultDisk(log.slice(0, length)),
		open(power, isFull) {
			function write<Result>(work: (vault: Vault) => Promise<Result>, entriesOf: (result: Result) => readonly Entry[] = () => []): Promise<Result> {
				return power.step(async () => {
					if (isFull()) throw new StorageError('full', 'the disk is full');
					const result = await work(raw);
					const entries = entriesOf(result);
					log.push({ write: work, entries });
					recorded.push(...entries);
					return result;
				}, SLOWEST_WRITE_MS);
			}
			const read = <Result>(work: () => Promise<Result>): Promise<Result> => power.step(work);
			return {
				read: () => read(() => raw.read()),
				record: (change) =>
					write(
						(vault) => vault.record(change),
						(outcome) => ('recorded' in outcome ? change.entries : []),
					),
				takeBack: (change) => write((vault) => vault.takeBack(change)),
				saleByKey: (key) => read(() => raw.saleByKey(key)),
				entriesByKey: (key) => read(() => raw.entriesByKey(key)),
				salesByStatus: (status, limit) => read(() => raw.salesByStatus(status, limit)),
				markLedgered: (scope, seq, ownership) => write((vault) => vault.markLedgered(scope, seq, ownership)),
				ownEntries: (scope, fromSeq, limit) => read(() => raw.ownEntries(scope, fromSeq, limit)),
				prune: (seq, ownership) => write((vault) => vault.prune(seq, ownership)),
				recordedAbove: (seqs) => read(() => raw.recordedAbove(seqs)),
				carts: () => read(() => raw.carts()),
				saveCart: (cart, ownership) => write((vault) => vault.saveCart(cart, ownership)),
				dropCart: (key, ownership) => write((vault) => vault.dropCart(key, ownership)),
				takeOwnership: () => write((vault) => vault.takeOwnership()),
				getValue: (name) => read(() => raw.getValue(name)),
				setValue: (name, value, ownership) => write((vault) => vault.setValue(name, value, ownership)),
				close: () => Promise.resolve(),
			};
		},
	};
}

export interface EntryDisk {
	readonly entries: ReadonlyMap<EntryHash, Entry>;
	open(power: Power, isFull: () => boolean): EntryStore;
	copy(): EntryDisk;
	/** A disk that loses what it was given: to see that the world notices. */
	forget(hash: EntryHash): void;
}

export function createEntryDisk(from?: {
	readonly entries: ReadonlyMap<EntryHash, Entry>;
	readonly certificates: ReadonlyMap<DeviceId, Uint8Array>;
	readonly damaged: readonly DamagedBytes[];
	readonly caches: ReadonlyMap<string, Uint8Array>;
}): EntryDisk {
	const entries = new Map(from?.entries);
	const certificates = new Map(from?.certificates);
	const damaged = [...(from?.damaged ?? [])];
	const caches = new Map(from?.caches);
	let sorted: readonly Entry[] | undefined;

	function inOrder(): readonly Entry[] {
		return (sorted ??= [...entries.values()].sort((a, b) => compareCursors(cursorOf(a), cursorOf(b))));
	}

	return {
		entries,
		copy: () => createEntryDisk({ entries, certificates, damaged, caches }),
		forget(hash) {
			entries.delete(hash);
			sorted = undefined;
		},
		open(power, isFull) {
			const write = <Result>(work: () => Result): Promise<Result> =>
				power.step(() => {
					if (isFull()) throw new StorageError('full', 'the disk is full');
					return work();
				}, SLOWEST_WRITE_MS);
			return {
				add: (added) =>
					write(() => {
						const fresh = new Set<EntryHash>();
						for (const entry of added) {
							if (entries.has(entry.hash)) continue;
							entries.set(entry.hash, entry);
							fresh.add(entry.hash);
						}
						if (fresh.size > 0) sorted = undefined;
						return fresh;
					}),
				page: (after, limit) =>
					power.step(() => {
						const rest = inOrder().filter((entry) => after === undefined || compareCursors(cursorOf(entry), after) > 0);
						const page = rest.slice(0, limit);
						const last = page.at(-1);
						return { sealed: page.map(({ sealed }) => sealed), cursor: last === undefined ? undefined : cursorOf(last) };
					}),
				chain: (device, scope, fromSeq, limit) =>
					power.step(() =>
						inOrder()
							.filter(({ header }) => header.device === device && header.scope === scope && header.seq >= fromSeq)
							.slice(0, limit)
							.map(({ sealed }) => sealed),
					),
				addCertificates: (chains) =>
					write(() => {
						for (const { device, chain } of chains) certificates.set(device, chain);
					}),
				certificates: () => power.step(() => [...certificates.values()]),
				addDamaged: (found) =>
					write(() => {
						damaged.push(found);
					}),
				damaged: () => power.step(() => [...damaged]),
				getCache: (name) => power.step(() => caches.get(name)),
				setCache: (name, bytes) =>
					write(() => {
						caches.set(name, bytes);
					}),
				close: () => Promise.resolve(),
			};
		},
	};
}

function cursorOf({ hash, header }: Entry): StoreCursor {
	return [header.device, header.scope, header.seq, hash];
}

function compareCursors(a: StoreCursor, b: StoreCursor): number {
	for (const place of [0, 1, 2, 3] as const) {
		if (a[place] < b[place]) return -1;
		if (a[place] > b[place]) return 1;
	}
	return 0;
}
