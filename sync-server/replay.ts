/** `npm run replay -- --csv FILE`: real past sales through the real engine, with a report that can be held against the file's own sums. */
import { existsSync, writeFileSync } from 'node:fs';
import { numberFlag, parseFlags, textFlag, type Flag } from './flags.ts';
import { readPastSales, type PastSales } from './replay/read-sales.ts';
import { replay, type ReplayProgress, type ReplayResult } from './replay/replay.ts';
import { complain, say } from './terminal.ts';

const rate: Flag<number> = {
	...{ hint: 'RATE', help: 'Share of the time that each till is off the network', initial: 0.2 },
	parse(text) {
		const value = Number(text);
		return text.trim() !== '' && value >= 0 && value <= 0.9 ? { value } : { wrong: 'expected a number from 0 to 0.9' };
	},
};

const FLAGS = {
	csv: textFlag('', 'FILE', 'Past sales: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice'),
	tills: numberFlag(4, 'Tills that sell', { least: 1, most: 16 }),
	seed: numberFlag(1, 'Seed of who sells what, and who is away when', { least: 0, most: 2 ** 31 }),
	offline: rate,
	json: textFlag('', 'OUT', 'Write the result there as JSON'),
};
const MOST_BAD_ROWS_SHOWN = 20;

const parsed = parseFlags('npm run replay --', 'Puts past sales through real tills, a hub and a relay.', FLAGS, process.argv.slice(2), process.env);
if ('help' in parsed) {
	process.stdout.write(parsed.help);
} else if ('refused' in parsed) {
	complain(parsed.refused);
	process.exitCode = 2;
} else if (parsed.values.csv === '') {
	complain('Name the file with the past sales: --csv FILE. npm run replay -- --help lists all flags.');
	process.exitCode = 2;
} else if (!existsSync(parsed.values.csv)) {
	complain(`--csv "${parsed.values.csv}": there is no such file.`);
	process.exitCode = 2;
} else {
	const { csv, tills, seed, offline, json } = parsed.values;
	await run({ file: csv, tills, seed, offline }, json);
}

async function run(
	options: { readonly file: string; readonly tills: number; readonly seed: number; readonly offline: number },
	json: string,
): Promise<void> {
	let sales: PastSales;
	try {
		sales = await readPastSales(options.file, (rows) => {
			progressLine(`reading ${rows} rows`);
		});
	} catch (error) {
		complain(`${options.file} cannot be replayed: ${(error as Error).message}.`);
		process.exit(1);
	}
	endLine();
	say(
		`${sales.rows} rows in ${sales.invoices.length} invoices, ${options.tills} tills, seed ${options.seed}, each away ${Math.round(options.offline * 100)} % of the time.`,
	);
	for (const { line, reason } of sales.badRows.slice(0, MOST_BAD_ROWS_SHOWN)) say(`  line ${line}: ${reason}`);
	if (sales.badRows.length > 0) say(`  ${sales.badRows.length} bad rows were left out.`);
	if (sales.invoices.length === 0) {
		complain('There is nothing to replay.');
		process.exit(1);
	}
	const result = await replay(sales, { ...options, onProgress: createProgress() });
	endLine();
	report(result);
	if (json !== '') {
		const { rows, invoices, refunds, netUnitsBySku, takingsByDay, takings, converged, conflictsByKind, seconds } = result;
		writeFileSync(
			json,
			`${JSON.stringify({ rows, invoices, refunds, netUnitsBySku, takingsByDay, takings, converged, conflictsByKind, seconds }, undefined, '\t')}\n`,
		);
	}
	process.exit(result.converged && Object.keys(result.conflictsByKind).length === 0 ? 0 : 1);
}

function report({
	rows,
	invoices,
	refunds,
	entries,
	absences,
	takings,
	netUnitsBySku,
	takingsByDay,
	converged,
	conflictsByKind,
	seconds,
}: ReplayResult): void {
	say(`\n${rows} rows as ${entries} entries in ${seconds} s; tills left the network ${absences} times.`);
	say(
		`${invoices} invoices, ${refunds} of them refunds, over ${Object.keys(takingsByDay).length} days and ${Object.keys(netUnitsBySku).length} products.`,
	);
	say(`Units sold, net: ${Object.values(netUnitsBySku).reduce((sum, units) => sum + units, 0)}. Takings: ${takings}.`);
	const conflicts = Object.entries(conflictsByKind).map(([kind, count]) => `${count} ${kind}`);
	say(`Conflicts: ${conflicts.length === 0 ? 'none' : conflicts.join(', ')}.`);
	say(converged ? 'All tills, the hub and the relay folded to the same state.' : 'The tills, the hub and the relay did NOT come to the same state.');
}

function createProgress(): (progress: ReplayProgress) => void {
	const startedMs = Date.now();
	let lastMs = 0;
	const everyMs = process.stdout.isTTY ? 200 : 5_000;
	return ({ doing, rows, ofRows, tills }) => {
		const now = Date.now();
		if (now - lastMs < everyMs) return;
		lastMs = now;
		const perSecond = Math.round(rows / Math.max(1, (now - startedMs) / 1000));
		const lags = tills.map(({ name, lag, away }) => `${name} ${away ? 'away ' : ''}${lag}`).join(' · ');
		const filled = Math.round((rows / Math.max(1, ofRows)) * 20);
		progressLine(`${doing.padEnd(10)} [${'█'.repeat(filled)}${'░'.repeat(20 - filled)}] ${rows}/${ofRows} rows, ${perSecond}/s   lag: ${lags}`);
	};
}

function progressLine(text: string): void {
	if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${text}`);
	else say(text);
}

function endLine(): void {
	if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K');
}
