/**
 * `npm run soak -- --minutes 10 --seed 1 --tills 4`: real Chromium tills, two hubs and a relay, each on a host of its own, selling all the time while a nemesis kills,
 * freezes, cuts, slows, fills and flips, and two of the machines have wrong clocks. At the end everything is mended, and then every sale that a screen showed as `Paid` must be on the disks of both hubs and of the relay,
 * once; receipts without a gap; the three ledgers equal, byte for byte in what they believe; nothing left waiting on any screen. The exit status says it.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright/test';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { printReceipt } from '#core/receipt-number.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { auditBranch } from '#engine/audit.ts';
import { numberFlag, parseFlags, type Values } from '#server/flags.ts';
import { findingWords } from '#server/ledger/finding-words.ts';
import { openSource } from '#server/ledger/sources.ts';
import { createSeededRandom } from '#server/replay/random.ts';
import { stateDigest } from '#server/replay/state-digest.ts';
import { findChromium } from '../support/chromium.mjs';
import { canOpenLab, hostOf, openLab, type Host } from './lab.ts';
import { torment, type Faults } from './nemesis.ts';
import { headless, pause, server, till, type Paid, type Server, type Till } from './parts.ts';
import { watchRelay, type RelayWatch } from './relay-watch.ts';

const FLAGS = {
	minutes: numberFlag(10, 'How long to sell while things go wrong', { least: 1, most: 10_000 }),
	seed: numberFlag(1, 'What goes wrong when', { least: 0, most: 2 ** 31 }),
	tills: numberFlag(4, 'Chromium tills; each takes about 400 MB and a quarter of a core', { least: 1, most: 16 }),
	headless: numberFlag(1, 'Tills in Node, without a screen', { least: 0, most: 16 }),
};
/** So long everything gets to come together once it is mended. */
const SETTLE_MS = 240_000;
const GOODS = ['Natural yogurt 500 g', 'Rye bread', 'Whole milk 1 l'];
const PORT = 4400;
const DISK_MB = 200;
const HUB_AHEAD_MS = 7 * 60_000;
const NODE_BEHIND_MS = 6 * 60_000;
/** What was paid last of all is on its way to the relay. */
const ARRIVE_MS = 60_000;
const INSIDE = 'HOLDFAST_SOAK_LAB';
const codes = new Map<Server, string>();

const parsed = parseFlags(
	'npm run soak --',
	'Sells while everything goes wrong, and counts what is left.',
	FLAGS,
	process.argv.slice(2),
	process.env,
);
const told = process.env[INSIDE];
if ('help' in parsed) process.stdout.write(parsed.help);
else if ('refused' in parsed) refuse(parsed.refused);
else if (told === undefined) await outside(parsed.values);
else {
	const [lab = '', ...names] = JSON.parse(told) as readonly string[];
	process.exitCode = await inside(new Map(names.map((name, place) => [name, hostOf(lab, name, place)])), parsed.values);
}

function refuse(words: string): void {
	process.stderr.write(`${words}\n`);
	process.exitCode = 2;
}

/** Makes the LAN, and runs itself again on a host of it: nothing of the soak touches another network. */
async function outside({ tills, headless: nodes }: Values<typeof FLAGS>): Promise<void> {
	const problem = canOpenLab();
	if (problem !== undefined) {
		refuse(problem);
		return;
	}
	const lab = `hf${process.pid}`;
	const names = [
		'ctl',
		'hub1',
		'hub2',
		'relay',
		...Array.from({ length: tills }, (_, index) => `till${index + 1}`),
		...Array.from({ length: nodes }, (_, index) => `node${index + 1}`),
	];
	const close = openLab(lab, names);
	try {
		const [command = '', ...enter] = hostOf(lab, 'ctl', 0).enter;
		const child = spawn(command, [...enter, process.execPath, ...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
			...{ stdio: 'inherit', env: { ...process.env, [INSIDE]: JSON.stringify([lab, ...names]) } },
		});
		for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
		process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
	} finally {
		close();
	}
}

async function inside(hosts: ReadonlyMap<string, Host>, { minutes, seed }: Values<typeof FLAGS>): Promise<number> {
	const at = (name: string): Host => {
		const host = hosts.get(name);
		if (host === undefined) throw new Error(`no host ${name}`);
		return host;
	};
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-soak-'));
	const random = createSeededRandom(seed);
	const begunMs = Date.now();
	const say = (words: string): void => {
		process.stdout.write(`${String(Math.round((Date.now() - begunMs) / 1000)).padStart(5)} s  ${words}\n`);
	};
	const relayFolder = join(folder, 'relay');
	const disk = join(folder, 'small-disk');
	mkdirSync(disk);
	// In this run's own mount namespace, which "ip netns exec" made.
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', disk]);
	const relay = server('relay', at('relay'), relayFolder, 4500);
	const toRelay = { relay: relay.url.replace('http', 'ws') };
	const hub1 = server('hub', at('hub1'), join(folder, 'hub1'), PORT, { flags: toRelay });
	await relay.start();
	await hub1.start();
	const executable = findChromium() ?? chromium.executablePath();
	const tills = [...hosts.keys()].filter((name) => name.startsWith('till')).map((name) => till(at(name), folder, executable, hub1.url));
	for (const [index, one] of tills.entries()) {
		await one.enter(index === 0 ? { claim: hub1.code('Claim') ?? '' } : { join: await newCode(hub1) });
		say(`${one.name} is open`);
	}
	const hub2 = server('hub', at('hub2'), join(disk, 'hub2'), PORT, {
		...{ flags: { ...toRelay, join: hub1.url, code: await newCode(hub1) }, skewMs: HUB_AHEAD_MS, disk },
	});
	await hub2.start();
	say(`the second hub has joined; its clock is ${HUB_AHEAD_MS / 60_000} minutes ahead`);
	const paid: Paid[] = [];
	const nodes: ReturnType<typeof headless>[] = [];
	for (const name of [...hosts.keys()].filter((one) => one.startsWith('node'))) {
		const one = headless(at(name), folder, hub1.url, await newCode(hub1), -NODE_BEHIND_MS, (sale) => paid.push(sale));
		await one.start();
		nodes.push(one);
		say(`${name} has no screen, and its clock is ${NODE_BEHIND_MS / 60_000} minutes behind`);
	}
	const watch = watchRelay(relayFolder);

	let isOver = false;
	const selling = tills.map((one) => sellOn(one, () => isOver, random, paid));
	const untilMs = Date.now() + minutes * 60_000;
	const servers = [hub1, hub2, relay];
	const faults = await torment({ random, parts: [...servers, ...tills, ...nodes], servers, isOver: () => Date.now() >= untilMs, say });
	isOver = true;
	say('everything is mended');
	await Promise.all(selling);
	for (const one of [...servers, ...tills, ...nodes]) await one.start();
	for (const one of nodes) one.rest();
	const problems = await settle(tills, say);
	for (const one of tills) await one.close();
	for (const one of nodes) await one.stop();
	await arrived(paid, watch);
	watch.stop();
	for (const one of servers) await one.stop();
	problems.push(...(await problemsIn(servers, paid, say)));
	report(paid, faults, problems, watch);
	if (problems.length > 0) {
		// Its own disk goes with this run's namespace.
		cpSync(join(disk, 'hub2'), join(folder, 'hub2'), { recursive: true });
		say(`what is left lies in ${folder}`);
	}
	execFileSync('umount', [disk]);
	if (problems.length === 0) rmSync(folder, { recursive: true, force: true });
	return problems.length === 0 ? 0 : 1;
}

/** A code is good for one: the next is shown when it is spent. */
async function newCode(hub: Server, spent = codes.get(hub)): Promise<string> {
	for (;;) {
		const code = hub.code('Join');
		if (code !== undefined && code !== spent) {
			codes.set(hub, code);
			return code;
		}
		await pause(100);
	}
}

async function sellOn(one: Till, isOver: () => boolean, random: () => number, paid: Paid[]): Promise<void> {
	while (!isOver()) {
		const sale = await one.sell(GOODS[Math.floor(random() * GOODS.length)] ?? '').catch(() => undefined);
		if (sale === undefined) await pause(500);
		else paid.push(sale);
		await pause(300);
	}
}

async function arrived(paid: readonly Paid[], { seenAtMs }: RelayWatch): Promise<void> {
	const untilMs = Date.now() + ARRIVE_MS;
	while (paid.some(({ number }) => !seenAtMs.has(number)) && Date.now() < untilMs) await pause(500);
}

/** Everybody says that nothing waits, within a few minutes. */
async function settle(tills: readonly Till[], say: (words: string) => void): Promise<string[]> {
	const untilMs = Date.now() + SETTLE_MS;
	const problems: string[] = [];
	for (const one of tills) {
		let waiting = await one.waiting().catch(() => undefined);
		while (waiting !== 0 && Date.now() < untilMs) {
			await pause(1_000);
			waiting = await one.waiting().catch(() => undefined);
		}
		if (waiting === 0) say(`${one.name} says that nothing waits`);
		else problems.push(`${one.name} still says that ${waiting ?? 'an unknown number of'} sales wait`);
	}
	return problems;
}

async function problemsIn(servers: readonly Server[], paid: readonly Paid[], say: (words: string) => void): Promise<readonly string[]> {
	const problems: string[] = [];
	const digests = new Set<string>();
	for (const { name, folder } of servers) {
		const source = await openSource(folder, '', createNodeDigest());
		const { ledger, findings } = await auditBranch(source, createNodeDigest(), () => undefined);
		problems.push(...findings.map((finding) => `${name}: ${findingWords(finding)}`));
		problems.push(...lostAndDoubled(ledger, paid).map((words) => `${name}: ${words}`));
		digests.add(stateDigest(ledger));
		say(`${name}: ${ledger.size()} entries, ${ledger.state.sales.size} sales, ${ledger.conflicts().length} conflicts`);
	}
	if (digests.size > 1) problems.push(`the ${servers.length} ledgers do not believe the same`);
	return problems;
}

function lostAndDoubled(ledger: Ledger, paid: readonly Paid[]): readonly string[] {
	const times = new Map<string, number>();
	for (const { fact } of ledger.state.sales.values()) {
		const number = printReceipt(fact.receipt);
		times.set(number, (times.get(number) ?? 0) + 1);
	}
	return [
		...paid.filter(({ number }) => !times.has(number)).map(({ till: name, number }) => `LOST ${number}, which ${name} showed as paid`),
		...[...times].filter(([, count]) => count > 1).map(([number, count]) => `DOUBLED ${number}, ${count} times`),
		...gaps([...times.keys()]).map((number) => `GAP: there is no ${number}`),
	];
}

function seconds(lags: readonly number[], share: number): string {
	const sorted = [...lags].sort((a, b) => a - b);
	const at = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
	return at === undefined ? 'nothing' : `${(at / 1000).toFixed(1)} s`;
}

function gaps(numbers: readonly string[]): readonly string[] {
	const known = new Set(numbers);
	return numbers.flatMap((number) => {
		const [, series = '', digits = '', suffix = ''] = /^(T\d+-)(\d{6})([A-Z]?)$/.exec(number) ?? [];
		const before = `${series}${String(Number(digits) - 1).padStart(6, '0')}${suffix}`;
		return Number(digits) > 1 && !known.has(before) ? [before] : [];
	});
}

function report(paid: readonly Paid[], faults: Faults, problems: readonly string[], watch: RelayWatch): void {
	const count = (word: string): number => problems.filter((words) => words.includes(word)).length;
	const { kills, freezes, cuts, silences, flips, slowLines, fullDisks } = faults;
	const lags = paid.flatMap(({ number, atMs }) => {
		const seen = watch.seenAtMs.get(number);
		return seen === undefined ? [] : [Math.max(0, seen - atMs)];
	});
	const changes = watch.takeovers();
	process.stdout.write(
		`\n${paid.length} sales shown as paid · ${kills} kills · ${freezes} freezes · ${cuts} cables pulled · ${silences} one-way losses · ${slowLines} slow lines · ${fullDisks} full disks · ${flips} bits flipped\n` +
			`from paid to the relay's disk: half within ${seconds(lags, 0.5)}, 90 % within ${seconds(lags, 0.9)}, 99 % within ${seconds(lags, 0.99)}, all within ${seconds(lags, 1)} · the branch changed hands ${Math.max(0, changes.length - 1)} times\n` +
			`lost ${count('LOST')} · doubled ${count('DOUBLED')} · gaps ${count('GAP')} · other findings ${problems.length - count('LOST') - count('DOUBLED') - count('GAP')}\n`,
	);
	for (const words of problems.slice(0, 50)) process.stdout.write(`✗ ${words}\n`);
}
