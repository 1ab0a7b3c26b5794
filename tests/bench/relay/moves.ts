/** The process that keeps a branch is killed, again and again: how long until another one signs for what is sold then. */
import { join } from 'node:path';
import {
	nextComesIntoCloud,
	isAllInCloud,
	LOOPBACK,
	oneAddressFor,
	ownerOf,
	relayProcess,
	sellOn,
	shopAt,
	sqlAt,
	temporary,
} from '../../support/several-relays.ts';
import type { Closing, RelayProcess } from '../../support/several-relays.ts';
import { eventually } from '../../support/eventually.ts';
import { median, ms, type Row } from '../row.ts';
import { openDatabase } from './database.ts';

const KILLS = 5;
const MOST_MS = 10_000;

export const moves: Row = {
	name: 'moves',
	what: 'the process that keeps a branch is killed: until another one has it, and signs for what is sold then',
	against: '',
	reach: 'within 10 s',
	async run({ quick, tell }) {
		const database = await openDatabase('PostgreSQL');
		const closing: Closing = [];
		try {
			const record = await database.forRelay();
			if (record === undefined) throw new Error('PostgreSQL gave no database');
			const keys = join(temporary(), 'keys');
			const start = (): Promise<RelayProcess> => relayProcess(closing, record, keys, (port) => `ws://${LOOPBACK}:${port}`);
			const running = new Set([await start(), await start()]);
			const till = await shopAt(closing, `ws://${LOOPBACK}:${await oneAddressFor(closing, () => [...running].map(({ port }) => port))}`);
			const sql = sqlAt(closing, record);
			await eventually(() => isAllInCloud(till), 'the shop is in the cloud');
			const selling = sellOn(closing, till);
			const took: number[] = [];
			for (let kill = 0; kill < (quick ? 1 : KILLS); kill += 1) {
				tell(`kill ${kill + 1}`);
				const address = await ownerOf(sql);
				const keeper = [...running].find((one) => one.address === address);
				if (keeper === undefined) throw new Error(`nobody keeps the branch: ${String(address)}`);
				const begunMs = performance.now();
				running.delete(keeper);
				await keeper.kill();
				await nextComesIntoCloud(till, 'another one has the branch');
				took.push(performance.now() - begunMs);
				running.add(await start());
			}
			await selling.stop();
			await eventually(() => isAllInCloud(till), 'everything is in the cloud');
			const most = Math.max(...took);
			return {
				anchor: '',
				ours: `${ms(median(took))}, at most ${ms(most)}`,
				ok: most <= MOST_MS,
				numbers: { kills: took.length, medianMs: median(took), mostMs: most },
				note: `${took.length} kills; a till sold all the time.`,
			};
		} finally {
			for (const close of closing.reverse()) await close();
			await database.close();
		}
	},
};
