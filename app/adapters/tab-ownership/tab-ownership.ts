/**
 * One tab sells. The lock tells a second tab so before it opens a worker, a Repo or libp2p; a tab whose lock was stolen is told, and runs on for a
 * moment all the same: what stops it for certain is the vault's ownership number, which whoever gets the lock raises.
 */
export interface OwnedTab {
	/** Resolves when another tab has taken over. */
	readonly lost: Promise<void>;
}

/** The tab, if no other one of this profile has the lock. */
export function tryToOwn(lockName: string): Promise<OwnedTab | undefined> {
	return request(lockName, { ifAvailable: true });
}

/** The same, but for a page that was left for this one, by a reload: it lets go a moment after this one has begun. */
export async function ownSoon(lockName: string, withinMs: number): Promise<OwnedTab | undefined> {
	return (await tryToOwn(lockName)) ?? (await waitToOwn(lockName, AbortSignal.timeout(withinMs)).catch(() => undefined));
}

/** The tab, as soon as the one that has it is closed; rejects when the signal ends the waiting. */
export async function waitToOwn(lockName: string, signal?: AbortSignal): Promise<OwnedTab> {
	return granted(await request(lockName, signal === undefined ? {} : { signal }));
}

/** Takes the lock from whoever has it. */
export async function takeOver(lockName: string): Promise<OwnedTab> {
	return granted(await request(lockName, { steal: true }));
}

function granted(owned: OwnedTab | undefined): OwnedTab {
	if (owned === undefined) throw new Error('a lock that is waited for or stolen is granted');
	return owned;
}

function request(lockName: string, options: LockOptions): Promise<OwnedTab | undefined> {
	return new Promise((resolve, reject) => {
		let isHeld = false;
		const { promise: lost, resolve: lose } = Promise.withResolvers<undefined>();
		navigator.locks
			.request(lockName, options, (lock) => {
				if (lock === null) {
					resolve(undefined);
					return undefined;
				}
				isHeld = true;
				resolve({ lost });
				return new Promise<never>(() => undefined); // Held as long as the page lives.
			})
			.catch((error: unknown) => {
				if (isHeld) lose(undefined);
				else reject(error as Error);
			});
	});
}
