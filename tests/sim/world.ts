/**
 * A shop for some days, from one seed: machines, people, faults, time.
 *
 * 1. One seed, one world: every run of it does the same, to the byte (`hash`).
 * 2. The world knows what each vault has made true, and what the faults destroyed; it never tells the engine.
 * 3. In the evening everything that can still speak is brought together. What is wrong in the morning after is wrong.
 */
import { createHash, createPrivateKey, sign as signBytes } from 'node:crypto';
import { isRefusal, type ProductDraft } from '#core/intent.ts';
import type { RenewableLedger } from '#core/ledger/renewable.ts';
import { issueCertificate } from '#engine/certify.ts';
import type { Digest, Signer, Vault } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Genesis } from '#schemas/documents/genesis.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceEnrolled } from '#schemas/facts/device-enrolled.ts';
import type { BranchId, DeviceId, EntryHash, Gtin, IntentKey, StoreId } from '#schemas/ids.ts';
import { HUB_RIGHTS, MANAGER_RIGHTS, type Right } from '#schemas/rights.ts';
import { ACTIONS, payOpenCart, skuNamed, SKUS_AT_OPENING, type Actor } from './actions.ts';
import { FAULTS, type FaultName } from './faults.ts';
import type { ForgerMemory } from './forger.ts';
import { checkCarried, checkMachine, checkShop, SimFailure } from './invariants.ts';
import { createSimDigest, signerNamed } from './keys.ts';
import { createMachine, startProcess, type Machine, type MachineWorld, type Process } from './machine.ts';
import { CALM, createNetwork, USUAL, type Network } from './network-double.ts';
import { diceOf } from './random.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { RUSH_MS, RUSHES_A_DAY, tillNames, writeScript, type Step } from './script.ts';

export interface WorldOptions {
	readonly seed: string;
	readonly tills: number;
	readonly days: number;
	readonly faults: readonly FaultName[];
	/** The numbers of the script's lines that are played; all, when absent. */
	readonly only?: ReadonlySet<number>;
	/** Something is broken on purpose, to see that it is caught. */
	readonly mutation?: Mutation;
	readonly onDay?: (line: string) => void;
}

export interface Mutation {
	/** A vault that lies. */
	readonly vault?: (real: Vault, machine: Machine) => Vault;
	/** A ledger that lies. */
	readonly ledger?: (real: RenewableLedger, machine: Machine) => RenewableLedger;
}

export interface Failure {
	readonly invariant: string;
	readonly words: string;
	readonly day: number;
}

export interface RunResult {
	readonly hash: string;
	readonly failure: Failure | undefined;
	readonly steps: readonly Step[];
	readonly events: number;
	readonly entries: number;
	readonly outcomes: ReadonlyMap<string, number>;
	readonly conflicts: readonly string[];
}

/** What actions, faults and invariants may ask of the world. */
export interface World {
	readonly genesis: Genesis;
	readonly branch: BranchId;
	readonly hubDevice: DeviceId;
	readonly digest: Digest;
	readonly schedule: Schedule;
	readonly network: Network;
	readonly certificates: ReadonlyMap<DeviceId, Certificate>;
	/** What stands for a ledger in this world: itself, unless a test lets it lie. */
	ledgerFor(real: RenewableLedger, machine: Machine): RenewableLedger;
	machines(): readonly Machine[];
	/** The peer that means harm, while it is there. */
	hostile(): Process | undefined;
	readonly forger: { readonly memory: ForgerMemory; sign(body: Uint8Array): Uint8Array };
	/** Everything that an honest vault of the shop ever made true, the lost among it. */
	recorded(): readonly Entry[];
	/** Answered "done" to a person, by hash. */
	readonly acknowledged: ReadonlySet<EntryHash>;
	/** Of these nobody can be blamed for having no copy: their disk is gone, and nobody else had them. */
	readonly lost: ReadonlySet<EntryHash>;
	/** Devices that were revoked: what they wrote since may be nowhere. */
	readonly revoked: ReadonlySet<DeviceId>;
	/** Devices of which two processes wrote. */
	readonly copied: ReadonlySet<DeviceId>;
	readonly junk: readonly { readonly document: string; readonly hash: EntryHash }[];

	start(machine: Machine): Promise<Process | undefined>;
	afterStart(machine: Machine, task: (process: Process) => void): void;
	copyMachine(machine: Machine): Promise<void>;
	backUp(machine: Machine): Promise<Backup>;
	restore(machine: Machine, backup: Backup): void;
	revoke(machine: Machine): Promise<void>;
	wipe(machine: Machine): void;
	planHoliday(): void;
	takeAway(machine: Machine): void;
	noteJunk(document: string, bytes: Uint8Array): void;
}

export type Backup = Pick<Machine, 'vaultDisk' | 'entryDisk' | 'documentDisk'>;

const OPENING_MS = Date.UTC(2026, 10, 2, 8);
const HOUR_MS = 3_600_000;
/** From an answer that is folded to a till that stands down lies one look into its vault. */
const LEARNS_WITHIN_MS = 1_000;
/** It may remove and let in devices, so that what it may not do with that is told apart by whom it is done to. */
const HOSTILE_RIGHTS: readonly Right[] = ['sell', 'refund', 'stock', 'enrol', 'revoke'];

export async function playWorld(options: WorldOptions): Promise<RunResult> {
	const { seed, tills, days, mutation } = options;
	const hash = createHash('sha256');
	const outcomes = new Map<string, number>();
	const problems: unknown[] = [];
	const schedule = createSchedule(OPENING_MS, (error) => problems.push(error));
	const network = createNetwork(schedule, diceOf(`${seed} network`));
	const luck = diceOf(`${seed} world`);
	const digest = createSimDigest();
	const machines: Machine[] = [];
	const starts = new Map<string, number>();
	const starting = new Map<Machine, Promise<Process>>();
	const onStart = new Map<Machine, ((process: Process) => void)[]>();
	const retired: Entry[] = [];
	const acknowledged = new Set<EntryHash>();
	const lost = new Set<EntryHash>();
	const revoked = new Set<DeviceId>();
	const copied = new Set<DeviceId>();
	const junk: { document: string; hash: EntryHash }[] = [];
	const certificates = new Map<DeviceId, Certificate>();
	let isHolidayNext = false;
	let isOpen = true;
	let day = 0;
	let failed: Failure | undefined;

	const root = signerNamed(`${seed} root`);
	const store = createHash('sha256').update(Buffer.from(root.device, 'hex')).digest('hex').slice(0, 32) as StoreId;
	const branch = createHash('sha256').update(`${seed} branch`).digest('hex').slice(0, 32) as BranchId;
	const genesis: Genesis = { store, root: root.device };
	const introductions: Uint8Array[] = [];

	const machineWorld: MachineWorld = {
		...{ seed, genesis, branch, digest, schedule, network, introductions },
		onProblem: (error) => problems.push(error),
		onCut(machine) {
			if (isOpen && !machine.isGone) outcomes.set('power lost', (outcomes.get('power lost') ?? 0) + 1);
			if (isOpen && !machine.isGone) schedule.after(luck.between(500, 15_000), () => start(machine).then(() => undefined));
		},
		...(mutation?.ledger === undefined ? {} : { ledger: mutation.ledger }),
		...(mutation?.vault === undefined ? {} : { vault: mutation.vault }),
	};

	// ——— machines on and off

	async function start(machine: Machine): Promise<Process | undefined> {
		if (machine.isGone || machine.process !== undefined || starting.has(machine)) return undefined;
		const number = (starts.get(machine.name) ?? 0) + 1;
		starts.set(machine.name, number);
		const begun = startProcess(machine, machineWorld, number);
		starting.set(machine, begun);
		// A start that loses its power never ends; then another one may begin.
		const giveUp = schedule.after(30_000, () => {
			if (starting.get(machine) !== begun) return;
			starting.delete(machine);
			if (isOpen) void start(machine);
		});
		let process: Process;
		try {
			process = await begun;
		} catch (error) {
			starting.delete(machine);
			problems.push(error);
			return undefined;
		}
		giveUp();
		starting.delete(machine);
		for (const task of onStart.get(machine) ?? []) task(process);
		onStart.delete(machine);
		return process;
	}

	async function startAll(): Promise<void> {
		isOpen = true;
		for (const machine of machines) void start(machine);
		await schedule.runUntil(schedule.awakeMs() + 12_000);
	}

	async function closeAll(): Promise<void> {
		isOpen = false;
		for (const machine of machines) void machine.process?.close();
		await schedule.runUntil(schedule.awakeMs() + 20_000);
		for (const machine of machines) {
			if (machine.process !== undefined) throw new SimFailure('closing', `${machine.name} does not close`);
			starting.delete(machine);
		}
	}

	/** Whatever else heals, who is away stays away, each alone. */
	function keepApart(): void {
		for (const [index, { name, awayEvenings }] of machines.entries()) if (awayEvenings > 0) network.setPart(name, 5_000 + index);
	}

	// ——— what is destroyed

	function isHeldBySomebody(entry: Entry, except: Machine): boolean {
		const text = textOf(entry.sealed);
		return machines.some((machine) => {
			if (machine === except || machine.isGone || machine.isHostile) return false;
			if (machine.entryDisk.entries.has(entry.hash) || machine.vaultDisk.recorded().some(({ hash: one }) => one === entry.hash)) return true;
			for (const { elements } of machine.documentDisk.values()) for (const bytes of elements.values()) if (textOf(bytes) === text) return true;
			return false;
		});
	}

	function loseDisk(machine: Machine, kept: readonly Entry[]): void {
		const keeps = new Set(kept.map(({ hash: one }) => one));
		for (const entry of machine.vaultDisk.recorded()) {
			retired.push(entry);
			if (!keeps.has(entry.hash) && !isHeldBySomebody(entry, machine)) lost.add(entry.hash);
		}
	}

	const world: World = {
		...{ genesis, branch, digest, schedule, network, certificates, acknowledged, lost, revoked, copied, junk },
		hubDevice: signerNamed(`${seed} hub-1`).device,
		ledgerFor: (real, machine) => mutation?.ledger?.(real, machine) ?? real,
		machines: () => machines,
		hostile: () => machines.find(({ isHostile }) => isHostile)?.process,
		forger: {
			memory: { heads: new Map(), lastHlcMs: 0, receipts: 0, lastKey: '' },
			sign: (body) => signBytes(null, body, hostileKey),
		},
		recorded: () => [
			...new Map([...retired, ...machines.flatMap(({ vaultDisk }) => vaultDisk.recorded())].map((entry) => [entry.hash, entry])).values(),
		],
		start,
		afterStart(machine, task) {
			onStart.set(machine, [...(onStart.get(machine) ?? []), task]);
		},
		async copyMachine(machine) {
			if (copied.has(machine.signer.device) || machines.filter(({ isGone }) => !isGone).length < 3) return;
			copied.add(machine.signer.device);
			const twin = await createMachine({ ...machine, name: `copy-of-${machine.name}` });
			twin.vaultDisk = await machine.vaultDisk.copy();
			twin.entryDisk = machine.entryDisk.copy();
			twin.documentDisk = copyDocuments(machine);
			twin.skewMs = machine.skewMs + 60_000;
			machines.push(twin);
			await start(twin);
		},
		backUp: async (machine) => ({
			vaultDisk: await machine.vaultDisk.copy(),
			entryDisk: machine.entryDisk.copy(),
			documentDisk: copyDocuments(machine),
		}),
		restore(machine, backup) {
			copied.add(machine.signer.device);
			machine.process?.power.cut();
			loseDisk(machine, backup.vaultDisk.recorded());
			Object.assign(machine, backup);
		},
		async revoke(machine) {
			const hub = machines.find(({ name }) => name === 'hub-1')?.process;
			const isLast = machines.filter(({ role, isGone, signer }) => role === 'till' && !isGone && !revoked.has(signer.device)).length <= 2;
			if (hub?.writer === undefined || isLast || revoked.has(machine.signer.device)) return;
			const done = await hub.writer.till.perform(
				{ intent: 'revoke-device', device: machine.signer.device, reason: 'stolen' },
				`revoke-${machine.name}` as IntentKey,
			);
			if (isRefusal(done) || 'trouble' in done) return;
			acknowledged.add(done.entry);
			revoked.add(machine.signer.device);
		},
		wipe(machine) {
			const isLast = machines.filter(({ role, isGone }) => role === 'till' && !isGone).length <= 2;
			if (isLast || machine.isGone) return;
			machine.isGone = true;
			machine.process?.power.cut();
			loseDisk(machine, []);
		},
		planHoliday() {
			isHolidayNext = true;
		},
		takeAway(machine) {
			if (machine.isGone || machine.awayEvenings > 0) return;
			machine.awayEvenings = 2;
			keepApart();
		},
		noteJunk(document, bytes) {
			junk.push({ document, hash: createHash('sha256').update(bytes).digest('hex') as EntryHash });
		},
	};
	const hostileKey = createPrivateKey({
		key: Buffer.from(`302e020100300506032b657004220420${createHash('sha256').update(`${seed} mallory`).digest('hex')}`, 'hex'),
		...{ type: 'pkcs8', format: 'der' },
	});

	// ——— the shop

	async function foundShop(): Promise<void> {
		const hubs = ['hub-1', 'hub-2'];
		const firstHub = signerNamed(`${seed} hub-1`);
		const enrolments: DeviceEnrolled[] = [];
		let hubChain: Uint8Array | undefined;
		for (const [index, name] of [...hubs, ...tillNames(tills), 'mallory'].entries()) {
			const signer = signerNamed(`${seed} ${name}`);
			const isHub = hubs.includes(name);
			const isHostile = name === 'mallory';
			const issuer: Signer = hubChain === undefined ? root : firstHub;
			const till = isHub ? undefined : isHostile ? 66 : index - 1;
			const rights = [...(isHub ? HUB_RIGHTS : isHostile ? HOSTILE_RIGHTS : MANAGER_RIGHTS)];
			const role = isHub ? 'hub' : 'till';
			const certificate: Certificate = {
				...{ v: 1 as const, store, branch, device: signer.device, peer: `peer-of-${signer.device.slice(0, 20)}`, role, name, rights },
				...(till === undefined ? {} : { till }),
				...{ issuer: issuer.device, issuedAtMs: OPENING_MS },
			} as Certificate;
			const chain = await issueCertificate(certificate, issuer, hubChain);
			hubChain ??= chain;
			if (isHub) introductions.push(chain);
			certificates.set(signer.device, certificate);
			machines.push(await createMachine({ name, role, signer, chain, tillNumber: till ?? 0, isHostile }));
			enrolments.push({
				...{ type: 'device.enrolled', v: 1, device: signer.device, branch, role, name, rights, chain: hexOf(chain) },
				...(till === undefined ? {} : { till }),
			} as DeviceEnrolled);
		}
		machines.push(
			await createMachine({ name: 'relay', role: 'relay', signer: signerNamed(`${seed} relay`), chain: new Uint8Array(), tillNumber: 0 }),
		);
		for (const machine of machines) machine.skewMs = luck.chance(0.3) ? luck.between(-180, 180) * 60_000 : luck.between(-2_000, 2_000);
		Object.assign(network.weather, CALM);
		await startAll();
		const hub = machines[0]?.process;
		if (hub?.writer === undefined) throw new Error('the first hub did not start');
		const { writer, replica } = hub;
		const furnish = async (): Promise<void> => {
			const founded = await writer.commit({
				key: 'found-the-shop' as IntentKey,
				decide: () => ({ branch: [], store: enrolments, takesReceipt: false }),
			});
			if (isRefusal(founded) || 'trouble' in founded) throw new Error('the shop could not be founded');
			for (const { chain } of machines) if (chain.length > 0) await replica.takeChain(chain);
			await writer.commit({
				key: 'join-the-relay' as IntentKey,
				decide: () => ({
					...{ branch: [], takesReceipt: false },
					store: [{ type: 'relay.joined', v: 1, relay: signerNamed(`${seed} relay`).device, url: 'wss://relay.example', name: 'Relay' }],
				}),
			});
			const settings = [
				{ name: 'storeName', value: 'Simulated' },
				{ name: 'currency', value: { code: 'GBP', digits: 2 } },
				{
					name: 'taxRates',
					value: [
						{ id: 'standard', name: 'Standard', percentMilli: 20_000 },
						{ id: 'zero', name: 'Zero', percentMilli: 0 },
					],
				},
				{ name: 'timeZone', value: 'Europe/London' },
				{ name: 'cashRoundingMinor', value: 5 },
			] as const;
			for (const setting of settings)
				await writer.till.perform({ intent: 'change-setting', setting: setting as never }, `found-${setting.name}` as IntentKey);
			await writer.till.perform({ intent: 'create-products', products: openingProducts(seed) }, 'found-products' as IntentKey);
		};
		let isFurnished = false;
		void furnish().then(
			() => (isFurnished = true),
			(error: unknown) => problems.push(error),
		);
		await schedule.runUntil(schedule.awakeMs() + 20_000);
		throwProblems();
		if (!isFurnished) throw new Error('the shop was not furnished in time');
	}

	// ——— playing the script

	function playStep(step: Step): void | Promise<void> {
		const machine = machines.find(({ name }) => name === step.who);
		if (machine === undefined) return undefined;
		const dice = diceOf(`${seed} step ${step.id}`);
		switch (step.kind) {
			case 'act':
				// A copy of a profile has somebody in front of it, too.
				for (const one of machines)
					if (one === machine || one.name === `copy-of-${machine.name}`) void act(one, step).catch((error: unknown) => problems.push(error));
				return undefined;
			case 'fault': {
				tell(`fault ${step.name} ${step.who}`);
				outcomes.set(`fault ${step.name}`, (outcomes.get(`fault ${step.name}`) ?? 0) + 1);
				const fault = FAULTS.find(({ name }) => name === step.name);
				return machine.isGone ? undefined : fault?.run(world, machine, dice);
			}
			case 'look':
				if (machine.process !== undefined) checkMachine(world, machine.process);
				return undefined;
		}
	}

	async function act(machine: Machine, step: Step): Promise<void> {
		const { process } = machine;
		if (process?.writer === undefined) {
			tell(`${step.id} ${machine.name} is off`);
			return;
		}
		const dice = diceOf(`${seed} step ${step.id} ${machine.name}`);
		const { writer, ledger, power } = process;
		const actor: Actor = {
			...{ process, ledger, dice, writer: watched(process, writer) },
			newKey: () => dice.hex(16) as IntentKey,
			wait: (ms) => power.step(() => schedule.wait(ms)),
			fail(words) {
				throw new SimFailure('commands', `${machine.name}: ${words}`);
			},
		};
		const action = ACTIONS.find(({ name }) => name === step.name);
		if (action === undefined) return;
		if ((await writer.vault.carts()).length > 0 && dice.chance(0.5)) tell(`${step.id} ${machine.name} open cart: ${await payOpenCart(actor)}`);
		const outcome = await action.run(actor);
		tell(`${step.id} ${machine.name} ${action.name}: ${outcome}`);
		const word = `${action.name}: ${outcome.replace(/T\d+-\d+/, '').trim()}`;
		outcomes.set(word, (outcomes.get(word) ?? 0) + 1);
	}

	/** Notes what was answered to a person, and that nobody but the till's owner is ever answered "done". */
	function watched(process: Process, writer: NonNullable<Process['writer']>): NonNullable<Process['writer']> {
		const isDropped = (): boolean => process.droppedSinceMs !== undefined && schedule.awakeMs() - process.droppedSinceMs > LEARNS_WITHIN_MS;
		/** Whoever has heard that another side of its fork keeps the till records nothing more; what it recorded before is answered. */
		const refuseDropped = (wasDropped: boolean, before: ReadonlySet<EntryHash>, done: object): void => {
			if (wasDropped && 'entry' in done && !before.has(done.entry as EntryHash))
				throw new SimFailure('the till that was kept', `${process.machine.name} recorded ${String(done.entry)}, and another side keeps its till`);
		};
		const recordedNow = (): ReadonlySet<EntryHash> => new Set(process.machine.vaultDisk.recorded().map(({ hash: one }) => one));
		const note = (done: object): void => {
			if (!('entry' in done)) return;
			acknowledged.add(done.entry as EntryHash);
			if (!process.machine.vaultDisk.recorded().some(({ hash: one }) => one === done.entry))
				throw new SimFailure('acknowledged', `${process.machine.name} answered for ${String(done.entry)}, which its vault does not have`);
		};
		const { till } = writer;
		return {
			...writer,
			till: {
				...till,
				async sell(cart, tenders) {
					const wasOld = process.isOldTab;
					const [wasDropped, before] = [isDropped(), recordedNow()];
					const done = await till.sell(cart, tenders);
					refuseDropped(wasDropped, before, done);
					note(done);
					if (wasOld && !('trouble' in done) && !isRefusal(done) && !(await wasKnownBefore(process, cart.key, done.entry)))
						throw new SimFailure('ownership', `an old tab of ${process.machine.name} sold ${done.number}`);
					return done;
				},
				async perform(intent, key) {
					const [wasDropped, before] = [isDropped(), recordedNow()];
					const done = await till.perform(intent, key);
					refuseDropped(wasDropped, before, done);
					note(done);
					return done;
				},
			},
		};
	}

	/** An old tab may be told of what was recorded under its key while it was the owner. */
	async function wasKnownBefore(process: Process, key: IntentKey, entry: EntryHash): Promise<boolean> {
		const record = await process.machine.vaultDisk.raw.saleByKey(key);
		return record?.entry === entry;
	}

	function tell(line: string): void {
		hash.update(`${schedule.awakeMs()} ${line}\n`);
	}

	function throwProblems(): void {
		const [problem] = problems;
		if (problem === undefined) return;
		if (problem instanceof SimFailure) throw problem;
		throw new SimFailure('no exception', problem instanceof Error ? (problem.stack ?? problem.message) : String(problem));
	}

	async function playDay(steps: readonly Step[]): Promise<void> {
		for (let rush = 0; rush < RUSHES_A_DAY; rush += 1) {
			Object.assign(network.weather, USUAL);
			for (const step of steps.filter((one) => one.rush === rush)) schedule.after(step.atMs, () => playStep(step));
			await schedule.runUntil(schedule.awakeMs() + RUSH_MS);
			throwProblems();
			schedule.skip(luck.between(1, 3) * HOUR_MS);
		}
	}

	/** Everybody who still can meets everybody. */
	async function evening(): Promise<void> {
		Object.assign(network.weather, CALM);
		for (const machine of machines) machine.isFull = false;
		// What was to come later (a link that heals, a disk that is emptied, a backup that is put in) comes first.
		await schedule.runUntil(schedule.awakeMs() + 120_000);
		for (const machine of machines) machine.isFull = false;
		Object.assign(network.weather, CALM);
		network.healAll();
		for (const machine of machines) if (machine.awayEvenings > 0) machine.awayEvenings -= 1;
		keepApart();
		await schedule.runUntil(schedule.awakeMs() + 40_000);
		throwProblems();
		for (const { process } of machines) if (process !== undefined) checkMachine(world, process);
		for (const machine of machines) {
			if (!machine.name.startsWith('copy-of-')) continue;
			machine.isGone = true;
			machine.process?.power.cut();
			loseDisk(machine, []);
		}
		if (options.faults.includes('no-cloud')) await withoutTheHubsWay();
		await closeAll();
	}

	/** The tills have one of their own: one of them takes the branch to the cloud, and keeps it. */
	async function withoutTheHubsWay(): Promise<void> {
		const hubs = machines.filter(({ role }) => role === 'hub');
		for (const { name } of hubs) network.setWay(name, 'none');
		await schedule.runUntil(schedule.awakeMs() + 30_000);
		for (let second = 0; second < 20; second += 1) {
			await schedule.runUntil(schedule.awakeMs() + 1_000);
			checkCarried(world);
		}
		for (const { name } of hubs) network.setWay(name, 'whole');
		throwProblems();
	}

	async function morning(): Promise<string> {
		schedule.skip(12 * HOUR_MS);
		if (isHolidayNext) {
			isHolidayNext = false;
			tell('holiday');
			await startAll();
			// Long enough for a checkpoint to be kept of what is old by then, which the next start begins from.
			schedule.skip(luck.between(30, 50) * 24 * HOUR_MS);
			await schedule.runUntil(schedule.awakeMs() + 65_000);
			await closeAll();
		}
		await startAll();
		await schedule.runUntil(schedule.awakeMs() + 90_000);
		throwProblems();
		return checkShop(world);
	}

	const steps = writeScript(options).filter(({ id }) => options.only?.has(id) ?? true);
	try {
		await foundShop();
		for (day = 0; day < days; day += 1) {
			await playDay(steps.filter((step) => step.day === day));
			await evening();
			const state = await morning();
			tell(`day ${day + 1} ${state}`);
			options.onDay?.(dayLine());
		}
	} catch (error) {
		const { invariant, message } =
			error instanceof SimFailure ? error : { invariant: 'the simulator itself', message: String((error as Error).stack) };
		failed = { invariant, words: message, day: day + 1 };
		tell(`failed ${invariant} ${message}`);
	}
	isOpen = false;
	const any = machines.find(({ name }) => name === 'hub-1')?.process;
	return {
		hash: hash.digest('hex'),
		failure: failed,
		steps,
		events: schedule.count(),
		entries: any?.machine.entryDisk.entries.size ?? 0,
		outcomes,
		conflicts: any?.ledger.conflicts().map(({ kind }) => kind) ?? [],
	};

	function dayLine(): string {
		const hub = machines[0]?.process;
		const { ledger } = hub ?? {};
		const kinds = new Set(ledger?.conflicts().map(({ kind }) => kind));
		return [
			`day ${day + 1}`,
			`${hub === undefined ? 0 : hub.machine.entryDisk.entries.size} entries`,
			`${ledger?.state.sales.size ?? 0} sales`,
			`${acknowledged.size} acknowledged`,
			`${lost.size} lost with their disk`,
			`${machines.filter(({ process }) => process?.ledger.deps.checkpoint !== undefined).length} from a checkpoint`,
			`${ledger?.quarantined().length ?? 0} quarantined`,
			`${ledger?.conflicts().length ?? 0} conflicts (${[...kinds].sort().join(', ')})`,
		].join(' · ');
	}
}

function openingProducts(seed: string): readonly ProductDraft[] {
	const dice = diceOf(`${seed} products`);
	return Array.from({ length: SKUS_AT_OPENING }, (_, index): ProductDraft => {
		const unit = index % 5 === 4 ? 'kg' : 'each';
		return {
			sku: skuNamed(index + 1),
			fields: {
				...{ name: `Product ${index + 1}`, category: `Aisle ${index % 3}`, unit, gtins: [] as Gtin[] },
				...{ taxRate: index % 3 === 0 ? 'zero' : 'standard', tracked: index !== 7 },
			},
			unitPriceE4: dice.between(50, 2_000) * 100,
			openingMilli: dice.between(2, 40) * 1000,
		};
	});
}

function copyDocuments({ documentDisk }: Machine): Machine['documentDisk'] {
	return new Map([...documentDisk].map(([label, { elements, removed }]) => [label, { elements: new Map(elements), removed: new Set(removed) }]));
}

function textOf(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString('latin1');
}
