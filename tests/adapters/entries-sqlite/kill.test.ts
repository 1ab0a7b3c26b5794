/** The disk of a hub or a headless till, when its process is killed in the middle of selling. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { openSqliteVault } from '#adapters/entries-sqlite/vault-sqlite.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { problemsAfterCrash, type Acknowledged } from '../../support/after-crash.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-kill-'));
afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});

const ROUNDS = 8;

test(`every sale that was acknowledged is there after ${ROUNDS} times kill -9, on one chain, with gapless receipts`, async () => {
	const acknowledged: Acknowledged[] = [];
	for (let round = 1; round <= ROUNDS; round += 1) {
		// The moment differs from round to round and from machine to machine: in a transaction, between two, while sealing.
		const [afterSales, waitMs] = [1 + ((round * 7) % 23), (round * 3) % 5];
		acknowledged.push(...(await sellAndKill(`round-${round}`, afterSales, waitMs)));
		const vault = openSqliteVault(join(folder, 'vault.sqlite'));
		const problems = await problemsAfterCrash(vault, createDigest(), acknowledged);
		expect(problems, `round ${round}`).toEqual([]);
		await vault.close();
	}
	expect(acknowledged.filter((one) => 'sold' in one).length).toBeGreaterThanOrEqual(ROUNDS);
});

function sellAndKill(run: string, afterSales: number, waitMs: number): Promise<readonly Acknowledged[]> {
	const script = fileURLToPath(new URL('./sell-until-killed.ts', import.meta.url));
	const child = spawn(process.execPath, [script, folder, run], { stdio: ['ignore', 'pipe', 'pipe'] });
	const tooLong = setTimeout(() => child.kill('SIGKILL'), 30_000);
	let text = '';
	let errors = '';
	child.stderr.on('data', (bytes: Buffer) => {
		errors += bytes.toString();
	});
	let killing = false;
	child.stdout.on('data', (bytes: Buffer) => {
		text += bytes.toString();
		if (killing || text.split('"sold"').length <= afterSales) return;
		killing = true;
		setTimeout(() => child.kill('SIGKILL'), waitMs);
	});
	return new Promise((resolve, reject) => {
		child.on('close', () => {
			clearTimeout(tooLong);
			// What stands behind the last line break was being said when it died.
			const lines = text.split('\n').slice(0, -1);
			if (killing) resolve(lines.map((line) => JSON.parse(line) as Acknowledged));
			else reject(new Error(`it ended by itself: ${errors}`));
		});
	});
}
