/**
 * What one till counts of one product right now, scan by scan, until it is recorded as a line of the stock take.
 *
 * 1. The line is as of its first scan: what is sold from then on, until it is recorded, is subtracted on every peer alike.
 * 2. It is recorded when another product is scanned, when nobody scanned for some seconds, or when somebody says so; a reload in between loses nothing.
 * 3. Scans are taken one after another: one that comes while the first is still looked up waits.
 * 4. A product that was counted before in this stock take, here or on another till, is counted on: what that count has left, and what is scanned now.
 */
import { isRefusal } from '#core/intent.ts';
import type { Commands } from '#engine/commands.ts';
import type { CountStart } from '#projections/rows.ts';
import type { Views } from '#projections/views.ts';
import type { CountId } from '#schemas/facts/count-opened.ts';
import type { IntentKey, Sku } from '#schemas/ids.ts';

export interface Counting {
	readonly count: CountId;
	readonly sku: Sku;
	readonly start: CountStart;
	readonly addedMilli: number;
	readonly key: IntentKey;
}

/** Longer than it takes to reach for the next piece. */
const IDLE_MS = 8_000;
const KEPT = 'holdfast-counting';

export interface TallyDeps {
	readonly count: CountId;
	readonly commands: Commands;
	readonly views: Views;
	/** What went wrong, in words. */
	readonly onProblem: (outcome: unknown) => void;
	readonly onRecorded: (sku: Sku, quantityMilli: number) => void;
	readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

export class Tally {
	now = $state.raw<Counting>();
	readonly #deps: TallyDeps;
	#queue: Promise<void> = Promise.resolve();
	#idle: ReturnType<typeof setTimeout> | undefined;

	constructor(deps: TallyDeps) {
		this.#deps = deps;
		const kept = JSON.parse(deps.storage.getItem(KEPT) ?? 'null') as Counting | null;
		if (kept?.count === deps.count) this.#set(kept);
	}

	get totalMilli(): number {
		return this.now === undefined ? 0 : (this.now.start.before?.countedMilli ?? 0) + this.now.addedMilli;
	}

	/** One more of it, or so many. */
	add(sku: Sku, milli = 1_000): Promise<void> {
		return this.#next(async () => {
			await this.#begin(sku);
			if (this.now !== undefined) this.#set({ ...this.now, addedMilli: Math.max(0, this.now.addedMilli + milli) });
		});
	}

	/** So many in all, whatever was counted of it before. */
	setTotal(sku: Sku, milli: number): Promise<void> {
		return this.#next(async () => {
			await this.#begin(sku);
			if (this.now === undefined) return;
			const { before: _before, ...start } = this.now.start;
			this.#set({ ...this.now, start, addedMilli: milli });
			await this.#record();
		});
	}

	/** Nothing of it is here: that is a count, too. */
	choose(sku: Sku): Promise<void> {
		return this.#next(() => this.#begin(sku));
	}

	record(): Promise<void> {
		return this.#next(() => this.#record());
	}

	drop(): Promise<void> {
		return this.#next(() => {
			this.#set(undefined);
			return Promise.resolve();
		});
	}

	#next(step: () => Promise<void>): Promise<void> {
		this.#queue = this.#queue.then(step).catch((error: unknown) => {
			this.#deps.onProblem({ trouble: 'not-ready', detail: String(error) });
		});
		return this.#queue;
	}

	async #begin(sku: Sku): Promise<void> {
		if (this.now?.sku === sku) return;
		await this.#record();
		if (this.now !== undefined) return; // What could not be recorded stays until somebody drops it.
		const { count, views, commands } = this.#deps;
		this.#set({ count, sku, start: await views.startCount(sku, count), addedMilli: 0, key: commands.newKey() });
	}

	async #record(): Promise<void> {
		const counting = this.now;
		if (counting === undefined) return;
		const { count, sku, start, key } = counting;
		const quantityMilli = this.totalMilli;
		const done = await this.#deps.commands.perform({ intent: 'count', lines: [{ sku, quantityMilli, asOf: start.asOf }], count }, key);
		if (isRefusal(done) || 'trouble' in done) {
			this.#deps.onProblem(done);
			return;
		}
		this.#set(undefined);
		this.#deps.onRecorded(sku, quantityMilli);
	}

	#set(counting: Counting | undefined): void {
		this.now = counting;
		clearTimeout(this.#idle);
		if (counting === undefined) this.#deps.storage.removeItem(KEPT);
		else {
			this.#deps.storage.setItem(KEPT, JSON.stringify(counting));
			// Chosen and not counted yet: nobody has said that there is none.
			if (counting.addedMilli > 0) this.#idle = setTimeout(() => void this.record(), IDLE_MS);
		}
	}

	close(): void {
		clearTimeout(this.#idle);
	}
}
