/** automerge-repo's own acceptance suite for network adapters, over real libp2p: a hub and two tills on loopback. */
import '@automerge/automerge-repo';
import { runNetworkAdapterTests } from '@automerge/automerge-repo/helpers/tests/network-adapter-tests.js';
import { afterEach } from 'vitest';
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
	// The suite gives connections 50 ms, which is a hello but not a handshake on a busy machine.
	await new Promise((resolve) => setTimeout(resolve, 1_500));
	return { adapters: [hub.network, b.network, c.network] };
}, 'lan-libp2p');

afterEach(async () => {
	await Promise.all(stops.splice(0).map((stop) => stop()));
});
