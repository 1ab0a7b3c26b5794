/** Where hubs are by webrtc-direct, as links tell it: who may say it of whom, what is refused, and that it reaches a till by real links. */
import type { PeerId } from '@automerge/automerge-repo';
import { afterEach, expect, test } from 'vitest';
import { addressesOfPlace, createHubPlaces, MOST_HUBS, newestPlaces } from '#adapters/lan-libp2p/hub-places.ts';
import type { LanDeps } from '#adapters/lan-libp2p/lan.ts';
import type { HubPlace } from '#schemas/wire/hub-place.ts';
import { untilPasses } from '../../support/eventually.ts';
import { startHub } from './hub.ts';
import { openShop, startDevice } from './shop.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
	await Promise.all(open.splice(0).map((one) => one.stop()));
});

const peerOf = (letter: string): string => `12D3KooW${letter.repeat(44)}`;
const placeOf = (peer: string, host = '192.168.1.10', port = 4404): HubPlace => ({ peer, certhash: `uEi${'a'.repeat(44)}`, doors: [{ host, port }] });
const [A, B, C] = [peerOf('A'), peerOf('B'), peerOf('C')] as const;

interface Refused {
	readonly peer: string;
	readonly host: string;
}

function places(self: string, isHub: boolean) {
	const refused: Refused[] = [];
	const kept = createHubPlaces({ self, isHub, onOffTheLan: (peer, host) => refused.push({ peer, host }) });
	return { kept, refused };
}

test('a hub keeps of a linked hub what it says of itself; a till what it says of others, too (1)', () => {
	const [hub, till] = [places(A, true).kept, places(C, false).kept];
	expect(hub.take(B, [placeOf(B), placeOf(C)])).toBe(true);
	expect(hub.list()).toEqual([placeOf(B)]);
	expect(till.take(A, [placeOf(A), placeOf(B), placeOf(C)])).toBe(true);
	expect(till.list()).toEqual([placeOf(B), placeOf(A)]);
	expect(till.take(A, [placeOf(A), placeOf(B)])).toBe(false);
	expect(till.take(A, [placeOf(A, '192.168.1.11')])).toBe(true);
	expect(till.list()[0]).toEqual(placeOf(A, '192.168.1.11'));
});

test('an address off the LAN is refused and told, and the others of its hub are kept (3)', () => {
	const { kept, refused } = places(C, false);
	expect(kept.take(A, [placeOf(A, '203.0.113.7')])).toBe(false);
	const doors = [...placeOf(B).doors, { host: '2001:db8::1', port: 53 }, { host: 'fd00::10', port: 4404 }];
	kept.take(A, [{ ...placeOf(B), doors }]);
	expect(kept.list()).toEqual([{ ...placeOf(B), doors: [doors[0], doors[2]] }]);
	expect(refused).toEqual([
		{ peer: A, host: '203.0.113.7' },
		{ peer: B, host: '2001:db8::1' },
	]);
});

test('the newest hubs are kept, heard ones before those of the disk (4)', () => {
	const { kept } = places(C, false);
	const many = [...'DEFGHJKLMNP'].map((letter) => placeOf(peerOf(letter)));
	kept.take(A, many);
	expect(kept.list()).toEqual(many.slice(-MOST_HUBS).reverse());
	expect(newestPlaces([placeOf(A, '10.0.0.9')], [placeOf(B), placeOf(A)])).toEqual([placeOf(A, '10.0.0.9'), placeOf(B)]);
	expect(newestPlaces([placeOf(A)], many)).toHaveLength(MOST_HUBS);
	expect(addressesOfPlace(placeOf(A))).toEqual([`/ip4/192.168.1.10/udp/4404/webrtc-direct/certhash/uEi${'a'.repeat(44)}/p2p/${A}`]);
});

test('a till linked to one hub hears where the other is, and where it went; what a till says of hubs nobody hears', async () => {
	const shop = await openShop();
	const [one, two] = [await shop.enrol('Hub', 'hub'), await shop.enrol('Hub 2', 'hub')];
	let secondIs = placeOf(two.peer, '192.168.1.20');
	const first = await startHub(shop, one, { place: () => placeOf(one.peer) });
	const second = await startHub(shop, two, { place: () => secondIs, dial: () => [first.address] });
	const startTill = async (name: string, changes: Partial<LanDeps>) => {
		const till = startDevice(shop, await shop.enrol(name, 'till'), { dial: () => [first.address], ...changes });
		till.network.connect(`${name}-repo` as PeerId);
		open.push(till);
		await till.lan.start();
		return till;
	};
	open.push(first, second);
	first.network.connect('hub-repo' as PeerId);
	second.network.connect('hub-2-repo' as PeerId);
	const heard: (readonly HubPlace[])[] = [];
	const till = await startTill('Till 1', { place: () => placeOf(A) });
	till.lan.onHubs((hubs) => heard.push(hubs));
	const told = () => [...till.lan.hubs()].sort((a, b) => (a.doors[0]?.host ?? '').localeCompare(b.doors[0]?.host ?? ''));
	await untilPasses(() => expect(told()).toEqual([placeOf(one.peer), placeOf(two.peer, '192.168.1.20')]));
	expect(heard.at(-1)).toHaveLength(2);

	secondIs = placeOf(two.peer, '192.168.1.21');
	await second.lan.stop();
	await second.lan.start();
	await untilPasses(() => expect(told()[1]).toEqual(placeOf(two.peer, '192.168.1.21')));
	expect(first.lan.hubs().map(({ peer }) => peer)).toEqual([two.peer]);
	expect(first.lan.counts().droppedFrames).toBe(0);
});
