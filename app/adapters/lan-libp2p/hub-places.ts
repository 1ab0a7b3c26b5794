/**
 * Where the hubs of the branch are by webrtc-direct, told on links: a till whose page came by https, or from elsewhere, can dial no other hub than the one it
 * came by until it hears of it here.
 *
 * Invariants:
 * 1. A hub speaks for itself: of what a linked hub tells, a hub keeps that hub's own place, and hands it on to whom it is linked with. So every place a till hears
 *    was told on a link whose certificates were exchanged, and went through one other hub at most.
 * 2. It is a hint for whom to dial. Who answers proves the peer id by its key, and its membership by its hello, like everybody else.
 * 3. An address that is not of the LAN is left out and told: no hub can make tills knock elsewhere.
 * 4. At most `MOST_HUBS` are kept, the newest.
 */
import { isLocalAddress } from '#core/local-address.ts';
import type { HubPlace } from '#schemas/wire/hub-place.ts';
import { directAddress } from './addresses.ts';

/** More than a branch has; each that is dead costs a dial of five seconds now and then. */
export const MOST_HUBS = 8;

export interface HubPlaces {
	/** Whether that was news. */
	take(from: string, told: readonly HubPlace[]): boolean;
	/** The newest first. */
	list(): readonly HubPlace[];
}

export interface HubPlacesDeps {
	readonly self: string;
	/** We are a hub. */
	readonly isHub: boolean;
	readonly onOffTheLan: (peer: string, host: string) => void;
}

export function createHubPlaces({ self, isHub, onOffTheLan }: HubPlacesDeps): HubPlaces {
	const byPeer = new Map<string, HubPlace>();

	function take(from: string, told: readonly HubPlace[]): boolean {
		let isNews = false;
		for (const { peer, certhash, doors } of told) {
			if (peer === self || (isHub && peer !== from)) continue;
			const near = doors.filter(({ host }) => {
				const isNear = isLocalAddress(host);
				if (!isNear) onOffTheLan(peer, host);
				return isNear;
			});
			const place: HubPlace = { peer, certhash, doors: near };
			if (near.length === 0 || JSON.stringify(place) === JSON.stringify(byPeer.get(peer))) continue;
			byPeer.delete(peer);
			byPeer.set(peer, place);
			isNews = true;
			for (const oldest of byPeer.keys()) if (byPeer.size > MOST_HUBS) byPeer.delete(oldest);
		}
		return isNews;
	}

	return { take, list: () => [...byPeer.values()].reverse() };
}

/** What was heard now before what was kept; of each hub once. */
export function newestPlaces(heard: readonly HubPlace[], kept: readonly HubPlace[]): readonly HubPlace[] {
	return [...heard, ...kept.filter(({ peer }) => !heard.some((place) => place.peer === peer))].slice(0, MOST_HUBS);
}

export function addressesOfPlace({ peer, certhash, doors }: HubPlace): readonly string[] {
	return doors.map((door) => directAddress({ ...door, certhash, peer }));
}
