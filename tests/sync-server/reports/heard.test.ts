/** When devices were last heard of: a real relay and a hub, websockets on loopback. The numbers are those of `reports/heard.ts`. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryEntryStore } from '#adapters/entries-memory/entries-memory.ts';
import { chainKey } from '#core/entry/codec.ts';
import type { ReportRow } from '#ports';
import type { Certificate } from '#schemas/certificate.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startHub } from '#server/hub-process.ts';
import { startHeadlessTill } from '#server/headless-till.ts';
import { startRelay, type Relay } from '#server/relay-process.ts';
import { createHeard, type HeardDeps } from '#server/reports/heard.ts';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { createManualTime } from '../../support/manual-time.ts';

const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-heard-'));

test('1, 3: a hub that is linked is heard; when it has gone, and after a restart, it is known since when', async () => {
	const path = temporary();
	const start = (): Promise<Relay> =>
		startRelay({ folder: openDataFolder(path, 'relay'), port: 0, host: '127.0.0.1', name: 'Cloud', mostBranches: 2, log: () => undefined });
	let relay = await start();
	const hub = await startHub({
		...{ folder: openDataFolder(temporary(), 'hub'), port: 0, host: '127.0.0.1', app: undefined, log: () => undefined },
		relay: `ws://127.0.0.1:${relay.port}`,
	});
	const till = await startHeadlessTill({
		...{ hub: `http://127.0.0.1:${hub.port}`, folder: temporary(), claim: { kind: 'demo' } as const },
		onProblem: (error) => {
			throw error as Error;
		},
	});
	const read = async (view: string): Promise<readonly ReportRow[]> => {
		const [first] = relay.branches();
		if (first === undefined) return [];
		await relay.reported();
		return relay.report({ view, store: first.branch.ledger.store, limit: 10 });
	};
	const isHeard = (row: ReportRow): boolean => typeof row['heard_ms'] === 'number';
	await eventually(async () => (await read('tills')).some(isHeard), 'the hub is heard');
	expect((await read('branches'))[0]).toMatchObject({ devices_linked: 1 });
	await till.close();
	await hub.close();
	await eventually(async () => Number((await read('branches'))[0]?.['devices_linked']) === 0, 'nobody is linked');
	const before = (await read('tills')).map((row) => [row['device'], row['heard_ms']]);
	expect((await read('tills')).filter(isHeard)).toHaveLength(1);
	await relay.close();
	relay = await start();
	await eventually(async () => (await read('tills')).length === 2, 'the rows are there');
	expect((await read('tills')).map((row) => [row['device'], row['heard_ms']])).toEqual(before);
	expect((await read('branches'))[0]).toMatchObject({ devices_linked: 0, waiting: 0 });
	await relay.close();
});

test('2: what somebody said they hold and is not here waits, since it was said; a record that is away is written later', async () => {
	const time = createManualTime(1_000);
	const [device] = ['d'.repeat(64) as DeviceId];
	let heldSeq = 4;
	const claimedSeq = new Map([[chainKey(device, 'branch'), 7]]);
	const writes: ReportRow[] = [];
	let isAway = true;
	let tell: () => void = () => undefined;
	const heard = await createHeard({
		ledger: { chain: (_device, scope) => (scope === 'branch' ? { wholeSeq: heldSeq } : undefined) } as HeardDeps['ledger'],
		verifier: { devices: () => [{ device } as Certificate] },
		replica: {
			findings: () => ({ claimedSeq }),
			onFolded: () => undefined,
			onFindings: (listener: () => void) => (tell = listener),
		} as unknown as HeardDeps['replica'],
		entryStore: createMemoryEntryStore(),
		reports: {
			async write({ rows }) {
				if (isAway) throw new Error('away');
				writes.push(...(rows.get('links') ?? []));
			},
		},
		clock: time.clock,
		timers: time.timers,
	});
	await time.pass(1_000);
	expect(writes).toEqual([]);
	isAway = false;
	await time.pass(60_000);
	expect(writes.at(-1)).toMatchObject({ device, linked: false, waiting: 3, waiting_since_ms: 1_500 });
	heldSeq = 7;
	tell();
	await time.pass(1_000);
	expect(writes.at(-1)).toMatchObject({ waiting: 0, waiting_since_ms: null });
	await heard.close();
});
