/** `npm run ledger -- show|verify|export|diff`: a ledger as it lies on a disk, looked at, checked, carried away, compared. */
import { existsSync, writeFileSync } from 'node:fs';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { compareStored } from '#core/audit/checks/places.ts';
import { knownFacts } from '#core/conflict/worth.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { writeArchive } from '#engine/archive.ts';
import { auditBranch, type AuditReport } from '#engine/audit.ts';
import { printReceipt } from '#core/receipt-number.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { numberFlag, parseFlags, textFlag } from './flags.ts';
import { findingWords } from './ledger/finding-words.ts';
import { branchesAt, NoLedger, openSource, type LedgerSource } from './ledger/sources.ts';
import { tablesOf } from './ledger/tables.ts';
import { stateDigest } from './replay/state-digest.ts';
import { complain, say } from './terminal.ts';

const PROGRAM = 'npm run ledger --';
const ABOUT = `Looks at a ledger where it lies: a hub's or a relay's data folder, a relay's PostgreSQL (postgres://…), or an archive.

  show PATH [ENTRY]   devices, chains and entries, or one entry whole by the beginning of its hash
  verify PATH         checks every byte, of a relay all branches; exit status 1 and the exact entry for whatever was altered, removed, reordered, inserted or cut off
  export PATH         writes an archive (--out FILE): entries, certificates, manifest, tables
  diff PATH PATH      what one has that the other lacks, chain by chain, and whether both fold to the same

A database is better named by HOLDFAST_DATABASE (or DATABASE_URL), in place of the first PATH: who looks at processes sees what stands in a command.`;

const FLAGS = {
	branch: textFlag('', 'ID', 'Which branch of a relay: a part of its id'),
	out: textFlag('', 'FILE', 'export: where the archive goes'),
	device: textFlag('', 'NAME', 'show: only of this device, by its name or the beginning of its key'),
	sku: textFlag('', 'SKU', 'show: only what names this SKU'),
	day: textFlag('', 'YYYY-MM-DD', 'show: only of this trading day'),
	limit: numberFlag(50, 'show: at most so many entries, the newest', { least: 1, most: 1_000_000 }),
};
type Options = { readonly [Name in keyof typeof FLAGS]: (typeof FLAGS)[Name]['initial'] };

const PATHS: Readonly<Record<string, readonly [least: number, most: number]>> = { show: [1, 2], verify: [1, 1], export: [1, 1], diff: [2, 2] };
const MOST_FINDINGS = 200;
/** Where the relay of this environment keeps its record. */
const databaseHere = process.env['HOLDFAST_DATABASE'] || process.env['DATABASE_URL'] || undefined;

const digest = createNodeDigest();
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
	const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
	const words = firstFlag < 0 ? args : args.slice(0, firstFlag);
	const parsed = parseFlags(PROGRAM, ABOUT, FLAGS, firstFlag < 0 ? [] : args.slice(firstFlag), process.env);
	if ('help' in parsed) {
		process.stdout.write(parsed.help);
		return 0;
	}
	const [command = '', ...named] = words;
	const paths = databaseHere !== undefined && isFirstUnnamed(command, named) ? [databaseHere, ...named] : named;
	const refusal = 'refused' in parsed ? parsed.refused : refusalOf(command, paths);
	if (refusal !== undefined || 'refused' in parsed) {
		complain(refusal ?? '');
		return 2;
	}
	try {
		return await run(command, paths, parsed.values);
	} catch (error) {
		if (!(error instanceof NoLedger)) throw error;
		complain(error.message);
		return 2;
	}
}

/** One word after `show` may be either: the beginning of a hash is an entry, unless something lies there. */
function isFirstUnnamed(command: string, named: readonly string[]): boolean {
	const [word = ''] = named;
	const isEntry = command === 'show' && named.length === 1 && /^[0-9a-f]{1,64}$/i.test(word) && !existsSync(word);
	return isEntry || named.length < (PATHS[command]?.[0] ?? 0);
}

function refusalOf(command: string, paths: readonly string[]): string | undefined {
	const bounds = PATHS[command];
	if (bounds === undefined)
		return command === ''
			? `Say what to do: show, verify, export or diff. ${PROGRAM} --help explains them.`
			: `There is no "${command}". ${PROGRAM} --help lists what there is.`;
	if (paths.length < bounds[0])
		return `${command} needs ${bounds[0] === 2 ? 'two data folders, databases or archives' : 'a data folder, a database (postgres://…) or an archive'}.`;
	return paths.length > bounds[1] ? `"${paths[bounds[1]] ?? ''}" is one too many for ${command}.` : undefined;
}

async function run(command: string, paths: readonly string[], options: Options): Promise<number> {
	const [path = '', second = ''] = paths;
	if (command === 'verify') return verifyAll(path, options);
	const opened = await openAudited(path, options);
	switch (command) {
		case 'export':
			return exportArchive(opened, options.out);
		case 'diff':
			return diff(opened, await openAudited(second, options));
		default:
			return show(opened, second, options);
	}
}

interface Opened {
	readonly source: LedgerSource;
	readonly report: AuditReport;
	readonly ledger: Ledger;
	nameOf(device: string): string;
}

async function openAudited(path: string, { branch }: Options): Promise<Opened> {
	const source = await openSource(path, branch, digest);
	const report = await auditBranch(source, digest, progress);
	const { verifier, ledger } = report;
	return { source, report, ledger, nameOf: (device) => verifier.certificateOf(device as DeviceId)?.name ?? device.slice(0, 8) };
}

function progress(done: number, of: number): void {
	if (!process.stderr.isTTY) return;
	process.stderr.write(done < of ? `\r${done} of ${of} entries checked` : '\r\x1b[K');
}

// ——— verify

/**
 * Every branch of a relay, one after the other, for a year of each fits where a year of all would not. Answers the gravest status: a branch that cannot be
 * read at all is the finding of that branch, and the next one is looked at.
 */
async function verifyAll(path: string, options: Options): Promise<number> {
	const keys = options.branch === '' ? await branchesAt(path) : [];
	if (keys.length < 2) return verify(await openAudited(path, options));
	let status = 0;
	for (const branch of keys) status = Math.max(status, await verifyOne(path, branch, options));
	return status;
}

async function verifyOne(path: string, branch: string, options: Options): Promise<number> {
	try {
		const opened = await openAudited(path, { ...options, branch });
		say(`${opened.ledger.state.settings.value('branchName') ?? 'A branch without a name'}, ${branch}`);
		return verify(opened);
	} catch (error) {
		say(`✗ ${branch}: ${error instanceof NoLedger ? error.message : `cannot be checked: ${(error as Error).message}.`}`);
		return 1;
	}
}

function verify({ source, report, nameOf }: Opened): number {
	const { findings, chains, entries } = report;
	for (const finding of findings.slice(0, MOST_FINDINGS)) say(`✗ ${findingWords(finding)}`);
	if (findings.length > MOST_FINDINGS) say(`✗ and ${findings.length - MOST_FINDINGS} more.`);
	for (const { device, scope, entries: count, lastHash } of chains)
		say(`  ${nameOf(device)} (${scope}): ${counted(count)}, ends in ${lastHash.slice(0, 16)}`);
	const title = `${source.title}, ${counted(report.stored)}`;
	if (findings.length === 0)
		say(`✓ ${title}: every one of ${entries.length} entries is here, signed, in its place, and nothing that anybody saw is missing.`);
	else say(`${title}: ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'} in ${entries.length} entries.`);
	return findings.length === 0 ? 0 : 1;
}

function counted(entries: number): string {
	return `${entries} ${entries === 1 ? 'entry' : 'entries'}`;
}

// ——— show

function show({ source, report, ledger, nameOf }: Opened, wanted: string, { device, sku, day, limit }: Options): number {
	if (wanted !== '') return showEntry(report.entries, wanted, nameOf);
	say(`${source.title}, ${counted(report.stored)}`);
	for (const state of ledger.state.devices.values())
		say(`  ${state.name}: ${state.role}${state.till === undefined ? '' : ` ${state.till}`}, ${state.standing}, ${state.device.slice(0, 16)}`);
	const isWanted = (entry: Entry): boolean =>
		(device === '' || nameOf(entry.header.device) === device || entry.header.device.startsWith(device)) &&
		(day === '' || entry.header.tradingDay === day) &&
		(sku === '' || JSON.stringify(entry.facts).includes(JSON.stringify(sku)));
	const found = ledger.entries().filter(isWanted);
	for (const entry of found.slice(-limit)) say(lineOf(entry, ledger, nameOf));
	say(`${found.length} of ${ledger.size()} entries${found.length > limit ? `, the last ${limit} shown` : ''}.`);
	return 0;
}

function lineOf(entry: Entry, ledger: Ledger, nameOf: (device: string) => string): string {
	const { header, hash } = entry;
	const status = ledger.statusOf(hash);
	const what = knownFacts(entry).map((fact) => ('receipt' in fact ? `${fact.type} ${printReceipt(fact.receipt)}` : fact.type));
	return `${hash.slice(0, 16)}  ${new Date(header.at).toISOString()}  ${nameOf(header.device)} ${header.scope} ${header.seq}  ${what.join(', ') || 'of a newer version'}${status === 'counts' ? '' : `  [${status}]`}`;
}

function showEntry(entries: readonly Entry[], wanted: string, nameOf: (device: string) => string): number {
	const found = entries.filter(({ hash }) => hash.startsWith(wanted.toLowerCase()));
	const [entry] = found;
	if (entry === undefined || found.length > 1) {
		complain(entry === undefined ? `No entry begins with "${wanted}".` : `${found.length} entries begin with "${wanted}": write more of the hash.`);
		return 2;
	}
	say(
		JSON.stringify(
			{ hash: entry.hash, device: nameOf(entry.header.device), header: entry.header, facts: entry.facts, bytes: entry.sealed.length },
			undefined,
			2,
		),
	);
	return 0;
}

// ——— export

async function exportArchive({ source, report, ledger, nameOf }: Opened, out: string): Promise<number> {
	if (out === '') {
		complain('Name the archive to write: --out FILE.zip.');
		return 2;
	}
	const { verifier } = report;
	const devices = new Set<DeviceId>(report.entries.map(({ header }) => header.device));
	const bytes = await writeArchive(
		{
			...{ store: source.store, branch: source.branch, storeName: ledger.state.settings.value('storeName') ?? '', madeAtMs: Date.now() },
			...{ marks: ledger.marks(), certificates: [...devices].flatMap((device) => verifier.chainOf(device) ?? []) },
			...{ sealed: [...report.entries].sort(compareStored).map(({ sealed }) => sealed), tables: tablesOf(ledger, nameOf) },
		},
		digest,
	);
	try {
		writeFileSync(out, bytes, { flag: 'wx' });
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		complain(code === 'EEXIST' ? `${out} exists already. Nothing is written over: choose another name.` : `${out} cannot be written: ${message}.`);
		return 2;
	}
	say(`${out}: ${report.entries.length} entries, ${bytes.length} bytes.`);
	if (report.findings.length > 0) say(`The ledger itself has ${report.findings.length} findings: ${PROGRAM} verify names them.`);
	return 0;
}

// ——— diff

function diff(a: Opened, b: Opened): number {
	const [here, there] = [a, b].map(({ report }) => new Map(report.entries.map((entry) => [entry.hash, entry])));
	if (here === undefined || there === undefined) throw new Error('two ledgers are compared');
	let differences = 0;
	for (const [side, mine, other, nameOf] of [
		['the first', here, there, a.nameOf],
		['the second', there, here, b.nameOf],
	] as const) {
		const only = [...mine.values()].filter(({ hash }) => !other.has(hash));
		differences += only.length;
		const byChain = Map.groupBy(only, ({ header }) => `${nameOf(header.device)} (${header.scope})`);
		for (const [chain, entries] of byChain) {
			const seqs = entries.map(({ header }) => header.seq);
			say(`only in ${side}: ${entries.length} of ${chain}, ${Math.min(...seqs)} to ${Math.max(...seqs)}`);
		}
	}
	const isSame = stateDigest(a.ledger) === stateDigest(b.ledger);
	say(differences === 0 ? 'Both hold the same entries.' : `${differences === 1 ? 'One entry is' : `${differences} entries are`} in one only.`);
	say(isSame ? 'Both fold to the same.' : 'They fold to different states.');
	return differences === 0 && isSame ? 0 : 1;
}
