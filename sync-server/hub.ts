/** `npm start`: a hub with flags and a terminal. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeChain, keyInForce } from '#core/entry/certificate.ts';
import type { RenewOutcome } from '#engine/own-renewal.ts';
import { bytesOfHex } from '#schemas/cbor.ts';
import { FolderTaken, openDataFolder, type DataFolder } from './data-folder.ts';
import { parseFlags, portFlag, switchFlag, textFlag, type Flag, type Values } from './flags.ts';
import { NotLetIn } from './enrolment/join.ts';
import { startHub, type Hub, type HubDeps } from './hub-process.ts';
import type { Log } from './log.ts';
import { dayBounds, dayFlag } from './operation/day-bounds.ts';
import { createMeters } from './operation/meters.ts';
import { openMetrics, type MetricsDoor } from './operation/metrics-door.ts';
import { createVoice, OPERATION_FLAGS } from './operation/voice.ts';
import { NotRecovered } from './recovery/secret.ts';
import type { RelayRefusal } from './relay-known.ts';
import { askInTerminal, complain, lanAddresses, qrCode, startError, untilStopped } from './terminal.ts';

const DAY_MS = 24 * 3_600_000;
const ASK_AGAIN_MS = 5_000;

const NOT_RENEWED: Readonly<Record<Exclude<RenewOutcome, 'renewed'>, string>> = {
	nobody: 'not renewed yet: waits for another hub, or for a manager’s till.',
	'not-allowed': 'not renewed yet: waits for another hub, or for a manager’s till. The devices that are linked may let nobody in.',
	'wrong-code': 'not renewed yet: waits for another hub, or for a manager’s till.',
	waiting: 'not renewed yet: waits for another hub, or for a manager’s till.',
	refused: 'not renewed yet: waits for another hub, or for a manager’s till.',
	behind: 'not renewed yet: those who are linked are still reading what this hub wrote.',
	'not-whole': 'not renewed yet: this hub’s own entries are still on their way to it.',
	'not-owner': 'not renewed: another process writes this folder.',
	'renewed-before': 'not renewed: they were, to other keys than this folder has. Is it an older copy?',
	'too-many': 'not renewed: they were too often for one hub. Let a new hub join, and remove this one.',
};

const RELAY_REFUSED: Readonly<Record<RelayRefusal, (url: string) => string>> = {
	another: (url) =>
		`At ${url} answers another relay than the one that this shop knows there. If it is yours, because the one before is lost, start once with --new-relay on.`,
	'given-up': (url) => `The relay at ${url} goes by a key that it has given up: it runs on an older copy of its keys. Start it with the newest.`,
	'renewed-apart': (url) =>
		`The relay at ${url} goes by another new key than the one that this shop knows: somebody has a copy of its old one. The Sync screen of the tills says more.`,
	unproven: (url) => `The relay at ${url} shows a new key that its old one has not signed.`,
};

/** In words for whoever named the file. */
class CannotRead extends Error {}

function readBytes(path: string): Buffer {
	try {
		return readFileSync(path);
	} catch (error) {
		throw new CannotRead(`${path} cannot be read: ${(error as Error).message}.`);
	}
}

const relayFlag: Flag<string | undefined> = {
	...{ hint: 'ws://HOST:4500', help: 'Join this hub to a relay in the cloud', initial: undefined },
	parse: (text) =>
		/^wss?:\/\/[^/\s@?#]+\/?$/.test(text) && URL.canParse(text)
			? { value: text.replace(/\/$/, '') }
			: { wrong: 'expected an address like ws://relay.example:4500' },
};

const joinFlag: Flag<string | undefined> = {
	...{ hint: 'http://HOST:4400', help: 'Become a second hub of the shop of this one, with --code', initial: undefined },
	parse: (text) =>
		/^https?:\/\/[^/\s@?#]+\/?$/.test(text) && URL.canParse(text)
			? { value: text.replace(/\/$/, '') }
			: { wrong: 'expected the address of a hub, like http://192.168.1.10:4400' },
};

const securePortFlag: Flag<number | undefined> = {
	...{ hint: 'PORT|off', help: 'Port of the same by https, for tills on other devices', env: 'HTTPS_PORT', initial: 4443 },
	parse(text) {
		if (text === 'off') return { value: undefined };
		const parsed = portFlag(4443, '').parse(text);
		return 'wrong' in parsed ? { wrong: `${parsed.wrong}, or off` } : parsed;
	},
};

const directPortFlag: Flag<number | undefined> = {
	...{ ...securePortFlag, help: 'UDP port (webrtc-direct) for tills whose app came from elsewhere', env: 'WEBRTC_PORT', initial: 4404 },
};

const appFlag: Flag<string | undefined> = {
	...{ hint: 'https://HOST', help: 'Where the app is also served: the setup code becomes a link to it', initial: undefined },
	parse: (text) =>
		/^https:\/\/[^\s@?#]+$/.test(text) && URL.canParse(text)
			? { value: text }
			: { wrong: 'expected the address of a page, like https://till.example' },
};

const oldDevicesFlag: Flag<'stay' | 'remove'> = {
	...{ hint: 'stay|remove', help: 'With --recover: whether the devices that the shop had may come back', initial: 'stay' },
	parse: (text) => (text === 'stay' || text === 'remove' ? { value: text } : { wrong: 'expected stay or remove' }),
};

const FLAGS = {
	data: textFlag('data', 'DIR', 'Folder for everything this hub keeps'),
	port: portFlag(4400, 'Port of the app and the LAN', 'PORT'),
	'https-port': securePortFlag,
	'webrtc-port': directPortFlag,
	app: appFlag,
	host: textFlag('0.0.0.0', 'ADDRESS', 'Address to listen on; 127.0.0.1 is this machine alone', 'HOST'),
	relay: relayFlag,
	'new-relay': switchFlag('The relay at that address is a new one: the one before is lost'),
	join: joinFlag,
	code: textFlag('', 'CODE', 'The code for a manager’s till that the other hub shows, for --join'),
	recover: textFlag('', 'FILE', 'Bring a lost shop back: the recovery file, or a text file with the recovery code'),
	journal: textFlag('', 'FILE', 'A till’s journal to bring in, or for --recover without a relay'),
	branch: textFlag('', 'NAME', 'Which branch this hub is of, for --recover of a shop with several'),
	'old-devices': oldDevicesFlag,
	'renew-keys': switchFlag('Take new keys, once, as soon as another hub or a manager’s till is linked'),
	'day-mib': dayFlag,
	...OPERATION_FLAGS,
};

const parsed = parseFlags(
	'npm start --',
	'Holdfast hub: serves the tills of a shop and keeps what they sell.',
	FLAGS,
	process.argv.slice(2),
	process.env,
);
if ('help' in parsed) {
	process.stdout.write(parsed.help);
} else if ('refused' in parsed) {
	complain(parsed.refused);
	process.exitCode = 2;
} else if ((parsed.values.code === '') !== (parsed.values.join === undefined)) {
	complain('--join http://HOST:4400 and --code CODE go together: the code is the one for a manager’s till that the other hub shows.');
	process.exitCode = 2;
} else if (parsed.values.recover === '' && parsed.values.branch !== '') {
	complain('--branch belongs to --recover FILE, which brings a lost shop back.');
	process.exitCode = 2;
} else if (parsed.values.port === parsed.values['https-port']) {
	complain(`--port and --https-port are both ${parsed.values.port}. Give each a port of its own, or --https-port off.`);
	process.exitCode = 2;
} else {
	await run(parsed.values);
}

async function run({
	data,
	port,
	'https-port': securePort,
	'webrtc-port': directPort,
	app: appAddress,
	host,
	relay,
	'new-relay': newRelay,
	join,
	code: joinCode,
	recover,
	journal,
	branch: branchName,
	'old-devices': oldDevices,
	'renew-keys': renewKeys,
	...flags
}: Values<typeof FLAGS>): Promise<void> {
	const { say, complain, openLog } = createVoice({ to: flags.log, folder: resolve(data), name: 'hub', level: flags['log-level'] });
	const meters = createMeters('hub');
	let hub: Hub;
	let metrics: MetricsDoor | undefined;
	let log: Log;
	try {
		const recovery = recover === '' ? undefined : await recoveryIn(recover, journal);
		const carried = recover === '' && journal !== '' ? readBytes(journal) : undefined;
		const folder = openDataFolder(resolve(data), 'hub');
		log = openLog();
		hub = await begin(folder, log, {
			join: join === undefined ? undefined : { hub: join, code: joinCode },
			recover: recovery && { ...recovery, branchName: branchName === '' ? undefined : branchName, removeOthers: oldDevices === 'remove' },
		});
		if (carried !== undefined) await bringIn(hub, carried);
		metrics = flags.metrics && (await openMetrics(meters, flags.metrics, log));
	} catch (error) {
		complain(
			error instanceof FolderTaken || error instanceof NotLetIn || error instanceof NotRecovered || error instanceof CannotRead
				? error.message
				: startError(error, [
						['--port', port],
						['--https-port', securePort],
						['--metrics', flags.metrics?.port],
					]),
		);
		process.exit(1);
	}
	let said: string | undefined;
	let isStopping = false;
	let startingAgain: Promise<void> | undefined;
	let saidForManagers: string | undefined;
	let isRelayRefused = false;
	process.on('unhandledRejection', (error) => {
		log('unexpected', { error: String(error) });
		complain(`An error that nobody expected, written to the log: ${String(error)}`);
	});
	untilStopped(
		async () => {
			log('stopping', {});
			isStopping = true;
			await startingAgain;
			await hub.drain();
			await hub.close();
			await metrics?.close();
			log('stopped', {});
		},
		{ say, complain },
	);
	log('started', { port: hub.port, data: resolve(data), hasShop: hub.shop() !== undefined });

	const storeName = hub.shop()?.branch.ledger.state.settings.value('storeName');
	say(`\n  Holdfast is running${storeName === undefined ? '' : ` for ${storeName}`}.\n`);
	say(`  This machine       http://localhost:${hub.port}`);
	say(`  A second till      http://till-2.localhost:${hub.port}   (has storage of its own)`);
	sayOtherDevices();
	say(`  Data               ${resolve(data)}`);
	if (relay !== undefined) say(`  Relay              ${relay}`);
	if (metrics !== undefined) say(`  Metrics            http://${flags.metrics?.host}:${metrics.port}/metrics`);
	if (hub.direct !== undefined && 'missing' in hub.direct)
		say('  Setup code         none: webrtc-direct needs a part of its own that npm did not bring for this system. The log has the reason.');
	if (hub.isComingBack()) say('  Recovery           the shop’s record is on its way back; nobody joins before it is whole.');
	else if (hub.isUnsaved()) say('  Recovery           not saved: if this machine is lost, so is the shop. Open Settings, Recovery, on this machine.');
	sayCodes();
	const branchCode = hub.branchCode();
	if (branchCode !== undefined) say(`  Branch code        ${branchCode}   (with it a shop that there is opens a further branch here)`);
	listen();
	say('\n  Ctrl-C stops it.\n');
	if (renewKeys) void takeNewKeys();

	function begin(folder: DataFolder, to: Log, first: Pick<HubDeps, 'join' | 'recover'> = {}): Promise<Hub> {
		return startHub({
			folder,
			port,
			secure: securePort === undefined ? undefined : { port: securePort },
			direct: directPort === undefined ? undefined : { port: directPort, app: appAddress },
			host,
			app: fileURLToPath(new URL('../build', import.meta.url)),
			relay,
			newRelay,
			day: dayBounds(flags['day-mib']),
			meters,
			log: to,
			...first,
		});
	}

	function listen(): void {
		hub.onCode(sayCodes);
		hub.onRelay(({ url, refused }) => {
			if (refused !== undefined)
				complain(`\n  ${RELAY_REFUSED[refused](url)} The hub is not linked to it meanwhile, and asks again every few seconds.`);
			else if (isRelayRefused) say(`  Relay              ${url} is the shop’s again.`);
			isRelayRefused = refused !== undefined;
		});
		hub.onShop((name) => {
			say(`\n  ${name} is open.`);
			sayCodes();
		});
	}

	/** Whoever countersigns may come in an hour. A service is started again with the same flags: keys of today are new enough. */
	async function takeNewKeys(): Promise<void> {
		let waitsFor: RenewOutcome | undefined;
		while (!isStopping) {
			const chain = hub.shop()?.file.chain;
			const renewedAtMs = chain === undefined ? undefined : decodeChain(bytesOfHex(chain))?.[0]?.renewals.at(-1)?.atMs;
			if (renewedAtMs !== undefined && Date.now() - renewedAtMs < DAY_MS)
				return say('  Keys               renewed within this day; --renew-keys is not needed any more.');
			// Of a disk that failed nobody knows what it wrote: the next start reads it.
			const outcome = chain === undefined ? 'nobody' : await hub.renewKeys().catch((error: unknown) => ({ error: String(error) }));
			if (isStopped()) return;
			if (outcome === 'renewed' || typeof outcome === 'object') {
				startingAgain = startAgain(outcome === 'renewed' ? 'the folder has the keys from before' : outcome.error);
				return startingAgain;
			}
			if (outcome !== waitsFor) {
				log('keys', { outcome });
				say(`  Keys               ${NOT_RENEWED[outcome]}`);
			}
			if (outcome === 'renewed-before' || outcome === 'too-many') return;
			waitsFor = outcome;
			await new Promise((go) => setTimeout(go, ASK_AGAIN_MS));
		}
	}

	/** Asked through a function, because Ctrl-C may come while it waits and the compiler cannot know. */
	function isStopped(): boolean {
		return isStopping;
	}

	/** `problem`: why the keys of the next start would be those of now. */
	async function startAgain(problem: string): Promise<void> {
		const before = generation();
		try {
			await hub.close();
			hub = await begin(openDataFolder(resolve(data), 'hub'), log);
		} catch (error) {
			complain(
				`The hub stopped to take new keys, and did not start again: ${String(error)}. Start it again: its folder says which keys are in force.`,
			);
			process.exit(1);
		}
		[said, saidForManagers] = [undefined, undefined];
		listen();
		if (generation() > before) {
			log('keys renewed', {});
			say(
				'  Keys               renewed. Make a backup now: one from before brings back a hub that nobody lets in. Start without --renew-keys from now on.',
			);
		} else {
			log('keys not renewed', { problem });
			complain(`The keys were not renewed: ${problem}. The hub goes on with those that it has. Start it with --renew-keys once more.`);
		}
		sayCodes();
	}

	/** Of the keys that this run has; 0 are those of the beginning. */
	function generation(): number {
		const chain = hub.shop()?.file.chain;
		return (chain === undefined ? undefined : keyInForce(bytesOfHex(chain))?.generation) ?? 0;
	}

	/** Named again at the next start, it changes nothing. */
	async function bringIn(into: Hub, file: Uint8Array): Promise<void> {
		const outcome = await into.bringIn(file);
		if ('refused' in outcome) {
			await into.close();
			throw new CannotRead(`--journal: ${outcome.refused}`);
		}
		const { added, known, refused, code } = outcome;
		const isOthers = refused === 0 ? '' : `, ${refused} refused: they are not of this shop`;
		say(`\n  The journal: ${added} new, ${known} here already${isOthers}.`);
		if (code !== undefined)
			say(`  Confirmation code  ${code}   (typed at the till that the journal is of, under “Leave this shop”, it lets that till go)`);
	}

	/** The code as it stands on paper, or the file and its passphrase, which is asked for where the environment does not have it. */
	async function recoveryIn(path: string, journalPath: string) {
		const text = readBytes(path).toString('utf8').trimStart();
		const brought = text.startsWith('{')
			? { file: text, passphrase: process.env['HOLDFAST_PASSPHRASE'] ?? (await askInTerminal('  Passphrase of the recovery file: ')) }
			: { code: text };
		return { ...brought, ...(journalPath === '' ? {} : { journal: new Uint8Array(readBytes(journalPath)) }) };
	}

	function sayOtherDevices(): void {
		const [lan] = host === '127.0.0.1' ? [] : lanAddresses();
		if (lan === undefined) return;
		const { secure } = hub;
		if (secure === undefined) {
			say('  Other devices      none: --https-port off leaves them without the secure address that a till needs.');
			return;
		}
		const url = secure.urlFor(lan);
		const trust = `http://${lan}:${hub.port}/trust`;
		say(`  Other devices      ${url}`);
		say(`  For the first time ${trust}\n\n${qrCode(trust).replaceAll(/^/gm, '  ')}\n`);
		say(
			`  That page, also behind the code above, shows how a device comes to trust this hub, and leads on to the till.\n  It shows a SHA-256 fingerprint, which has to be this one:\n\n${halves(secure.fingerprint)}\n`,
		);
	}

	/** It holds the join code, so it is shown anew with each. */
	function saySetupCode(): void {
		const code = hub.setupCode();
		if (code === undefined) return;
		say(
			`  Setup code         for a till whose app was opened anywhere: scan or paste it there, on this network\n\n${qrCode(code).replaceAll(/^/gm, '  ')}\n`,
		);
		say(`  ${code}\n`);
	}

	/** In two lines, as 32 pairs are too long for one. */
	function halves(fingerprint: string): string {
		return `    ${fingerprint.slice(0, 47)}\n    ${fingerprint.slice(48)}`;
	}

	/** Those that were not said yet. Asking for one may draw it, and comes back here with it. */
	function sayCodes(): void {
		const code = hub.code();
		if (code !== said) {
			said = code;
			say(
				hub.shop() === undefined
					? `  Claim code         ${code}   (asked for when a shop is made from another machine)`
					: `  Join code          ${code}   (lets one till join, for ten minutes)`,
			);
			saySetupCode();
		}
		const managers = hub.managersCode();
		if (managers === undefined || managers === saidForManagers) return;
		saidForManagers = managers;
		say(`  Manager’s code     ${managers}   (lets one manager’s till join, or a second hub, for ten minutes)`);
	}
}
