/**
 * What a shop sold while the cloud was away: it goes from its beginning, a few segments at once, and what is sold meanwhile waits behind none of it. Real HTTP,
 * libp2p, websockets and SQLite, on loopback.
 */
import { afterEach, expect, test } from 'vitest';
import { ENTRIES_A_SEGMENT, segmentOfSeq } from '#schemas/documents/segment.ts';
import { eventually } from '../support/eventually.ts';
import { close, closeAll, hubAt, newFolder, relayAt, sellBread, tillAt } from '../support/live-shop.ts';
import { freePort } from '../support/free-port.ts';

afterEach(closeAll);

/** Five segments: one more than are open at once (`MAX_SEGMENTS_AHEAD` of `engine/replicate.ts`, and the first that lacks something). */
const BACKLOG = 4_200;
const AT_ONCE = 4;

test('a backlog goes to the relay from its beginning, and a sale of that moment before its end', { timeout: 500_000 }, async () => {
	const [folder, port] = [newFolder(), await freePort()];
	let relay = await relayAt(port, folder);
	const hub = await hubAt({ relay: port });
	const till = await tillAt(hub, { claims: true });
	await eventually(() => relay.branches().length === 1 && hub.relayState().state === 'connected', 'the shop is in the cloud');
	await close(relay);
	for (let n = 0; n < BACKLOG; n += 1) await sellBread(till);
	await eventually(() => hub.shop()?.branch.ledger.state.sales.size === BACKLOG, 'the hub has them all', 200_000);

	relay = await relayAt(port, folder);
	let newest: { readonly entry: string; readonly before: number } | undefined;
	let leftBehindIt: number | undefined;
	let before = 0;
	await eventually(
		async () => {
			const sales = [...(relay.branches()[0]?.branch.ledger.state.sales.values() ?? [])].map(({ entry }) => entry);
			const [device] = sales.map(({ header }) => header.device);
			if (device === undefined) return false;
			const whole = relay.branches()[0]?.branch.ledger.chain(device, 'branch')?.wholeSeq ?? 0;
			expect(whole).toBeGreaterThanOrEqual(before);
			before = whole;
			const tooEarly = sales.filter(({ hash, header }) => hash !== newest?.entry && segmentOfSeq(header.seq) >= segmentOfSeq(whole + 1) + AT_ONCE);
			expect(tooEarly.map(({ header }) => header.seq)).toEqual([]);
			newest ??= { entry: (await sellBread(till)).entry, before: sales.length };
			if (leftBehindIt === undefined && sales.some(({ hash }) => hash === newest?.entry)) leftBehindIt = BACKLOG + 1 - sales.length;
			return sales.length === BACKLOG + 1;
		},
		'all of it is there',
		200_000,
	);
	expect(newest?.before).toBeLessThan(BACKLOG);
	expect(leftBehindIt).toBeGreaterThan(ENTRIES_A_SEGMENT / 4);
});
