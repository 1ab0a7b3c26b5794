/** The other end of the echo beside the row `neighbour`, a process of its own as a hub is: `echo-peer.ts PROTOCOL`. Tells its address, sends back what comes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { websocketAddress } from '#adapters/lan-libp2p/addresses.ts';
import { createDoor } from '#adapters/lan-libp2p/door.ts';
import { peerIdOfSeed } from '#adapters/lan-libp2p/network-key.ts';
import { createNode } from '#adapters/lan-libp2p/node.ts';
import type { Stream } from '@libp2p/interface';

const [protocol = ''] = process.argv.slice(2);
const door = createDoor();
const http = createServer();
http.on('upgrade', door.upgrade);
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
const seed = crypto.getRandomValues(new Uint8Array(32));
const { libp2p } = await createNode({ networkSeed: seed, gater: {}, door });
await libp2p.start();
await libp2p.handle(protocol, (stream: Stream) => {
	stream.addEventListener('message', ({ data }) => {
		stream.send(data.subarray());
	});
});
const { port } = http.address() as AddressInfo;
process.send?.({ address: websocketAddress({ host: '127.0.0.1', port, peer: await peerIdOfSeed(seed) }) });
process.on('disconnect', () => process.exit(0));
