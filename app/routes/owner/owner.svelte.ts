/** Who is in, which branches are looked at, and what is new: what all of the owner's pages share. */
import { createContext } from 'svelte';
import type { OwnerPage, OwnerQuestion, OwnerRecord, OwnerTrouble } from '#engine/owner-record.ts';
import { ownerBranches, scopesOf, type Scope } from '#projections/owner/branches.ts';
import type { Live, RecordRow } from '#schemas/wire/owner-pages.ts';

const EVERY_MS = 4_000;

export class Owner {
	readonly #record: OwnerRecord;
	/** `ended`: was in, and is not any more. */
	state = $state<'asking' | 'out' | 'ended' | 'in' | 'not-here' | 'away'>('asking');
	live = $state.raw<Live>();
	/** The last time that nobody answered; what is shown is older. */
	isAway = $state(false);
	scopeId = $state<string>();
	branches = $derived(this.live === undefined ? [] : ownerBranches(this.live));
	scopes = $derived(scopesOf(this.branches));
	scope = $derived<Scope | undefined>(this.scopes.find(({ id }) => id === this.scopeId) ?? this.scopes[0]);
	/** Another text when anything was written. */
	version = $derived(this.branches.map(({ branch, writtenMs }) => `${branch} ${writtenMs}`).join());
	/** Newer than every row that is shown. */
	asOfMs = $derived(Math.max(0, ...(this.scope?.branches ?? []).map(({ writtenMs }) => writtenMs)));

	constructor(record: OwnerRecord) {
		this.#record = record;
	}

	/** Until the answer is called. */
	watch(): () => void {
		const look = (): void => {
			if (!document.hidden && this.state !== 'out' && this.state !== 'ended') void this.look();
		};
		const timer = setInterval(look, EVERY_MS);
		document.addEventListener('visibilitychange', look);
		return () => {
			clearInterval(timer);
			document.removeEventListener('visibilitychange', look);
		};
	}

	async look(): Promise<void> {
		const answer = await this.#record.live();
		if (!('trouble' in answer)) {
			this.live = answer;
			this.isAway = false;
			this.state = 'in';
		} else this.#hear(answer);
	}

	async signIn(text: string): ReturnType<OwnerRecord['signIn']> {
		const done = await this.#record.signIn(text);
		if (done === 'in') await this.look();
		return done;
	}

	async signOut(): Promise<void> {
		await this.#record.signOut();
		this.live = undefined;
		this.state = 'out';
	}

	/** One page; undefined when there is none to be had, which `state` and `isAway` tell. */
	async rows(question: OwnerQuestion): Promise<readonly RecordRow[] | undefined> {
		return (await this.page(question))?.rows;
	}

	async page(question: OwnerQuestion): Promise<OwnerPage | undefined> {
		const answer = await this.#record.page(question);
		if (!('trouble' in answer)) return answer;
		this.#hear(answer);
		return undefined;
	}

	/** The first pages, and whether there are others. */
	async pages(question: OwnerQuestion, most: number): Promise<{ readonly rows: readonly RecordRow[]; readonly hasMore: boolean } | undefined> {
		const rows: RecordRow[] = [];
		let after: string | undefined;
		for (let n = 0; n < most; n += 1) {
			const page = await this.page({ ...question, after });
			if (page === undefined) return undefined;
			rows.push(...page.rows);
			after = page.next;
			if (after === undefined) break;
		}
		return { rows, hasMore: after !== undefined };
	}

	#hear({ trouble }: OwnerTrouble): void {
		if (trouble === 'signed-out') {
			this.state = this.state === 'in' ? 'ended' : 'out';
			this.live = undefined;
		} else if (trouble === 'not-here') this.state = 'not-here';
		else if (trouble === 'away' && this.live === undefined) this.state = 'away';
		else if (trouble === 'away') this.isAway = true;
	}
}

export const [getOwner, setOwner] = createContext<Owner>();
