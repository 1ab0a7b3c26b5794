/** The hub's side of the link: what fails is a state with a reason and a next try, and what comes back is found again. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message, PeerId } from '@automerge/automerge-repo/slim';
import { decode, encode } from 'cborg';
import { WebSocket, WebSocketServer } from 'ws';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '#adapters/clock-system/clock-system.ts';
import { documentIdOf } from '#adapters/documents-automerge/document-id.ts';
import { floorPreimage } from '#schemas/documents/floor.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { createRelayLink, isAsSecure } from '#adapters/relay-websocket/relay-link.ts';
import { encode as encodeDeterministically, hexOf } from '#schemas/cbor.ts';
import type { IntentKey } from '#schemas/ids.ts';
import type { LaneMessage } from '#schemas/wire/lane.ts';
import type { Relay } from '#server/relay-process.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { openSealingShop } from '../../support/sealing-till.ts';
import { admissionOf, hubOf, knock, memberOf, peerOf, relayAt, type LinkedHub } from './relay-shop.ts';

const open: { close(): Promise<void> }[] = [];
afterAll(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});
const kept = <One extends { close(): Promise<void> }>(one: One): One => {
	open.push(one);
	return one;
};
const hubAt = async (url: string, name = 'Corner shop'): Promise<LinkedHub> => kept(await hubOf(url, name));
const urlOf = ({ port }: { readonly port: number }): string => `ws://127.0.0.1:${port}`;
const nameAt = (relay: Relay, { shop }: LinkedHub): string | undefined =>
	relay
		.branches()
		.find(({ store }) => store === shop.store)
		?.branch.ledger.state.settings.value('storeName');

/** Something else that listens where a relay should. */
async function elsewhere(answer: (server: Server) => void): Promise<{ readonly port: number }> {
	const server = createServer();
	answer(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	kept({
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	});
	return { port: (server.address() as AddressInfo).port };
}
async function waitsAt(url: string): Promise<string> {
	const hub = await hubAt(url);
	hub.link.start();
	await eventually(() => hub.link.state().state === 'waiting', `the link to ${url} waits`);
	const state = hub.link.state();
	if (state.state !== 'waiting') throw new Error(state.state);
	expect(state.retryAtMs).toBeGreaterThan(state.sinceMs);
	await hub.rename('Sells on'); // Whatever the relay is, the shop goes on.
	return state.reason;
}

test.concurrent('what a till says on the lane reaches the relay by way of whoever is linked to it', async () => {
	const relay = await relayAt();
	kept(relay);
	const hub = await hubAt(urlOf(relay));
	hub.link.start();
	await eventually(() => nameAt(relay, hub) === 'Corner shop', 'the shop is on the relay');
	await hub.link.stop();
	await hub.rename('Heard on the lane');
	const newest = hub.branch.ledger.entries().reduce((last, one) => (one.header.scope === 'store' && one.header.seq > last.header.seq ? one : last));

	const member = await memberOf(hub.shop);
	const raw = await knock(relay, await admissionOf(relay, hub.shop, member));
	raw.send({ type: 'join', senderId: peerOf(member.signer), peerMetadata: {}, supportedProtocolVersions: ['1'] });
	await eventually(() => raw.heard.length > 0, 'the relay answers the join');
	const { peer } = (await (await fetch(`http://127.0.0.1:${relay.port}/hub.json`)).json()) as { readonly peer: string };
	const { text } = await documentIdOf(floorPreimage(hub.shop.store, hub.shop.branch), createDigest());
	raw.send({
		...{ type: 'ephemeral', senderId: 'a-till-behind-the-hub', targetId: peer, documentId: text, count: 1, sessionId: 'of-a-till' },
		data: encode(encodeDeterministically({ t: 'entries', sealed: [hexOf(newest.sealed)] } satisfies LaneMessage)),
	});
	await eventually(() => nameAt(relay, hub) === 'Heard on the lane', 'the relay has the entry');
	raw.close();
});

test.concurrent('while a thin line is full the lane goes before what documents say, and those keep their order', async () => {
	const arrived: string[] = [];
	let pause: (() => void) | undefined;
	let resume: (() => void) | undefined;
	const thin = await elsewhere((server) => {
		server.on('request', (_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ nonce: 'ab'.repeat(16) })));
		new WebSocketServer({ server }).on('connection', (socket) => {
			pause = () => {
				socket.pause();
			};
			resume = () => {
				socket.resume();
			};
			socket.on('message', (bytes: Buffer) => {
				const message = decode(new Uint8Array(bytes)) as { readonly type: string; readonly senderId: string; readonly documentId?: string };
				if (message.type === 'join')
					socket.send(encode({ type: 'peer', senderId: 'thin', targetId: message.senderId, peerMetadata: {}, selectedProtocolVersion: '1' }));
				else arrived.push(message.documentId ?? message.type);
			});
		});
	});
	const shop = await openSealingShop();
	// Time stands still: a machine that takes long for it all is no relay that has died.
	const { clock, timers } = createManualTime();
	const link = createRelayLink({
		...{ clock, timers, store: shop.store, branch: shop.branch, repoPeer: 'thick', url: () => urlOf(thin) },
		...{ signer: shop.hub, chain: shop.hubChain },
	});
	kept({ close: () => link.stop() });
	link.network.connect('thick' as PeerId, {});
	link.start();
	await eventually(() => link.state().state === 'connected', 'linked');
	pause?.();
	const about = { senderId: 'thick', targetId: 'thin' };
	const say = (message: Readonly<Record<string, unknown>>): void => {
		link.network.send({ ...about, ...message } as unknown as Message);
	};
	const names = Array.from({ length: 200 }, (_, n) => `document-${n}`);
	for (const documentId of names) say({ type: 'sync', documentId, data: new Uint8Array(100_000) });
	for (const documentId of ['lane-1', 'lane-2']) say({ type: 'ephemeral', documentId, data: new Uint8Array(10), count: 1, sessionId: 's' });
	resume?.();
	await eventually(() => arrived.length === names.length + 2, 'all of it');
	expect(arrived.filter((name) => name.startsWith('document'))).toEqual(names);
	expect(arrived.filter((name) => name.startsWith('lane'))).toEqual(['lane-1', 'lane-2']);
	expect(arrived.indexOf('lane-2')).toBeLessThan(150);
});

test.concurrent('a device that wakes while the next try is under way has one link, and keeps it when what came of that try ends', async () => {
	const sockets: { readonly socket: WebSocket; joins?: string }[] = [];
	let isAway = true;
	const relay = await elsewhere((server) => {
		server.on('request', (_, response) => {
			if (isAway) response.writeHead(503).end();
			else response.setHeader('content-type', 'application/json').end(JSON.stringify({ nonce: 'ab'.repeat(16) }));
		});
		new WebSocketServer({ server }).on('connection', (socket) => {
			const one: (typeof sockets)[number] = { socket };
			sockets.push(one);
			socket.once('message', (bytes: Buffer) => {
				one.joins = (decode(new Uint8Array(bytes)) as { readonly senderId: string }).senderId;
			});
		});
	});
	const answer = ({ socket, joins }: (typeof sockets)[number]): void => {
		socket.send(encode({ type: 'peer', senderId: 'relay', targetId: joins, peerMetadata: {}, selectedProtocolVersion: '1' }));
	};
	const shop = await openSealingShop();
	const time = createManualTime();
	const link = createRelayLink({
		...{ clock: time.clock, timers: time.timers, store: shop.store, branch: shop.branch, repoPeer: 'till', url: () => urlOf(relay) },
		...{ signer: shop.hub, chain: shop.hubChain },
	});
	kept({ close: () => link.stop() });
	let isThere = false;
	link.network.on('peer-candidate', () => (isThere = true));
	link.network.on('peer-disconnected', () => (isThere = false));
	link.network.connect('till' as PeerId, {});
	link.start();
	await eventually(() => link.state().state === 'waiting', 'nobody answers');

	isAway = false;
	void time.pass(1_000);
	await eventually(() => sockets[0]?.joins !== undefined, 'the next try');
	link.wake();
	await eventually(() => sockets[1]?.joins !== undefined, 'the one at waking');
	for (const one of sockets) answer(one);
	await eventually(() => link.state().state === 'connected' && isThere, 'linked');
	const ended = new Promise((resolve) => sockets[0]?.socket.once('close', resolve));
	if (sockets[0]?.socket.readyState === WebSocket.OPEN) {
		sockets[0].socket.close();
		await ended;
	}
	await new Promise((resolve) => setTimeout(resolve, 100));
	expect(link.state().state).toBe('connected');
	expect(isThere).toBe(true);
});

test.concurrent(
	'a relay of several processes says who keeps the branch, and that one is dialled; where it is not reached, the way goes on by the known address',
	async () => {
		const relay = await relayAt();
		kept(relay);
		const gone = await elsewhere(() => undefined); // It takes connections and answers nothing.
		let owner = urlOf(relay);
		const asked: string[] = [];
		const first = await elsewhere((server) => {
			server.on('request', (request, response) => {
				asked.push(request.url ?? '');
				const isWhere = request.url?.includes('branch=') === true;
				response.setHeader('content-type', 'application/json').end(JSON.stringify(isWhere ? { owner } : { nonce: 'ab'.repeat(16) }));
			});
			server.on('upgrade', (request, socket) => {
				asked.push(request.url?.split('?')[0] ?? '');
				socket.destroy();
			});
		});
		const hub = await hubAt(urlOf(first));
		hub.link.start();
		await eventually(() => nameAt(relay, hub) === 'Corner shop', 'the shop is on the relay');
		expect(asked).toEqual([`/relay/challenge?store=${hub.shop.store}&branch=${hub.shop.branch}`]);
		await hub.link.stop();
		owner = urlOf(gone);
		hub.link.start();
		await eventually(() => asked.includes('/relay'), 'it comes by the address that it knows');
	},
);

test.concurrent('a process that keeps the branch and answers, but lets no socket in from here, is reached by way of the known address', async () => {
	const tried: string[] = [];
	const process = (name: string, whereIs: () => object) =>
		elsewhere((server) => {
			server.on('request', (request, response) => {
				const answer = request.url?.includes('branch=') === true ? whereIs() : { nonce: 'ab'.repeat(16) };
				response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
			});
			// As a proxy that passes on no upgrade.
			server.on('upgrade', (_, socket) => {
				tried.push(name);
				socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
			});
		});
	const keeper = await process('keeper', () => ({ nonce: 'ab'.repeat(16) }));
	const known = await process('known', () => ({ owner: urlOf(keeper) }));
	const hub = await hubAt(urlOf(known));
	hub.link.start();
	await eventually(() => tried.length >= 3, 'it tries', 20_000);
	expect(tried.slice(0, 3)).toEqual(['keeper', 'known', 'keeper']);
});

test('nobody is sent from a secure address to one that is not', () => {
	expect(isAsSecure('wss://b', 'wss://a')).toBe(true);
	expect(isAsSecure('wss://b', 'ws://a')).toBe(true);
	expect(isAsSecure('ws://b', 'ws://a')).toBe(true);
	expect(isAsSecure('ws://b', 'wss://a')).toBe(false);
	expect(isAsSecure('ws://b', 'https://a')).toBe(false);
});

test.concurrent('a relay that went away and came back on its disk is found again, and gets what happened meanwhile', async () => {
	const path = mkdtempSync(join(tmpdir(), 'holdfast-relay-'));
	const relay = await relayAt(path);
	const { port } = relay;
	const hub = await hubAt(urlOf(relay));
	hub.link.start();
	await eventually(() => nameAt(relay, hub) === 'Corner shop', 'the relay has the shop');
	await relay.close();
	await eventually(() => hub.link.state().state === 'waiting', 'the hub notices');
	await hub.rename('While away');
	const again = kept(await relayAt(path, port));
	expect(nameAt(again, hub)).toBe('Corner shop');
	await eventually(() => nameAt(again, hub) === 'While away', 'the relay catches up');
	expect(hub.link.state().state).toBe('connected');
});

test.concurrent('two shops on one relay know nothing of each other', async () => {
	const relay = kept(await relayAt());
	const [left, right] = [await hubAt(urlOf(relay), 'Left'), await hubAt(urlOf(relay), 'Right')];
	for (const hub of [left, right]) hub.link.start();
	for (const hub of [left, right]) {
		await eventually(() => nameAt(relay, hub) !== undefined, 'the relay has both');
		await hub.rename(`${nameAt(relay, hub) ?? ''} again`);
	}
	await eventually(() => nameAt(relay, left) === 'Left again' && nameAt(relay, right) === 'Right again', 'the relay hears of both');
	for (const [hub, other] of [
		[left, right],
		[right, left],
	] as const) {
		expect(hub.branch.verifier.devices().map(({ store }) => store)).not.toContain(other.shop.store);
		expect(hub.branch.replica.findings().damaged).toEqual([]);
		const atRelay = relay.branches().find(({ store }) => store === hub.shop.store)?.branch;
		expect(atRelay?.ledger.state.devices.has(other.shop.hub.device)).toBe(false);
		expect(atRelay?.replica.findings().damaged).toEqual([]);
	}
	// Nor does a member of the one get into the other by naming its branch.
	const member = await memberOf(left.shop);
	await expect(knock(relay, await admissionOf(relay, right.shop, member))).rejects.toThrow(/^401/);
});

test.concurrent('a relay that is full says so, and the shop that it knows goes on', async () => {
	const relay = kept(await relayAt(undefined, 0, 1));
	const first = await hubAt(urlOf(relay), 'First');
	first.link.start();
	await eventually(() => nameAt(relay, first) === 'First', 'the first is in');
	const second = await hubAt(urlOf(relay), 'Second');
	await expect(knock(relay, await admissionOf(relay, second.shop, { signer: second.shop.hub, chain: second.shop.hubChain }))).rejects.toThrow(
		/^503 .*no more branches/,
	);
	await first.rename('First, still');
	await eventually(() => nameAt(relay, first) === 'First, still', 'the first goes on');
});

test.concurrent('a device that is removed from the shop is expelled at once, and does not get in again', async () => {
	const relay = kept(await relayAt());
	const hub = await hubAt(urlOf(relay));
	hub.link.start();
	const member = await memberOf(hub.shop);
	await eventually(() => nameAt(relay, hub) !== undefined, 'the relay has the shop');
	const raw = await knock(relay, await admissionOf(relay, hub.shop, member));
	raw.send({ type: 'join', senderId: peerOf(member.signer), supportedProtocolVersions: ['1'] });
	await eventually(() => raw.heard.length > 0, 'it is in');
	const { device } = member.signer;
	const enrolled = { type: 'device.enrolled', v: 1, device, branch: hub.shop.branch, role: 'till', name: 'Till 1', till: 1 } as const;
	const { rights } = hub.shop.certificate(member.signer);
	await hub.branch.writer?.commit({
		key: 'enrol-the-member' as IntentKey,
		decide: () => ({ branch: [], store: [{ ...enrolled, rights: [...rights], chain: hexOf(member.chain) }], takesReceipt: false }),
	});
	const done = await hub.branch.writer?.till.perform({ intent: 'revoke-device', device, reason: 'stolen' }, 'revoke-the-member' as IntentKey);
	expect(done).toHaveProperty('entry');
	expect(await raw.ended).toMatch(/^1008 this device was removed/);
	await expect(knock(relay, await admissionOf(relay, hub.shop, member))).rejects.toThrow(/^401 .*removed/);
});

test.concurrent('a name that does not resolve, and a port where nobody listens, are a state with a reason', async () => {
	expect(await waitsAt('ws://no-such-relay.invalid:4500')).toMatch(/does not answer/);
	expect(await waitsAt('ws://127.0.0.1:1')).toMatch(/does not answer/);
});

test.concurrent('a server that is no relay is a state with a reason', async () => {
	const page = await elsewhere((server) => server.on('request', (_, response) => response.end('<html>')));
	expect(await waitsAt(urlOf(page))).toMatch(/no relay/);
	const nothing = await elsewhere((server) => server.on('request', (_, response) => response.writeHead(404).end()));
	expect(await waitsAt(urlOf(nothing))).toMatch(/answers 404/);
	const noSockets = await elsewhere((server) => server.on('request', (_, response) => response.end(JSON.stringify({ nonce: 'ab'.repeat(16) }))));
	expect(await waitsAt(urlOf(noSockets))).toMatch(/refused|ended/);
});

test.concurrent('a relay gone bad, that sends nulls, garbage, text and messages of others, ends nothing here', async () => {
	const sent: (Uint8Array | string)[] = [
		encode(null),
		new Uint8Array(),
		new Uint8Array([0xff, 1, 2]),
		'text',
		encode({ type: 'peer' }),
		encode({ type: 'sync', senderId: 'x', targetId: 'y', documentId: 7, data: 'no bytes' }),
		encode({ type: 'peer', senderId: 'bad', targetId: 'somebody else', peerMetadata: {}, selectedProtocolVersion: '1' }),
	];
	const sockets = new WebSocketServer({ noServer: true });
	let linked = 0;
	const bad = await elsewhere((server) => {
		server.on('request', (_, response) => response.end(JSON.stringify({ nonce: 'ab'.repeat(16) })));
		server.on('upgrade', (request, socket, head) => {
			sockets.handleUpgrade(request, socket, head, (raw) => {
				linked += 1;
				raw.on('message', () => {
					for (const frame of sent) raw.send(frame);
					setTimeout(() => {
						raw.terminate();
					}, 100);
				});
			});
		});
	});
	await waitsAt(urlOf(bad));
	expect(linked).toBeGreaterThan(0);
});

test.concurrent('stopped is stopped: no link, no next try, and starting again links again', async () => {
	const relay = kept(await relayAt());
	const hub = await hubAt(urlOf(relay));
	const { link } = hub;
	for (let round = 0; round < 3; round += 1) {
		link.start();
		await eventually(() => link.state().state === 'connected', 'linked');
		await link.stop();
		expect(link.state()).toEqual({ state: 'stopped' });
	}
	link.start();
	await link.stop(); // While it is still asking for a challenge.
	await new Promise((resolve) => setTimeout(resolve, 300));
	expect(link.state()).toEqual({ state: 'stopped' });
	link.start();
	await eventually(() => link.state().state === 'connected', 'linked once more');
	await hub.rename('After all that');
	await eventually(() => nameAt(relay, hub) === 'After all that', 'the relay hears');
});

test.concurrent('a branch that the disk broke stops no other branch of the relay', async () => {
	const path = mkdtempSync(join(tmpdir(), 'holdfast-relay-'));
	const relay = await relayAt(path);
	const { port } = relay;
	const [whole, torn, odd] = [await hubAt(urlOf(relay), 'Whole'), await hubAt(urlOf(relay), 'Torn'), await hubAt(urlOf(relay), 'Odd')];
	for (const hub of [whole, torn, odd]) {
		hub.link.start();
		await eventually(() => nameAt(relay, hub) !== undefined, 'the relay has it');
		await hub.link.stop();
	}
	await relay.close();
	const folderOf = ({ shop }: LinkedHub): string => join(path, 'branches', `${shop.store}-${shop.branch}`);
	writeFileSync(join(folderOf(torn), 'branch.json'), '{"store":');
	writeFileSync(join(folderOf(odd), 'entries.sqlite'), 'this is no database, and long enough to be looked at '.repeat(100));
	const again = kept(await relayAt(path, port));
	expect(again.branches().map(({ store }) => store)).toEqual([whole.shop.store]);
	whole.link.start();
	await whole.rename('Whole, still');
	await eventually(() => nameAt(again, whole) === 'Whole, still', 'the whole one goes on');
	// The torn name is written anew when its hub comes: everything else of it was whole.
	torn.link.start();
	await eventually(() => nameAt(again, torn) === 'Torn', 'the torn one is found again');
	await torn.link.stop();
	await whole.link.stop();
	const lost = odd.link;
	lost.start();
	await eventually(() => lost.state().state === 'waiting', 'the broken one waits with a reason');
	expect(again.branches()).toHaveLength(2);
});

test('a relay that has died is given up although the clock was set back since the link came up', async () => {
	const silent = await elsewhere((server) => {
		server.on('request', (_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ nonce: 'ab'.repeat(16) })));
		new WebSocketServer({ server }).on('connection', (socket) => {
			socket.once('message', (bytes: Buffer) => {
				const { senderId } = decode(new Uint8Array(bytes)) as { readonly senderId: string };
				socket.send(encode({ type: 'peer', senderId: 'silent', targetId: senderId, peerMetadata: {}, selectedProtocolVersion: '1' }));
			});
		});
	});
	const shop = await openSealingShop();
	const { clock, timers, pass } = createManualTime();
	let backMs = 0;
	const link = createRelayLink({
		...{ store: shop.store, branch: shop.branch, signer: shop.hub, chain: shop.hubChain, repoPeer: 'hub', url: () => urlOf(silent) },
		...{ clock: { nowMs: () => clock.nowMs() - backMs }, timers },
	});
	kept({ close: () => link.stop() });
	link.network.connect('hub' as PeerId, {});
	link.start();
	await eventually(() => link.state().state === 'connected', 'linked');
	await pass(1_000);
	backMs = 2 * 60 * 60_000;
	await pass(17_000);
	await eventually(() => link.state().state !== 'connected', 'it is given up', 2_000);
});

test('a device that wakes waits for no next try, and who stopped tries nothing', async () => {
	const pauses: number[] = [];
	const shop = await openSealingShop();
	const link = createRelayLink({
		...{ store: shop.store, branch: shop.branch, signer: shop.hub, chain: shop.hubChain, repoPeer: 'hub', clock: systemClock },
		url: () => `ws://127.0.0.1:9`,
		// No timer of this one ever runs.
		timers: {
			every: () => () => undefined,
			after(ms) {
				pauses.push(ms);
				return () => undefined;
			},
		},
	});
	link.start();
	await eventually(() => pauses.length === 1, 'it waits');
	link.wake();
	await eventually(() => pauses.length === 2, 'it has tried, and waits again');
	expect(pauses[1]).toBe(pauses[0]);
	await link.stop();
	link.wake();
	expect(link.state().state).toBe('stopped');
});
