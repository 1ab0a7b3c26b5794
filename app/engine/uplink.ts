/**
 * Who of the branch talks to the cloud: the lease holder links to the relay, the others do not. And how a device that does not hold the lease learns whether it
 * could do better.
 *
 * 1. A link is up only while this device holds the lease and wants to be reached. A device that is alone holds its own lease, so it talks to the relay itself.
 * 2. Whoever does not hold it asks the relay's address now and then: a hub always, a till only while the holder has no cloud. What was not asked is not known,
 *    and an old answer moves no lease.
 * 3. Whoever takes the lease because the relay answered has reached the cloud until its link has failed. Were it said to be apart while the link is coming up,
 *    a hub without a way to the cloud would rank before it and take the lease back, again and again, and nobody would carry the branch.
 * 4. Whose link never came up although the relay answered (a proxy that lets no socket through, a key that is refused) leaves the lease to others for a minute,
 *    once they have it, and twice as long each next time: else it would take it back by the next answer.
 */
import type { RelayLink, RelayState, Timers } from '#ports';
import type { Replica } from './replicate.ts';

export interface UplinkDeps {
	readonly replica: Pick<Replica, 'holdsLease' | 'onLease' | 'setCloud' | 'findings'>;
	readonly link: RelayLink;
	/** Whether the relay answers at all; false when none is known. */
	readonly probe: () => Promise<boolean>;
	/** Whether there is a relay to talk to. */
	readonly isRelayKnown: () => boolean;
	readonly isHub: boolean;
	readonly timers: Timers;
}

export interface Uplink {
	/** `Work alone`: false closes the link and asks nobody. */
	want(wanted: boolean): void;
	close(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
const PROBE_EVERY_MS = 5_000;
/** A minute of them, and sixteen. */
const FEWEST_DOUBTED = 12;
const MOST_DOUBTED = 192;

export function createUplink({ replica, link, probe, isRelayKnown, isHub, timers }: UplinkDeps): Uplink {
	let wanted = true;
	let closed = false;
	let isUp = false;
	/** What was last heard of the relay: a link, an answer, or nothing where there should be one. */
	let heard: 'linked' | 'answered' | 'apart' | undefined;
	/** Answers that are not asked for. */
	let doubted = 0;
	let doubtsNext = FEWEST_DOUBTED;

	function become(next: typeof heard): void {
		heard = next;
		replica.setCloud(next === undefined ? undefined : next !== 'apart');
	}

	function look(): void {
		const shouldBeUp = wanted && !closed && replica.holdsLease() && isRelayKnown();
		if (shouldBeUp === isUp) return;
		isUp = shouldBeUp;
		if (isUp) link.start();
		else void link.stop();
		tellCloud();
	}

	function tellCloud(): void {
		if (isUp) hearLink(link.state().state);
		else if (!mayProbe()) become(undefined);
	}

	function hearLink(state: RelayState['state']): void {
		if (state === 'connecting' && (heard === 'linked' || heard === 'answered')) return;
		if (state === 'connected') {
			doubted = 0;
			doubtsNext = FEWEST_DOUBTED;
		} else if (heard === 'answered') {
			doubted = doubtsNext;
			doubtsNext = Math.min(doubtsNext * 2, MOST_DOUBTED);
		}
		become(state === 'connected' ? 'linked' : 'apart');
	}

	function mayProbe(): boolean {
		if (!wanted || closed || replica.holdsLease() || !isRelayKnown()) return false;
		return isHub || replica.findings().lease?.cloud !== 'connected';
	}

	link.onState(tellCloud);
	replica.onLease(look);
	const stops = [
		timers.every(LOOK_EVERY_MS, look), // A relay may have become known.
		timers.every(PROBE_EVERY_MS, async () => {
			if (!mayProbe()) {
				tellCloud();
				return;
			}
			const isDoubted = doubted > 0;
			if (isDoubted) doubted -= 1;
			const isReached = !isDoubted && (await probe());
			if (mayProbe()) become(isReached ? 'answered' : 'apart');
		}),
	];
	look();

	return {
		want(next) {
			wanted = next;
			look();
		},
		async close() {
			closed = true;
			for (const stop of stops) stop();
			await link.stop();
		},
	};
}
