/**
 * A hub and a relay under attack, each a process of its own, and an honest till that sells meanwhile.
 *
 * What must hold:
 * 1. Neither ends, and nothing in them fails that our own code should have looked at first.
 * 2. Every sale is in the cloud within `STALLED_MS`, whatever comes beside it.
 * 3. What they hold in memory does not grow with the frames.
 * 4. In the end till, hub and relay hold the same entries and believe the same, and every one of them verifies: each sale that was rung up, and nothing that
 *    an attacker wrote.
 * 5. It ends: what has not been sent within `mostMs` counts against them.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '#adapters/documents-automerge/wasm-node.ts';
import { documentIdOf } from '#adapters/documents-automerge/document-id.ts';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { auditBranch } from '#engine/audit.ts';
import { hexOf } from '#schemas/cbor.ts';
import { floorPreimage } from '#schemas/documents/floor.ts';
import { genesisPreimage } from '#schemas/documents/genesis.ts';
import { segmentPreimage } from '#schemas/documents/segment.ts';
import { SCOPES, type DeviceId } from '#schemas/ids.ts';
import { askToJoin, whoIsAt } from '#server/enrolment/join.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { openIdentity } from '#server/identity.ts';
import { findingWords } from '#server/ledger/finding-words.ts';
import { openSource } from '#server/ledger/sources.ts';
import { stateDigest } from '#server/replay/state-digest.ts';
import { NODE_FLAGS } from '../../../sync-server/launch/launch.mjs';
import { RELAY_NODE_FLAGS } from '../../../sync-server/launch/relay-node-flags.mjs';
import { diceOf } from '../../sim/random.ts';
import { eventually } from '../eventually.ts';
import { sellBread } from '../live-shop.ts';
import {
	admissionQueryOf,
	attackOf,
	controlOf,
	frameOf,
	helloPayloadOf,
	requestOf,
	signedBodies,
	strangeBytesOf,
	type Attack,
	type Scene,
	type Way,
} from './attack.ts';
import { ask, createHubSender, createRelaySender, sayAtTheDoor, sayBytes, type Member, type Sender } from './senders.ts';

export interface Play {
	readonly seed: number;
	readonly frames: number;
	/** Number of the first frame. */
	readonly from?: number;
	/** For the frames; absent: as long as they take. */
	readonly mostMs?: number;
	readonly say?: (line: string) => void;
}

export interface Played {
	readonly findings: readonly string[];
	/** Frames that were sent, by their way. */
	readonly sent: ReadonlyMap<Way, number>;
	readonly sales: number;
	/** Of each sale, from the receipt until the relay had signed for it, in order of size. */
	readonly toCloudMs: readonly number[];
	/** MiB that hub and relay hold beyond what they held before the first frame. */
	readonly grownMiB: Readonly<Record<'hub' | 'relay', number>>;
	/** Why links were ended, with how often. */
	readonly ends: ReadonlyMap<string, number>;
}

/** Many times what a sale takes to the cloud on one busy core: what is not there by then is kept from it. */
const STALLED_MS = 60_000;
const MEMBERS = 4;
const A_BREATH = 25;
const STRANGERS: ReadonlySet<Way> = new Set(['http', 'upgrade', 'socket']);
const STRANGERS_AT_ONCE = 16;
/** A busier till than any; without a pause its own work would be most of what is measured. */
const BETWEEN_SALES_MS = 200;
/** The documents may grow to their bounds (the floor 32 MiB on disk, segments less), and a moment's frames lie in queues. */
const MOST_GROWN_MIB = 256;
const MOST_FINDINGS = 20;

export async function playFrames({ seed, frames, from = 0, mostMs = Infinity, say = () => undefined }: Play): Promise<Played> {
	const findings: string[] = [];
	const last: string[] = [];
	const find = (words: string): void => {
		if (findings.length >= MOST_FINDINGS || findings.includes(words)) return;
		findings.push(words);
		say(`✗ ${words}\n  seed ${seed}; the frames before it:\n  ${last.slice(-10).join('\n  ')}`);
	};
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-frames-'));
	const path = { hub: join(folder, 'hub'), relay: join(folder, 'relay') };
	const relay = await openVictim('relay', [path.relay], find);
	const hub = await openVictim('hub', [path.hub, `ws://127.0.0.1:${relay.port}`], find);
	const address = `http://127.0.0.1:${hub.port}`;
	const till = await startHeadlessTill({
		...{ hub: address, folder: join(folder, 'till'), claim: { kind: 'demo' } },
		onProblem: (error) => find(`the till: ${String(error)}`),
	});
	const closing: (() => Promise<unknown>)[] = [() => till.close(), () => hub.stop(), () => relay.stop()];
	try {
		await eventually(() => till.branch.ledger.state.products.size === 205, 'the shop reaches the till');
		await eventually(() => isInCloud(till), 'the shop is in the cloud');
		const members: Member[] = [];
		while (members.length < MEMBERS) members.push(await letIn(address, hub, folder, members.length));
		const info = await whoIsAt(address);
		const relayInfo = (await (await fetch(`http://127.0.0.1:${relay.port}/hub.json`)).json()) as { peer: string };
		const toRelay = members.map((member) => createRelaySender(relay.port, member, relayInfo.peer));
		const toHub = members.map((member) => createHubSender(info?.multiaddrs[0] ?? '', member, info?.peer ?? ''));
		closing.unshift(...[...toRelay, ...toHub].map((sender) => () => sender.close()));
		const scene = await sceneOf(seed, till, members, info?.peer ?? '');

		const before = { hub: await hub.memoryMiB(), relay: await relay.memoryMiB() };
		const selling = sellOn(till, find);
		closing.unshift(() => selling.stop());
		const sent = new Map<Way, number>();
		const strangers = new Set<Promise<void>>();
		const lanes: Promise<void>[] = [];
		const begunMs = Date.now();
		for (let number = from; number < from + frames; number += 1) {
			const attack = attackOf(seed, number);
			const deliverNow = async (): Promise<void> => {
				const way = await deliver(attack, number);
				sent.set(way, (sent.get(way) ?? 0) + 1);
			};
			// Each member's frames go in their order; strangers come many at once, for each is answered in its own time.
			if (!STRANGERS.has(attack.way)) lanes[number % MEMBERS] = lanes[number % MEMBERS]?.then(deliverNow) ?? deliverNow();
			else {
				const delivered = deliverNow().finally(() => strangers.delete(delivered));
				if (strangers.add(delivered).size >= STRANGERS_AT_ONCE) await Promise.race(strangers);
			}
			if (number % A_BREATH === 0) {
				await Promise.all(lanes);
				await breathe();
			}
			if (number % 5_000 === 4_999)
				say(
					`${number + 1 - from} frames in ${Math.round((Date.now() - begunMs) / 1000)} s, ${selling.sales()} sales, the slowest ${selling.toCloudMs().at(-1) ?? 0} ms; MiB: hub ${await hub.memoryMiB()}, relay ${await relay.memoryMiB()}`,
				);
			if (hub.isGone() || relay.isGone()) break;
			if (Date.now() - begunMs > mostMs) {
				find(`${number + 1 - from} of ${frames} frames were sent in ${Math.round(mostMs / 1000)} s`);
				break;
			}
		}
		await Promise.all([...lanes, ...strangers]);
		await selling.stop();
		const ends = new Map<string, number>();
		for (const sender of [...toRelay, ...toHub] as readonly Sender[])
			for (const [why, count] of sender.ends) ends.set(why, (ends.get(why) ?? 0) + count);
		const grownMiB = { hub: (await hub.memoryMiB()) - before.hub, relay: (await relay.memoryMiB()) - before.relay };
		for (const [who, grown] of Object.entries(grownMiB))
			if (grown > MOST_GROWN_MIB) find(`the ${who} holds ${grown} MiB more than before the first frame`);
		await Promise.all(closing.splice(0, 1 + toRelay.length + toHub.length).map((close) => close()));
		if (!hub.isGone() && !relay.isGone())
			await eventually(() => isInCloud(till), 'all is in the cloud').catch((error: unknown) => find(String(error)));
		const believed = stateDigest(till.branch.ledger);
		for (const close of closing.splice(0)) await close();
		const attackers = new Set(members.map(({ signer }) => signer.device));
		for (const who of ['hub', 'relay'] as const) await audit(who, path[who], { state: believed, sales: selling.sales(), attackers }, find);
		return { findings, sent, sales: selling.sales(), toCloudMs: selling.toCloudMs(), grownMiB, ends };

		async function deliver(attack: Attack, number: number): Promise<Way> {
			const note = (words: string, bytes?: Uint8Array): void => {
				last.push(`${number} ${words} ${bytes === undefined ? '' : hexOf(bytes.subarray(0, 600))}`);
				if (last.length > 60) last.shift();
			};
			const port = { hub: hub.port, relay: relay.port };
			switch (attack.way) {
				case 'hub': {
					const isSent = await toHub[number % MEMBERS]?.send((link, names) => {
						const control = controlOf(attack, scene);
						const payload = control?.payload ?? frameOf(attack, scene, names);
						note(`by a member to the hub, kind ${control?.kind ?? 1}`, payload);
						link.say(payload, control?.kind);
					});
					if (isSent === true) return 'hub';
					return throughRelay();
				}
				case 'relay':
					return throughRelay();
				case 'hello': {
					const payload = helloPayloadOf(attack, scene);
					note('a hello to the hub', payload);
					if (await toHub[number % MEMBERS]?.hello(payload)) return 'hello';
					return throughRelay();
				}
				case 'http': {
					const request = requestOf(attack, scene);
					note(`${request.path.slice(0, 200)} of the ${request.to}`, request.body);
					const status = await ask(port[request.to], request).catch((error: unknown) => find(String(error)));
					if (typeof status === 'number' && status >= 500 && status !== 503)
						find(`frame ${number}: ${request.path.slice(0, 100)} of the ${request.to} answers ${status}`);
					return 'http';
				}
				case 'upgrade': {
					const query = admissionQueryOf(attack, scene);
					note(`an upgrade at the relay ${query}`);
					const status = await ask(relay.port, { to: 'relay', path: `/relay?${query}` }).catch((error: unknown) => find(String(error)));
					if (typeof status === 'number' && status >= 500) find(`frame ${number}: an upgrade is answered ${status}`);
					await sayBytes(relay.port, Buffer.from(`${UPGRADE.replace('/lan', `/relay?${query}`)}`));
					return 'upgrade';
				}
				case 'socket': {
					const { to, bytes } = strangeBytesOf(attack);
					note(`bytes into ${to}`, bytes);
					await (to === 'door' ? sayAtTheDoor(hub.port, bytes) : sayBytes(port[to], bytes));
					return 'socket';
				}
			}

			async function throughRelay(): Promise<Way> {
				await toRelay[number % MEMBERS]?.send((link, names) => {
					const frame = frameOf(attack, scene, names);
					note('by a member to the relay', frame);
					link.say(frame);
				});
				return 'relay';
			}
		}

		/** Both answer a question that costs them nothing: what was sent before is through, or waits its turn behind others. */
		async function breathe(): Promise<void> {
			for (const [who, { port, isGone }] of [
				['hub', hub],
				['relay', relay],
			] as const) {
				if (isGone()) continue;
				const status = await ask(port, { to: who, path: '/healthz' }).catch((error: unknown) => find(`the ${who}: ${String(error)}`));
				if (status !== 200 && !isGone()) find(`the ${who} says ${String(status)} when asked how it is`);
			}
		}
	} finally {
		for (const close of closing) await close().catch(() => undefined);
	}
}

const UPGRADE =
	'GET /lan HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

interface Victim {
	readonly port: number;
	/** The last join code that it showed. */
	code(): string;
	memoryMiB(): Promise<number>;
	isGone(): boolean;
	stop(): Promise<void>;
}

async function openVictim(role: 'hub' | 'relay', args: readonly string[], find: (words: string) => void): Promise<Victim> {
	const child: ChildProcess = fork(fileURLToPath(new URL('victim.ts', import.meta.url)), [role, ...args], {
		execArgv: [...NODE_FLAGS, ...(role === 'relay' ? RELAY_NODE_FLAGS : []), '--expose-gc'],
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
	});
	let said: { port?: number; code?: string; memory?: number } = {};
	let errors = '';
	let isStopping = false;
	child.stderr?.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-3_000)));
	child.on('message', (message: { readonly failure?: string }) => {
		if (message.failure === undefined) said = { ...said, ...message };
		else find(`the ${role}: ${message.failure}`);
	});
	const gone = new Promise<void>((resolve) => {
		child.once('exit', (code, signal) => {
			if (!isStopping) find(`the ${role} ended (${code ?? signal ?? ''}): ${errors}`);
			resolve();
		});
	});
	const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
	await eventually(() => isGone() || said.port !== undefined, `the ${role} listens`);
	return {
		port: said.port ?? 0,
		code: () => said.code ?? '',
		isGone,
		async memoryMiB() {
			delete said.memory;
			if (isGone()) return 0;
			child.send('memory');
			await eventually(() => isGone() || said.memory !== undefined, `the ${role} says what it holds`);
			return Math.round((said.memory ?? 0) / 1024 / 1024);
		},
		async stop() {
			isStopping = true;
			if (!isGone()) child.send('stop');
			await gone;
		},
	};
}

/** A device whose peer id is smaller than the hub's, so that opening the stream is its part. */
async function letIn(hub: string, victim: Victim, folder: string, number: number): Promise<Member> {
	const hubPeer = (await whoIsAt(hub))?.peer ?? '';
	for (let tries = 0; ; tries += 1) {
		const { signer, networkSeed, peer } = await openIdentity(join(folder, `member-${number}-${tries}`));
		if (peer > hubPeer) continue;
		const { member, chain } = await askToJoin({ hub, identity: { signer, peer }, path: 'join', body: { code: victim.code() } });
		return { signer, peer, chain, networkSeed, store: member.store, branch: member.branch };
	}
}

async function sceneOf(seed: number, till: HeadlessTill, members: readonly Member[], hubPeer: string): Promise<Scene> {
	const { ledger } = till.branch;
	const [member] = members;
	if (member === undefined) throw new Error('nobody was let in');
	const { store, branch } = member;
	const digest = createNodeDigest();
	const devices = [...ledger.state.devices.keys()];
	const idOf = async (preimage: readonly (string | number)[]): Promise<string> => (await documentIdOf(preimage, digest)).text;
	const floor = await idOf(floorPreimage(store, branch));
	const documents = [floor, await idOf(genesisPreimage(store))];
	for (const device of devices) for (const scope of SCOPES) documents.push(await idOf(segmentPreimage({ store, branch, scope, device, n: 1 })));
	const entries = ledger.entries();
	const pool = [
		...[store, branch, hubPeer, ...devices, ...members.map(({ peer }) => peer), ...members.map(({ chain }) => hexOf(chain))],
		...entries.slice(0, 8).flatMap(({ hash, sealed }) => [hash, hexOf(sealed)]),
		...[...ledger.state.products.keys()].slice(0, 5),
	];
	return { floor, documents, pool: [...pool, ...(await signedBodies(diceOf(`signed of ${seed}`), pool, member.signer))] };
}

function sellOn(till: HeadlessTill, find: (words: string) => void): { sales(): number; toCloudMs(): readonly number[]; stop(): Promise<void> } {
	const toCloudMs: number[] = [];
	let count = 0;
	let isOver = false;
	const done = (async () => {
		while (!isOver) {
			await sellBread(till);
			count += 1;
			const soldMs = Date.now();
			await eventually(() => isInCloud(till), `sale ${count} is in the cloud`, STALLED_MS).catch((error: unknown) => find(String(error)));
			toCloudMs.push(Date.now() - soldMs);
			await new Promise((resolve) => setTimeout(resolve, BETWEEN_SALES_MS));
		}
	})();
	return {
		sales: () => count,
		toCloudMs: () => toCloudMs.toSorted((a, b) => a - b),
		async stop() {
			isOver = true;
			await done;
		},
	};
}

/** The relay has signed that all that this till knows of is on its disk. */
function isInCloud({ branch: { ledger, replica } }: HeadlessTill): boolean {
	const held = replica.findings().watermarks.find(({ tier }) => tier === 'cloud')?.marks;
	return ledger
		.marks()
		.every(({ device, scope, seq }) => held?.some((one) => one.device === device && one.scope === scope && one.seq >= seq) === true);
}

interface Expected {
	readonly state: string;
	readonly sales: number;
	readonly attackers: ReadonlySet<DeviceId>;
}

async function audit(who: string, path: string, expected: Expected, find: (words: string) => void): Promise<void> {
	const { ledger, findings } = await auditBranch(await openSource(path, '', createNodeDigest()), createNodeDigest(), () => undefined);
	for (const finding of findings) find(`the ledger of the ${who}: ${findingWords(finding)}`);
	if (stateDigest(ledger) !== expected.state) find(`the ${who} does not believe what the till believes`);
	const sales = [...ledger.state.sales.values()].filter(({ counts }) => counts).length;
	if (sales !== expected.sales) find(`${expected.sales} sales were rung up, and the ${who} counts ${sales}`);
	const theirs = ledger.entries().filter(({ header }) => expected.attackers.has(header.device)).length;
	if (theirs > 0) find(`the ${who} holds ${theirs} entries of attackers`);
}
