/** What a hub makes of whoever answers at the relay's address: what it writes down, whom it refuses, and when it asks again. */
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import type { Conflict } from '#core/conflict/conflict.ts';
import type { RelayState } from '#core/ledger/state.ts';
import { provenSuccession } from '#engine/verify.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { RelayInfo } from '#schemas/wire/relay-admission.ts';
import { createRelayKnown, type RelayKnownDeps, type RelayRefusal } from '#server/relay-known.ts';
import { expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';
import { newSigner, successionOf } from '../support/successions.ts';

const digest = createDigest();
const URL_OF_IT = 'wss://relay.example';
const [relay, second, third, stranger] = await Promise.all([newSigner(), newSigner(), newSigner(), newSigner()]);
const toSecond = await successionOf({ relay: relay.device, before: relay, next: second });
const toThird = await successionOf({ relay: relay.device, generation: 2, before: second, next: third });
const apart = await successionOf({ relay: relay.device, before: relay, next: stranger });
const unsigned = await successionOf({ relay: relay.device, before: relay, next: second, signs: [stranger, second] });

const infoOf = (device: DeviceId, successions: readonly string[] = []): RelayInfo => ({
	...{ protocolVersion: 1, role: 'relay', relay: device, name: 'Cloud', peer: 'peer', multiaddrs: [], branches: 1 },
	...(successions.length === 0 ? {} : { successions: [...successions] }),
});

/** A hub of a store that knows these relays, and writes into nothing but a list. */
function hubThat(knows: readonly (Pick<RelayState, 'relay'> & Partial<RelayState>)[], answers: () => RelayInfo, takesNew = false) {
	const time = createManualTime();
	const written: Fact[] = [];
	const said = new Set<string>();
	const looked: (RelayRefusal | undefined)[] = [];
	const strange: ((device: DeviceId) => void)[] = [];
	let asked = 0;
	const conflicts: Conflict[] = [];
	const relays = new Map(knows.map((one) => [one.relay, { url: URL_OF_IT, name: 'Cloud', entry: '' as EntryHash, joinedAtMs: 0, ...one }]));
	const branch: RelayKnownDeps['branch'] = {
		ledger: { state: { relays } as never, conflicts: () => conflicts },
		verifier: { succession: (shown) => provenSuccession(shown, digest) },
		replica: { onStrangeKey: (listener) => strange.push(listener) },
		writer: {
			commit({ key, decide }: { readonly key: string; readonly decide: () => { readonly store: readonly Fact[] } }) {
				const again = said.has(key);
				said.add(key);
				if (!again) written.push(...decide().store);
				return Promise.resolve({ entries: [], again } as never);
			},
		} as never,
	};
	const known = createRelayKnown({
		...{ url: URL_OF_IT, branch, self: stranger.device, takesNew, timers: time.timers, log: () => undefined },
		ask() {
			asked += 1;
			return Promise.resolve().then(answers);
		},
		onLooked: (refused) => looked.push(refused),
	});
	const settled = async (): Promise<void> => {
		for (let turn = 0; turn < 50; turn += 1) await new Promise((go) => setTimeout(go));
	};
	return {
		...{ known, time, written, looked, conflicts, settled },
		asked: () => asked,
		hearsStrangeKey: () => strange.forEach((listen) => listen(relay.device)),
	};
}

const typesOf = (facts: readonly Fact[]): readonly string[] => facts.map(({ type }) => type);

test('1: a relay that nobody knows is joined, with every key that it has come to; one that is known is joined no more', async () => {
	const hub = hubThat([], () => infoOf(relay.device, [toSecond, toThird]));
	await hub.settled();
	expect(typesOf(hub.written)).toEqual(['relay.joined', 'relay.renewed', 'relay.renewed']);
	expect(hub.written.flatMap((fact) => (fact.type === 'relay.renewed' ? [fact.succession] : []))).toEqual([toSecond, toThird]);
	const knowing = hubThat([{ relay: relay.device, keys: [second.device] }], () => infoOf(relay.device, [toSecond, toThird]));
	await knowing.settled();
	expect(knowing.written.map((fact) => (fact.type === 'relay.renewed' ? fact.succession : fact.type))).toEqual([toThird]);
	expect([hub.looked, knowing.looked]).toEqual([[undefined], [undefined]]);
});

test.each([
	['signed by one key alone', [unsigned]],
	['that skip one', [toThird]],
	['of which one is no succession', [toSecond, 'ab']],
])('1: successions %s make no key believed', async (_, shown) => {
	for (const knows of [[], [{ relay: relay.device }]]) {
		const hub = hubThat(knows, () => infoOf(relay.device, shown));
		await hub.settled();
		expect([hub.written, hub.looked]).toEqual([[], ['unproven']]);
	}
});

test('2: at a known relay’s address, by TLS or not, no other is taken; if the owner says that it is a new one, the lost one is given up with it', async () => {
	const knows = [
		{ relay: relay.device, url: 'ws://relay.example' },
		{ relay: third.device, url: 'wss://elsewhere.example' },
	];
	const hub = hubThat(knows, () => infoOf(second.device));
	await hub.settled();
	expect([hub.written, hub.looked]).toEqual([[], ['another']]);
	const told = hubThat(knows, () => infoOf(second.device), true);
	await told.settled();
	expect(told.written).toMatchObject([
		{ type: 'relay.left', relay: relay.device },
		{ type: 'relay.joined', relay: second.device, url: URL_OF_IT },
	]);
});

test('2: a relay that was given up and comes back is joined by an entry of its own, not by the one of the first time', async () => {
	const hub = hubThat([], () => infoOf(relay.device));
	await hub.settled();
	expect(typesOf(hub.written)).toEqual(['relay.joined']);
	// The store knows it no more.
	hub.known.look();
	await hub.settled();
	expect(typesOf(hub.written)).toEqual(['relay.joined', 'relay.joined']);
});

test('whoever links while an answer is on its way is asked, too', async () => {
	const hub = hubThat([{ relay: relay.device }], () => infoOf(relay.device));
	hub.known.look();
	hub.known.look();
	await hub.settled();
	expect(hub.asked()).toBe(2);
});

test('3: one that shows fewer keys than the store knows, or others, is refused; a rival is written down once', async () => {
	const knows = [{ relay: relay.device, keys: [second.device] }];
	const older = hubThat(knows, () => infoOf(relay.device));
	await older.settled();
	expect([older.written, older.looked]).toEqual([[], ['given-up']]);
	const rival = hubThat(knows, () => infoOf(relay.device, [apart]));
	await rival.settled();
	expect(rival.written).toMatchObject([{ type: 'relay.renewed', succession: apart }]);
	expect(rival.looked).toEqual(['renewed-apart']);
	rival.conflicts.push({ detail: { kind: 'renewed-twice', device: relay.device } } as Conflict);
	rival.known.look();
	await rival.settled();
	expect([rival.written.length, rival.looked]).toEqual([1, ['renewed-apart', 'renewed-apart']]);
});

test('whoever is refused or does not answer is asked again after five seconds, one that is the relay when something new is heard of it', async () => {
	let answers: () => RelayInfo = () => {
		throw new Error('nobody there');
	};
	const hub = hubThat([{ relay: relay.device, keys: [second.device] }], () => answers());
	await hub.settled();
	answers = () => infoOf(relay.device);
	await hub.time.pass(5_000);
	await hub.settled();
	answers = () => infoOf(relay.device, [toSecond]);
	await hub.time.pass(5_000);
	await hub.settled();
	expect([hub.looked, hub.asked()]).toEqual([['given-up', undefined], 3]);
	await hub.time.pass(60_000);
	expect(hub.asked()).toBe(3);
	answers = () => infoOf(relay.device, [toSecond, toThird]);
	hub.hearsStrangeKey();
	hub.hearsStrangeKey();
	await hub.settled();
	expect([hub.asked(), typesOf(hub.written)]).toEqual([4, ['relay.renewed']]);
	// Anybody on the LAN can name a key: it costs the relay a question every two seconds, and no more.
	hub.hearsStrangeKey();
	expect(hub.asked()).toBe(4);
	await hub.time.pass(2_000);
	hub.hearsStrangeKey();
	await hub.settled();
	expect(hub.asked()).toBe(5);
	hub.known.close();
	await hub.time.pass(2_000);
	hub.hearsStrangeKey();
	expect(hub.asked()).toBe(5);
});
