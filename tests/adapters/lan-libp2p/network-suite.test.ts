/** automerge-repo's own acceptance suite for network adapters, over real libp2p: a hub and two tills on loopback. */
import '@automerge/automerge-repo';
import { runNetworkAdapterTests } from '@automerge/automerge-repo/helpers/tests/network-adapter-tests.js';
import { afterEach } from 'vitest';
import type { PortNetwork } from '#adapters/lan-libp2p/port-network.ts';
import { eventually } from '../../support/eventually.ts';
import { openShop, startDevice } from './shop.ts';
import { startHub } from './hub.ts';

const stops: (() => Promise<void>)[] = [];

runNetworkAdapterTests(async () => {
	const shop = await openShop();
	const hub = await startHub(shop, await shop.enrol('Hub', 'hub'));
	const tills = [await shop.enrol('Till 1', 'till'), await shop.enrol('Till 2', 'till')].map((member) =>
		startDevice(shop, member, { dial: () => [hub.address] }),
	);
	const [b, c] = tills;
	if (b === undefined || c === undefined) throw new Error('two tills');
	stops.push(...[hub, b, c].map(({ stop }) => stop));
	for (const till of tills) await till.lan.start();
	const networks: [PortNetwork, PortNetwork, PortNetwork] = [hub.network, b.network, c.network];
	for (const network of networks) asksWhoIsThere(network, (met) => (network === hub.network ? met.size > 0 : met.has(`${hub.network.peerId}`)));
	return { adapters: networks };
}, 'lan-libp2p');

/** The suite gives a hello 50 ms before it asks for a document, which is less than a handshake: whoever asks waits for whom it is to ask. */
function asksWhoIsThere(network: PortNetwork, isThere: (met: ReadonlySet<string>) => boolean): void {
	const met = new Set<string>();
	network.on('peer-candidate', ({ peerId }) => met.add(peerId));
	const isReady = network.whenReady.bind(network);
	network.whenReady = async () => {
		await isReady();
		await eventually(() => isThere(met), 'who has the document is there');
	};
}

afterEach(async () => {
	await Promise.all(stops.splice(0).map((stop) => stop()));
});
