/**
 * `npm run soak -- --minutes 10 --seed 1 --tills 4`: real Chromium tills, two hubs and a relay, each on a host of its own, selling all the time while a nemesis kills,
 * freezes, cuts, slows, fills, flips, moves and sets clocks. At the end everything is mended, and the exit status says:
 *
 * 1. Every sale that a screen showed as `Paid` is on the disks of both hubs and of the relay, once; receipts without a gap.
 * 2. Everybody believes the same: hubs, relay, tills in Node and tills in browsers, each folded from the bytes on its own disk.
 * 3. No screen lied: whenever one said that a sale was in the cloud, or that so many waited, the relay's disk was read at once. At the end nothing waits.
 * 4. A run in which nothing was sold, nobody was killed or nobody took over proves nothing, and fails.
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
import { openIdentity } from '#server/identity.ts';
import { ofFolder, openSource, type LedgerSource } from '#server/ledger/sources.ts';
import { createSeededRandom } from '#server/replay/random.ts';
import { stateDigest } from '#server/replay/state-digest.ts';
import { findChromium } from '../support/chromium.mjs';
import { buildBrowserClock, createClock } from './clocks.ts';
import { canOpenLab, hostOf, openLab, type Host } from './lab.ts';
import { torment, type Faults } from './nemesis.ts';
import { headless, pause, server, till, type HeadlessPart, type Paid, type Server, type Till } from './parts.ts';
import { watchRelay, type RelayWatch } from './relay-watch.ts';
import { takeoversOf, type Takeovers } from './takeovers.ts';

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
/** So often a till that has sold is asked what its Sync screen says. */
const ASKED = 0.3;
/** From `Paid` to the same till's Sync screen: the worker folds it, and tells every 30 ms. */
const SHOWN_MS = 2_000;
const SERVERS = ['hub1', 'hub2', 'relay'] as const;
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
	const disks = Object.fromEntries(SERVERS.map((name) => [name, smallDisk(join(folder, 'disks', name))])) as Record<(typeof SERVERS)[number], string>;
	const relayFolder = join(disks.relay, 'relay');
	// The relay's clock is right: its log says when who carried the branch.
	const relay = server('relay', at('relay'), relayFolder, 4500, { disk: disks.relay });
	const toRelay = { relay: relay.url.replace('http', 'ws') };
	const clockOf = (name: string, aheadMs = 0) => createClock(folder, name, aheadMs);
	const hub1 = server('hub', at('hub1'), join(disks.hub1, 'hub1'), PORT, { flags: toRelay, clock: clockOf('hub1'), disk: disks.hub1 });
	await relay.start();
	await hub1.start();
	const executable = findChromium() ?? chromium.executablePath();
	const browserClock = buildBrowserClock(folder);
	if (browserClock === undefined) say('no C compiler ("cc") is here: the clocks of browsers stay right');
	const tills = [...hosts.keys()]
		.filter((name) => name.startsWith('till'))
		.map((name) => till(at(name), folder, executable, hub1.url, clockOf(name), browserClock));
	for (const [index, one] of tills.entries()) {
		await one.enter(index === 0 ? { claim: hub1.code('Claim') ?? '' } : { join: await newCode(hub1) });
		say(`${one.name} is open`);
	}
	const hub2 = server('hub', at('hub2'), join(disks.hub2, 'hub2'), PORT, {
		...{ flags: { ...toRelay, join: hub1.url, code: hub1.code('Manager’s') ?? '' }, clock: clockOf('hub2', HUB_AHEAD_MS), disk: disks.hub2 },
	});
	await hub2.start();
	say(`the second hub has joined; its clock is ${HUB_AHEAD_MS / 60_000} minutes ahead`);
	const paid: Paid[] = [];
	const nodes: HeadlessPart[] = [];
	for (const name of [...hosts.keys()].filter((one) => one.startsWith('node'))) {
		const one = headless(at(name), folder, hub1.url, await newCode(hub1), clockOf(name, -NODE_BEHIND_MS), (sale) => paid.push(sale));
		await one.start();
		nodes.push(one);
		say(`${name} has no screen, and its clock is ${NODE_BEHIND_MS / 60_000} minutes behind`);
	}
	const watch = watchRelay(relayFolder);

	let isOver = false;
	const asked: Asked = { times: 0, lies: [] };
	const selling = tills.map((one) => sellOn(one, { isOver: () => isOver, random, paid, watch, asked }));
	const untilMs = Date.now() + minutes * 60_000;
	const servers = [hub1, hub2, relay];
	const faults = await torment({ random, parts: [...servers, ...tills, ...nodes], servers, isOver: () => Date.now() >= untilMs, say });
	isOver = true;
	say('everything is mended');
	await Promise.all(selling);
	for (const one of [...servers, ...tills, ...nodes]) await one.start();
	for (const one of nodes) one.rest();
	const problems = [...asked.lies, ...(await settle(tills, say))];
	await arrived(paid, watch);
	const beliefs = await beliefsOfTills(tills, hub1, say);
	await caughtUp(nodes, hub1);
	for (const one of tills) await one.close();
	for (const one of nodes) await one.stop();
	watch.stop();
	for (const one of servers) await one.stop();
	const { names, ...ofServers } = await beliefsOfServers(servers, paid, say);
	problems.push(...beliefs.problems, ...ofServers.problems);
	for (const one of nodes) beliefs.digests.set(one.name, await digestOf(ofFolder(one.folder, names, 'hub'), one.name, problems, say));
	problems.push(...differing(new Map([...ofServers.digests, ...beliefs.digests])));
	const deviceOf = new Map(beliefs.devices);
	for (const [name, own] of [...servers, ...nodes].map((one) => [one.name, one.folder] as const))
		deviceOf.set(name, (await openIdentity(own)).signer.device);
	const observers = [{ part: 'relay', changes: watch.takeovers() }, ...nodes.map(({ name, changes }) => ({ part: name, changes }))];
	const takeovers = takeoversOf(faults.falls, observers, deviceOf);
	if (paid.length === 0) problems.push('NO PROOF: nothing was sold');
	if (faults.kills === 0) problems.push('NO PROOF: nobody was killed');
	if (takeovers.tookMs.length === 0) problems.push('NO PROOF: nobody took over from a holder that fell');
	const nameOf = new Map([...deviceOf].map(([name, device]) => [device, name]));
	for (const { atMs, device } of takeovers.changes.withoutCause)
		say(`at ${Math.round((atMs - begunMs) / 1000)} s the branch went to ${nameOf.get(device) ?? device} for no cause that is known`);
	report({ paid, faults, problems, watch, asked, takeovers });
	if (problems.length > 0) {
		// Their own disks go with this run's namespace.
		for (const name of SERVERS) cpSync(disks[name], join(folder, 'kept', name), { recursive: true });
		say(`what is left lies in ${folder}`);
	}
	for (const name of SERVERS) execFileSync('umount', [disks[name]]);
	if (problems.length === 0) rmSync(folder, { recursive: true, force: true });
	return problems.length === 0 ? 0 : 1;
}

/** One that can be filled up, in this run's own mount namespace, which "ip netns exec" made. */
function smallDisk(path: string): string {
	mkdirSync(path, { recursive: true });
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', path]);
	return path;
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

/** What screens said while everything went wrong, held against the relay's disk. */
interface Asked {
	times: number;
	readonly lies: string[];
}

interface Selling {
	readonly isOver: () => boolean;
	readonly random: () => number;
	readonly paid: Paid[];
	readonly watch: RelayWatch;
	readonly asked: Asked;
}

async function sellOn(one: Till, { isOver, random, paid, watch, asked }: Selling): Promise<void> {
	while (!isOver()) {
		const sale = await one.sell(GOODS[Math.floor(random() * GOODS.length)] ?? '').catch(() => undefined);
		if (sale === undefined) await pause(500);
		else paid.push(sale);
		await pause(300);
		if (random() < ASKED) await ask(one, paid, watch, asked);
	}
}

/** The screen first, then the disk: what is not on the disk now was not when the screen spoke. A disk that does not answer says nothing. */
async function ask(one: Till, paid: readonly Paid[], { look, seenAtMs }: RelayWatch, asked: Asked): Promise<void> {
	const beforeMs = Date.now() - SHOWN_MS;
	const own = paid.filter(({ till: of, atMs }) => of === one.name && atMs < beforeMs);
	const said = await one.status().catch(() => undefined);
	if (said === undefined || !look()) return;
	asked.times += 1;
	const missing = own.filter(({ number }) => !seenAtMs.has(number));
	if (missing.length > said.waiting)
		asked.lies.push(`LIED ${one.name} said that ${said.waiting} sales wait for the cloud; ${missing.map(({ number }) => number).join(', ')} did`);
	for (const number of said.inCloud) if (!seenAtMs.has(number)) asked.lies.push(`LIED ${one.name} said that ${number} was in the cloud`);
}

async function arrived(paid: readonly Paid[], { seenAtMs }: RelayWatch): Promise<void> {
	const untilMs = Date.now() + ARRIVE_MS;
	while (paid.some(({ number }) => !seenAtMs.has(number)) && Date.now() < untilMs) await pause(500);
}

async function waitingOf(one: Till): Promise<number | undefined> {
	return (await one.status().catch(() => undefined))?.waiting;
}

/** Everybody says that nothing waits, within a few minutes. */
async function settle(tills: readonly Till[], say: (words: string) => void): Promise<string[]> {
	const untilMs = Date.now() + SETTLE_MS;
	const problems: string[] = [];
	for (const one of tills) {
		let waiting = await waitingOf(one);
		while (waiting !== 0 && Date.now() < untilMs) {
			await pause(1_000);
			waiting = await waitingOf(one);
		}
		if (waiting === 0) say(`${one.name} says that nothing waits`);
		else problems.push(`${one.name} still says that ${waiting ?? 'an unknown number of'} sales wait`);
	}
	return problems;
}

interface Beliefs {
	readonly problems: string[];
	readonly digests: Map<string, string>;
}

async function beliefsOfServers(
	servers: readonly Server[],
	paid: readonly Paid[],
	say: (words: string) => void,
): Promise<Beliefs & { readonly names: Pick<LedgerSource, 'store' | 'branch'> }> {
	const [problems, digests] = [[] as string[], new Map<string, string>()];
	let names: Pick<LedgerSource, 'store' | 'branch'> | undefined;
	for (const { name, folder } of servers) {
		const source = await openSource(folder, '', createNodeDigest());
		names ??= source;
		digests.set(name, await digestOf(source, name, problems, say, (ledger) => lostAndDoubled(ledger, paid)));
	}
	if (names === undefined) throw new Error('no server');
	return { problems, digests, names };
}

/** Each till's disk is read until it is what the hub's is, for as long as everything gets to come together. */
async function beliefsOfTills(
	tills: readonly Till[],
	hub: Server,
	say: (words: string) => void,
): Promise<Beliefs & { readonly devices: ReadonlyMap<string, string> }> {
	const [problems, digests, devices] = [[] as string[], new Map<string, string>(), new Map<string, string>()];
	const untilMs = Date.now() + ARRIVE_MS;
	for (const one of tills)
		for (;;) {
			const there = await openSource(hub.folder, '', createNodeDigest());
			const disk = await one.disk();
			devices.set(one.name, disk.device);
			const source: LedgerSource = {
				...{ store: there.store, branch: there.branch, title: one.name, isSorted: false, witnesses: [], findings: [] },
				certificates: [...disk.certificates, ...there.certificates],
				stored: disk.sealed.map((sealed) => ({ at: one.name, sealed })),
			};
			const [found, wanted]: [string[], string] = [[], await digestOf(there, hub.name, [], () => undefined)];
			const digest = await digestOf(source, one.name, found, isOver() ? say : () => undefined);
			if (digest !== wanted && !isOver()) {
				await pause(2_000);
				continue;
			}
			if (!isOver()) say(`${one.name} has on its disk what the hub has: ${disk.sealed.length} entries`);
			digests.set(one.name, digest);
			problems.push(...found);
			break;
		}
	return { problems, digests, devices };

	function isOver(): boolean {
		return Date.now() >= untilMs;
	}
}

/** Those in Node show nothing: each one's disk is read until it is what the hub's is, for as long. What it is in the end is looked at when it has stopped. */
async function caughtUp(nodes: readonly HeadlessPart[], hub: Server): Promise<void> {
	const untilMs = Date.now() + ARRIVE_MS;
	const quietly = (source: LedgerSource): Promise<string> => digestOf(source, '', [], () => undefined);
	for (const one of nodes)
		while (Date.now() < untilMs) {
			const there = await openSource(hub.folder, '', createNodeDigest());
			const { store, branch } = there;
			if ((await quietly(ofFolder(one.folder, { store, branch }, 'hub'))) === (await quietly(there))) break;
			await pause(2_000);
		}
}

async function digestOf(
	source: LedgerSource,
	name: string,
	problems: string[],
	say: (words: string) => void,
	also: (ledger: Ledger) => readonly string[] = () => [],
): Promise<string> {
	const { ledger, findings } = await auditBranch(source, createNodeDigest(), () => undefined);
	problems.push(...[...findings.map(findingWords), ...also(ledger)].map((words) => `${name}: ${words}`));
	say(`${name}: ${ledger.size()} entries, ${ledger.state.sales.size} sales, ${ledger.conflicts().length} conflicts`);
	return stateDigest(ledger);
}

function differing(digests: ReadonlyMap<string, string>): readonly string[] {
	const wanted = digests.get('relay');
	return [...digests].filter(([, digest]) => digest !== wanted).map(([name]) => `${name} does not believe what the relay believes`);
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

interface Told {
	readonly paid: readonly Paid[];
	readonly faults: Faults;
	readonly problems: readonly string[];
	readonly watch: RelayWatch;
	readonly asked: Asked;
	readonly takeovers: Takeovers;
}

function report({ paid, faults, problems, watch, asked, takeovers }: Told): void {
	const count = (word: string): number => problems.filter((words) => words.includes(word)).length;
	const { kills, freezes, cuts, silences, flips, slowLines, fullDisks, clocks, moves } = faults;
	const lags = paid.flatMap(({ number, atMs }) => {
		const seen = watch.seenAtMs.get(number);
		return seen === undefined ? [] : [Math.max(0, seen - atMs)];
	});
	const { tookMs, changes } = takeovers;
	const known = ['LOST', 'DOUBLED', 'GAP', 'LIED'].map(count);
	process.stdout.write(
		`\n${paid.length} sales shown as paid · ${kills} kills · ${freezes} freezes · ${cuts} cables pulled · ${silences} one-way losses · ${slowLines} slow lines · ${fullDisks} full disks · ${flips} bits flipped · ${clocks} clocks set · ${moves} new addresses\n` +
			`from paid to the relay's disk: half within ${seconds(lags, 0.5)}, 90 % within ${seconds(lags, 0.9)}, 99 % within ${seconds(lags, 0.99)}, all within ${seconds(lags, 1)}\n` +
			`${tookMs.length} takeovers from a holder that fell: half within ${seconds(tookMs, 0.5)}, 90 % within ${seconds(tookMs, 0.9)}, all within ${seconds(tookMs, 1)} · the branch changed hands ${changes.fell + changes.back + changes.withoutCause.length} times: ${changes.fell} because its holder fell, ${changes.back} because somebody was back, ${changes.withoutCause.length} for no cause that is known\n` +
			`screens asked ${asked.times} times · lied ${count('LIED')} · lost ${count('LOST')} · doubled ${count('DOUBLED')} · gaps ${count('GAP')} · other findings ${problems.length - known.reduce((sum, one) => sum + one, 0)}\n`,
	);
	for (const words of problems.slice(0, 50)) process.stdout.write(`✗ ${words}\n`);
}
