/** A relay on PostgreSQL and a hub are backed up by one command each while a till sells; the copies verify, start, and hear what came later. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { afterEach, expect, test } from 'vitest';
import { newDatabase } from '../support/new-database.ts';
import { eventually } from '../support/eventually.ts';
import { hubAt, isAllInCloud, relayAt, sellBread, temporaryFolder, tillThatClaims } from '../support/relay-and-shop.ts';

const open = new Set<{ close(): Promise<void> }>();
afterEach(async () => {
	for (const one of [...open].reverse()) await one.close();
	open.clear();
});
function opened<One extends { close(): Promise<void> }>(one: One): One {
	open.add(one);
	return one;
}

const run = (script: string, ...args: string[]): Promise<string> =>
	promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', `sync-server/${script}.ts`, ...args]).then(
		({ stdout }) => stdout,
		(error: unknown) => `refused: ${(error as { stdout: string; stderr: string }).stdout}${(error as { stderr: string }).stderr}`,
	);

test('relay with its database and hub: what was there when the copy began is in it, whole, and the rest comes back', async () => {
	const database = await newDatabase();
	const data = temporaryFolder();
	const hubData = temporaryFolder();
	const relay = opened(await relayAt(data, { database }));
	const hub = opened(await hubAt(hubData, `ws://127.0.0.1:${relay.port}`));
	const till = opened(await tillThatClaims(`http://127.0.0.1:${hub.port}`));
	for (let n = 0; n < 5; n += 1) await sellBread(till);
	await eventually(() => isAllInCloud(till), 'the first sales are in the cloud');

	let sells = true;
	let sold = 5;
	const selling = (async (): Promise<void> => {
		while (sells) {
			await sellBread(till);
			sold += 1;
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	})();
	const stopSelling = (): Promise<void> => {
		sells = false;
		return selling;
	};
	opened({ close: stopSelling });
	const [backup, hubBackup] = [join(temporaryFolder(), 'relay'), join(temporaryFolder(), 'hub')];
	const before = sold;
	expect(await run('backup', 'backup', '--data', data, '--backup', backup, '--database', database)).toMatch(/files\. Keys are among them/);
	expect(await run('backup', 'backup', '--data', hubData, '--backup', hubBackup)).toMatch(/files\. Keys are among them/);
	await stopSelling();
	expect(sold).toBeGreaterThan(before);
	await eventually(() => isAllInCloud(till), 'all sales are in the cloud');

	// Another place, and one copy into it: neither with branches in it nor without its database.
	const other = await newDatabase();
	const again = join(temporaryFolder(), 'relay');
	expect(await run('backup', 'restore', '--data', again, '--backup', backup)).toMatch(/refused: .*has a database in it/);
	expect(await run('backup', 'restore', '--data', again, '--backup', backup, '--database', database)).toMatch(/refused: .*has branches already/);
	const entries = join(backup, 'database', 'entries.copy');
	const whole = readFileSync(entries);
	writeFileSync(entries, whole.with(40, (whole[40] ?? 0) ^ 1));
	expect(await run('backup', 'restore', '--data', again, '--backup', backup, '--database', other)).toMatch(/refused: .*is not what was backed up/);
	writeFileSync(entries, whole);
	expect(await run('backup', 'restore', '--data', again, '--backup', backup, '--database', other)).toMatch(/as it was at/);
	expect(await run('ledger', 'verify', other)).toMatch(/✓/);
	const sql = postgres(other, { max: 1, onnotice: () => undefined });
	const [held] = await sql<
		{ count: number }[]
	>`SELECT count(*)::int AS count FROM holdfast.entries WHERE scope = (SELECT min(scope) FROM holdfast.entries)`;
	await sql.end();
	expect(held?.count).toBeGreaterThanOrEqual(before);

	const hubAgain = join(temporaryFolder(), 'hub');
	expect(await run('backup', 'restore', '--data', hubAgain, '--backup', hubBackup)).toMatch(/as it was at/);
	expect(await run('ledger', 'verify', hubAgain)).toMatch(/✓/);

	// The relay goes on from its copy, and hears from the hub what came after it.
	const { port } = relay;
	open.delete(relay);
	await relay.close();
	const second = opened(await relayAt(again, { database: other, port }));
	await sellBread(till);
	await eventually(
		() => second.branches()[0]?.branch.ledger.size() === till.branch.ledger.size() && isAllInCloud(till),
		'all of it is there again',
		60_000,
	);
	expect(await run('ledger', 'verify', other)).toMatch(/✓/);
}, 120_000);
