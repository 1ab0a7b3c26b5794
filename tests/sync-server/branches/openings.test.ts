/** The relay's mail between new hubs and the stores that open branches with them: how much of it is looked at. */
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import type { Digest } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
import { OPENINGS_PATH, type BranchAsk } from '#schemas/wire/branch-opening.ts';
import { createOpenings } from '#server/branches/openings.ts';
import type { Answer } from '#server/http/server.ts';
import { expect, test } from 'vitest';
import { createManualTime } from '../../support/manual-time.ts';

let asks = 0;
const newAsk = (): BranchAsk => ({
	...{ v: 1, device: '0a'.repeat(32) as DeviceId, peer: 'peer-of-a-new-hub-of-nobody' },
	...{ box: (asks += 1).toString(16).padStart(64, '0'), proof: '0b'.repeat(64) },
});

function open(isProven: boolean) {
	const time = createManualTime();
	const digest: Digest = { ...createDigest(), verify: () => Promise.resolve(isProven) };
	const { routes } = createOpenings({ clock: time.clock, digest });
	return {
		time,
		hear: async (ask: BranchAsk): Promise<Answer | undefined> => routes[`POST ${OPENINGS_PATH}`]?.(undefined as never, { ask }),
	};
}

test('no more than 600 new hubs a minute are looked at; whoever has asked before is answered meanwhile', async () => {
	const { time, hear } = open(true);
	const waiting = newAsk();
	expect(await hear(waiting)).toEqual({ body: {} });
	for (let n = 1; n < 600; n += 1) expect(await hear(newAsk())).toEqual({ body: {} });
	const late = newAsk();
	expect(await hear(late)).toEqual({ status: 429, body: { error: 'Too many hubs ask at once. Try again in a minute.' } });
	expect(await hear(newAsk())).toMatchObject({ status: 429 });
	await time.pass(60_001);
	expect(await hear(late)).toEqual({ body: {} });
});

test('asks that prove nothing count as well', async () => {
	const { hear } = open(false);
	for (let n = 0; n < 600; n += 1) expect(await hear(newAsk())).toMatchObject({ status: 401 });
	expect(await hear(newAsk())).toMatchObject({ status: 429 });
});
