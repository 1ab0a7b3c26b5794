/**
 * The relay at the address that the owner gave, and what this store makes of it.
 *
 * 1. A relay becomes the store's by an entry, and so does each key that it renews to: an entry with the succession, after its signatures were checked here. Nothing
 *    else makes a key believed.
 * 2. At an address at which the store knows a relay no other becomes the store's, unless the owner says that it is a new one: the one before is lost then, and
 *    its key is given up with the entry that takes the new one.
 * 3. One that shows less than the store knows, or something else, is refused for as long as it does. What proves that somebody has a copy of its key is written
 *    down once, for people to see (`core/conflict/renewed-twice.ts`).
 */
import type { SignedSuccession } from '#core/entry/successions.ts';
import type { RelayState } from '#core/ledger/state.ts';
import type { Timers } from '#ports';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, IntentKey, SigningKey } from '#schemas/ids.ts';
import type { RelayInfo } from '#schemas/wire/relay-admission.ts';
import type { Branch } from './branch.ts';

/**
 * `another`: not the relay that the store knows there. `given-up`: it signs with a key that it gave up. `renewed-apart`: its key was given up for another than the
 * one that the store knows. `unproven`: what it shows is not signed by both keys.
 */
export type RelayRefusal = 'another' | 'given-up' | 'renewed-apart' | 'unproven';

export interface RelayKnownDeps {
	/** As the owner gave it. */
	readonly url: string;
	readonly branch: {
		readonly ledger: Pick<Branch['ledger'], 'state' | 'conflicts'>;
		readonly verifier: Pick<Branch['verifier'], 'succession'>;
		readonly replica: Pick<Branch['replica'], 'onStrangeKey'>;
		readonly writer: Pick<NonNullable<Branch['writer']>, 'commit'>;
	};
	/** This hub. */
	readonly self: DeviceId;
	/** The owner says that a relay which is not known at this address is his. */
	readonly takesNew: boolean;
	/** Whoever answers there says who he is. */
	readonly ask: () => Promise<RelayInfo>;
	/** After each look; undefined: it is the store's, by the key that it shows. */
	readonly onLooked: (refused: RelayRefusal | undefined) => void;
	readonly timers: Timers;
	readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

export interface RelayKnown {
	/** A link has come up, by which whoever answers may be another by now. */
	look(): void;
	close(): void;
}

/** Of a relay, in the fact that joins it. */
const MOST_NAME = 60;
const AGAIN_MS = 5_000;
/** Whoever is linked may name a key of his own. */
const STRANGE_EVERY_MS = 2_000;
/** That a relay is given up and comes back. */
const MOST_TIMES = 99;

export function createRelayKnown(deps: RelayKnownDeps): RelayKnown {
	const { url, branch, self, timers, log } = deps;
	const { ledger, verifier } = branch;
	let closed = false;
	let looking: Promise<void> | undefined;
	let wantsAnother = false;
	let stopWaiting: (() => void) | undefined;
	let saidLast: RelayRefusal | undefined;

	function look(): void {
		if (closed) return;
		stopWaiting?.();
		if (looking !== undefined) {
			// What is on its way may be the answer of whoever was there before.
			wantsAnother = true;
			return;
		}
		looking = lookNow().finally(() => {
			looking = undefined;
			if (!wantsAnother) return;
			wantsAnother = false;
			look();
		});
	}

	async function lookNow(): Promise<void> {
		try {
			const info = await deps.ask();
			if (closed) return;
			const refused = await take(info);
			if (refused !== saidLast)
				log(refused === undefined ? 'relay taken back' : 'relay refused', { url, key: info.relay, ...(refused && { refused }) });
			saidLast = refused;
			deps.onLooked(refused);
			if (refused !== undefined) again();
		} catch (error) {
			if (closed) return;
			log('relay not reached', { url, error: String(error) });
			again();
		}
	}

	function again(): void {
		stopWaiting = timers.after(AGAIN_MS, look);
	}

	async function take({ relay, name, successions = [] }: RelayInfo): Promise<RelayRefusal | undefined> {
		const proven = lineOf(relay, await Promise.all(successions.map((shown) => verifier.succession(shown))));
		if (proven === undefined) return 'unproven';
		const known = ledger.state.relays.get(relay);
		if (known === undefined) {
			const lost = [...ledger.state.relays.values()].filter((one) => isSamePlace(one.url, url)).map((one) => one.relay);
			if (lost.length > 0 && !deps.takesNew) return 'another';
			await write(
				[relay, ...lost],
				[
					...lost.map((one): Fact => ({ type: 'relay.left', v: 1, relay: one })),
					{ type: 'relay.joined', v: 1, relay, url, name: name.slice(0, MOST_NAME) },
				],
				() => ledger.state.relays.has(relay),
			);
			log('relay joined', { url, key: relay, lost });
		}
		const keys = known?.keys ?? [];
		const parts = proven.findIndex(({ succession }, place) => keys[place] !== undefined && keys[place] !== succession.key);
		if (parts >= 0) {
			await writeRival(relay, proven[parts]?.succession.key, successions[parts]);
			return 'renewed-apart';
		}
		if (proven.length < keys.length) return 'given-up';
		for (const [place, { succession }] of proven.entries()) {
			const shown = successions[place];
			if (place < keys.length || shown === undefined) continue;
			await write([succession.key], [{ type: 'relay.renewed', v: 1, relay, succession: shown }]);
			log('relay renewed', { url, key: succession.key });
		}
		return undefined;
	}

	/** One is enough to ask people. */
	async function writeRival(relay: DeviceId, key: SigningKey | undefined, shown: string | undefined): Promise<void> {
		const isAsked = ledger.conflicts().some(({ detail }) => detail.kind === 'renewed-twice' && detail.device === relay);
		if (key !== undefined && shown !== undefined && !isAsked) await write([key], [{ type: 'relay.renewed', v: 1, relay, succession: shown }]);
	}

	/**
	 * Each hub's own: a hub of another branch, or one that has not heard yet, may say the same. `isSo`: absent, what was said once holds. What was said before and is
	 * not so any more, for a relay that was given up comes back, is said again under a further key.
	 */
	async function write([key, ...lost]: readonly [SigningKey, ...DeviceId[]], store: readonly Fact[], isSo = (): boolean => true): Promise<void> {
		// 128 characters at most: of all keys but the first the beginning, as a mark cuts it.
		const intent = [`relay:${key}`, self.slice(0, 16), ...lost.slice(0, 2).map((one) => one.slice(0, 16))].join(':');
		for (let time = 1; time <= MOST_TIMES; time += 1) {
			const done = await branch.writer.commit({
				key: (time === 1 ? intent : `${intent}:${time}`) as IntentKey,
				decide: () => ({ branch: [], store, takesReceipt: false }),
			});
			if (!('entries' in done)) throw new Error(`not recorded: ${JSON.stringify(done)}`);
			if (!done.again || isSo()) return;
		}
		throw new Error(`given up and taken back ${MOST_TIMES} times`);
	}

	let hasJustLooked = false;
	branch.replica.onStrangeKey(() => {
		if (hasJustLooked) return;
		hasJustLooked = true;
		timers.after(STRANGE_EVERY_MS, () => {
			hasJustLooked = false;
		});
		look();
	});
	look();

	return {
		look,
		close() {
			closed = true;
			stopWaiting?.();
		},
	};
}

/** Each hangs on the key that the one before it led to; undefined where one does not, or is not signed. */
function lineOf(relay: DeviceId, proven: readonly (SignedSuccession | undefined)[]): readonly SignedSuccession[] | undefined {
	const line: SignedSuccession[] = [];
	for (const one of proven) {
		const before: SigningKey = line.at(-1)?.succession.key ?? relay;
		if (one?.succession.relay !== relay || one.succession.generation !== line.length + 1 || one.succession.before !== before) return undefined;
		line.push(one);
	}
	return line;
}

/** Whether by TLS or not. */
function isSamePlace(one: RelayState['url'], other: string): boolean {
	return URL.canParse(one) && new URL(one).host === new URL(other).host;
}
