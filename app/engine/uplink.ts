/**
 * Who of the branch talks to the cloud: the lease holder links to the relay, the others do not. And how a device that does not hold the lease learns whether it
 * could do better.
 *
 * 1. A link is up only while this device holds the lease and wants to be reached. A device that is alone holds its own lease, so it talks to the relay itself.
 * 2. Whoever does not hold it asks the relay's address now and then: a hub always, a till only while the holder has no cloud. What was not asked is not known,
 *    and an old answer moves no lease.
 */
import type { RelayLink, Timers } from '#ports';
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

export function createUplink({ replica, link, probe, isRelayKnown, isHub, timers }: UplinkDeps): Uplink {
	let wanted = true;
	let closed = false;
	let isUp = false;

	function look(): void {
		const shouldBeUp = wanted && !closed && replica.holdsLease() && isRelayKnown();
		if (shouldBeUp === isUp) return;
		isUp = shouldBeUp;
		if (isUp) link.start();
		else void link.stop();
		tellCloud();
	}

	function tellCloud(): void {
		if (isUp) replica.setCloud(link.state().state === 'connected');
		else if (!mayProbe()) replica.setCloud(undefined);
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
			const reached = await probe();
			if (mayProbe()) replica.setCloud(reached);
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
