/** Frames that nobody honest sends, by strangers and by devices that were let in: nothing ends, nothing stalls, and what everybody believes is what was sold. */
import { readdirSync } from 'node:fs';
import type * as v from 'valibot';
import { expect, test } from 'vitest';
import { parseRepoFrame } from '#adapters/lan-libp2p/repo-frame.ts';
import { checkFrame, isRelayFrame } from '#adapters/relay-websocket/relay-frame.ts';
import { frameOf, attackOf } from '../support/frames/attack.ts';
import { madeFrom } from '../support/frames/made.ts';
import { playFrames } from '../support/frames/play.ts';
import { diceOf } from '../sim/random.ts';

const WIRE = new URL('../../schemas/wire/', import.meta.url);

test('every schema of the wire can be drawn, so that every message is attacked', async () => {
	let drawn = 0;
	for (const file of readdirSync(WIRE)) {
		const exported = (await import(new URL(file, WIRE).href)) as Readonly<Record<string, unknown>>;
		for (const [name, schema] of Object.entries(exported).filter(([, one]) => isSchema(one))) {
			for (let n = 0; n < 20; n += 1) expect(() => madeFrom(schema as v.GenericSchema, diceOf(`${name} ${n}`), []), `${file} ${name}`).not.toThrow();
			drawn += 1;
		}
	}
	expect(drawn).toBeGreaterThan(25);
});

test('what stands in front of automerge-repo answers everything, and lets through only what bears the sender’s name', () => {
	const scene = { pool: [diceOf('pool').hex(40)], floor: '2akvofn6L1o4RMUEMQi7qzwRjKWZ', documents: ['2akvofn6L1o4RMUEMQi7qzwRjKWZ'] };
	const names = { senderId: 'member', targetId: 'server' };
	const passed = { relay: 0, hub: 0 };
	for (let n = 0; n < 2_000; n += 1) {
		const frame = frameOf(attackOf(1, n), scene, names);
		const atRelay = checkFrame(frame, { repoPeer: 'member', self: 'server' }, true);
		const atHub = parseRepoFrame(frame, 'member', 'server');
		isRelayFrame(frame, 'server', 'member');
		if ('pass' in atRelay) passed.relay += 1;
		if ('message' in atHub) passed.hub += 1;
		if ('pass' in atRelay && atRelay.pass.type !== 'ephemeral') expect(atRelay.pass.senderId).toBe('member');
		if ('message' in atHub && atHub.message.type !== 'ephemeral') expect(atHub.message.senderId).toBe('member');
		if ('close' in atRelay) expect(Buffer.byteLength(atRelay.close)).toBeLessThanOrEqual(123);
	}
	// Neither door is simply shut.
	expect(passed.relay).toBeGreaterThan(400);
	expect(passed.hub).toBeGreaterThan(400);
});

test('a hub and a relay take hostile frames by the thousand while a till sells', { timeout: 400_000 }, async () => {
	const [seed, frames] = [1, 1_500];
	const played = await playFrames({
		...{ seed, frames },
		say: (line) => {
			console.log(line);
		},
	});
	expect(played.findings, `npm run attack -- --seed ${seed} --frames ${frames} plays it again`).toEqual([]);
	for (const way of ['relay', 'hub', 'http', 'upgrade', 'socket'] as const) expect(played.sent.get(way), way).toBeGreaterThan(25);
	expect(played.sales).toBeGreaterThan(3);
});

function isSchema(value: unknown): boolean {
	return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema';
}
