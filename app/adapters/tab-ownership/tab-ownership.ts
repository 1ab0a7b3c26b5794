/**
 * One tab sells. The lock tells a second tab so before it opens a worker, a Repo or libp2p; a tab whose lock was stolen is told, and runs on for a
 * moment all the same: what stops it for certain is the vault's ownership number, which whoever takes over raises.
 */
export interface OwnedTab {
	/** Resolves when another tab has taken over. */
	readonly lost: Promise<void>;
}

/** The tab, if no other one of this profile has the lock. */
export function tryToOwn(lockName: string): Promise<OwnedTab | undefined> {
	return request(lockName, { ifAvailable: true });
}

/** Takes the lock from whoever has it. */
export async function takeOver(lockName: string): Promise<OwnedTab> {
	const owned = await request(lockName, { steal: true });
	if (owned === undefined) throw new Error('a stolen lock is always granted');
	return owned;
}

function request(lockName: string, options: LockOptions): Promise<OwnedTab | undefined> {
	return new Promise((resolve, reject) => {
		let isHeld = false;
		let lose = (): void => undefined;
		const lost = new Promise<void>((done) => (lose = done));
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
				if (isHeld) lose();
				else reject(error as Error);
			});
	});
}
