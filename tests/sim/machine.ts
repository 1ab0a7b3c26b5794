/**
 * A machine of the shop: disks, a clock of its own, and now and then a process. The process is made of the same parts as in `sync-server/branch.ts` and the
 * till's worker; only what is outside the ports is a double.
 *
 * 1. A process that lost its power does nothing more; the next one finds what is on the disks and nothing else.
 * 2. Two processes on one vault are two tabs: the later one owns it.
 */
import { decide } from '#core/decide.ts';
import { createRenewableLedger, type RenewableLedger } from '#core/ledger/renewable.ts';
import { createCommit, type Commit } from '#engine/commit.ts';
import { recover } from '#engine/recover.ts';
import { createReplica, type Replica } from '#engine/replicate.ts';
import { createSealer } from '#engine/seal.ts';
import { createStandDown, standingOf } from '#engine/stand-down.ts';
import { createTill, type Till } from '#engine/till.ts';
import { createUplink } from '#engine/uplink.ts';
import { createVerifier, provenBy, type Verifier } from '#engine/verify.ts';
import type { Clock, Digest, Signer, Vault } from '#ports';
import type { Cart } from '#schemas/cart.ts';
import type { Genesis } from '#schemas/documents/genesis.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, DeviceId } from '#schemas/ids.ts';
import { createRelayLinkDouble } from '../support/relay-link-double.ts';
import { createEntryDisk, createVaultDisk, type EntryDisk, type VaultDisk } from './disks.ts';
import { createDocumentsDouble, type DocumentDisk, type DocumentsDouble } from './documents-double.ts';
import type { Network, Station } from './network-double.ts';
import { createPower, type Power } from './power.ts';
import { diceOf, type Dice } from './random.ts';
import { timersOf, type Schedule } from './schedule.ts';

export type Role = 'till' | 'hub' | 'relay';

export interface Machine {
	readonly name: string;
	readonly role: Role;
	readonly signer: Signer;
	/** Empty for the relay, which writes nothing. */
	readonly chain: Uint8Array;
	readonly tillNumber: number;
	vaultDisk: VaultDisk;
	entryDisk: EntryDisk;
	documentDisk: DocumentDisk;
	/** How far its clock is from the world's. */
	skewMs: number;
	/** Its disk takes nothing more. */
	isFull: boolean;
	/** Never started again: stolen, broken, sent away. */
	isGone: boolean;
	/** Alone, until so many evenings have passed. */
	awayEvenings: number;
	/** Not in the shop's hands: nothing is expected of it, and its entries are its own matter. */
	readonly isHostile: boolean;
	/** The process that sells, once it is ready. */
	process: Process | undefined;
}

export interface Process {
	readonly machine: Machine;
	readonly power: Power;
	readonly ledger: RenewableLedger;
	readonly verifier: Verifier;
	readonly replica: Replica;
	readonly documents: DocumentsDouble;
	readonly clock: Clock;
	readonly station: Station;
	/** Of a device that writes. */
	readonly writer: Writer | undefined;
	/** Taken from the shop by a later tab. */
	isOldTab: boolean;
	/** Awake time since which its ledger says that another side of its own fork keeps the till. */
	droppedSinceMs: number | undefined;
	/** As at closing time: everything at hand is brought to its end. */
	close(): Promise<void>;
}

export interface Writer {
	readonly vault: Vault;
	readonly commit: Commit;
	readonly till: Till;
	/** Under the number that this tab was given. */
	readonly ownership: number;
	saveCart(cart: Cart): Promise<unknown>;
}

export interface MachineWorld {
	readonly seed: string;
	readonly genesis: Genesis;
	readonly branch: BranchId;
	readonly digest: Digest;
	readonly schedule: Schedule;
	readonly network: Network;
	/** Certificates that every device was given when it was enrolled. */
	readonly introductions: readonly Uint8Array[];
	onProblem(error: unknown): void;
	/** Its power went, by whatever hand. */
	onCut(machine: Machine): void;
	/** A vault, a ledger that a test wants to lie. */
	readonly vault?: (real: Vault, machine: Machine) => Vault;
	readonly ledger?: (real: RenewableLedger, machine: Machine) => RenewableLedger;
}

export async function createMachine(
	options: Pick<Machine, 'name' | 'role' | 'signer' | 'chain' | 'tillNumber'> & { readonly isHostile?: boolean },
): Promise<Machine> {
	return {
		...options,
		vaultDisk: await createVaultDisk(),
		entryDisk: createEntryDisk(),
		documentDisk: new Map(),
		skewMs: 0,
		isFull: false,
		isGone: false,
		awayEvenings: 0,
		isHostile: options.isHostile ?? false,
		process: undefined,
	};
}

/** Of a link to the relay. */
const LONGEST_TRY_MS = 2_000;

/** Switches a machine on. Resolves when it sells; never, when the power goes before. */
export async function startProcess(machine: Machine, world: MachineWorld, start: number): Promise<Process> {
	const { genesis, branch, digest, schedule, network } = world;
	const { store } = genesis;
	const running: { process?: Process } = {};
	const dice: Dice = diceOf(`${world.seed} process ${machine.name} ${start}`);
	const clock: Clock = { nowMs: () => schedule.wallMs() + machine.skewMs };
	const power = createPower(schedule, dice, () => {
		if (machine.process === running.process) machine.process = undefined;
		network.leave(station);
		world.onCut(machine);
	});
	const isFull = (): boolean => machine.isFull;
	const timers = timersOf(schedule, power.isOn, (error) => {
		if (power.isOn()) world.onProblem(error);
	});
	const entryStore = machine.entryDisk.open(power, isFull);
	const verifier = createVerifier({ digest, store });
	const real = createRenewableLedger({ store, branch, ...provenBy(verifier) });
	const ledger = world.ledger?.(real, machine) ?? real;
	const signer: Signer = { device: machine.signer.device, sign: (bytes) => power.step(() => machine.signer.sign(bytes)) };
	const isRelay = machine.role === 'relay';
	const isServer = machine.role !== 'till';
	const replica = createReplica({
		...{ store, branch, entryStore, ledger, verifier, digest, clock, timers, random: { bytes: (length) => dice.bytes(length) }, keepsOwn: isServer },
		...(isRelay ? {} : { own: { device: signer.device, chain: machine.chain } }),
		...(isServer ? { issues: { tier: isRelay ? ('cloud' as const) : ('host' as const), signer } } : {}),
		restsSegments: isRelay,
	});
	const documents = createDocumentsDouble({
		...{ actor: `${machine.name}/${start}`, disk: machine.documentDisk, power, dice, genesis },
		onChange: (document) => network.documentChanged(station, document),
		onOpen: (document) => network.documentOpened(station, document),
		onBroadcast: (message) => network.broadcast(station, message),
		onSend: (peer, message) => network.send(station, peer, message),
	});
	const linkDice = diceOf(`${world.seed} link ${machine.name} ${start}`);
	const link = isRelay
		? undefined
		: createRelayLinkDouble({
				...{ nowMs: schedule.wallMs, timers, tryMs: () => linkDice.between(20, LONGEST_TRY_MS) },
				canLink: () => network.canLink(station),
			});
	const station: Station = {
		link,
		name: machine.name,
		device: signer.device,
		isRelay,
		documents,
		isOn: power.isOn,
		refuses: (device: DeviceId) => (ledger.state.devices.get(device)?.standing ?? 'active') !== 'active',
		setConnected: (devices) => replica.setConnected(devices),
	};

	replica.onFindings(() => {
		ledger.setDamaged(replica.findings().damaged);
	});
	replica.onFolded(({ devices, conflicts }) => {
		if (devices) network.refresh();
		if (conflicts) lookAtFork();
	});
	await replica.load();
	for (const chain of world.introductions) await replica.takeChain(chain);
	ledger.setDamaged(replica.findings().damaged);
	const disk = isRelay ? undefined : machine.vaultDisk.open(power, isFull);
	const vault = disk === undefined ? undefined : (world.vault?.(disk, machine) ?? disk);
	if (vault !== undefined)
		await recover(vault, async (sealed) => {
			const opened = await Promise.all(sealed.map((bytes) => verifier.entry(bytes)));
			replica.recover(opened.filter((entry): entry is Entry => 'header' in entry));
		});
	await replica.attach(documents);
	link?.onState(() => network.refresh());
	const uplink =
		link &&
		createUplink({
			...{ replica, link, timers, isRelayKnown: () => true, isHub: machine.role === 'hub' },
			probe: () => Promise.resolve(network.answers(station)),
		});
	const process: Process = {
		...{ machine, power, ledger, verifier, replica, documents, clock, station, isOldTab: false, droppedSinceMs: undefined },
		writer: vault === undefined ? undefined : await createWriter(vault),
		async close() {
			network.leave(station);
			await uplink?.close();
			await replica.close();
			power.cut();
		},
	};
	running.process = process;
	lookAtFork();
	network.join(station);
	machine.process = process;
	return process;

	/** Judged from the disk, not by the part that is on trial. */
	function lookAtFork(): void {
		const { process: now } = running;
		if (now === undefined) return;
		const head = machine.vaultDisk.recorded().findLast(({ header }) => header.scope === 'branch');
		const isDropped = head !== undefined && ledger.sideStanding(head.hash) === 'dropped';
		now.droppedSinceMs = isDropped ? (now.droppedSinceMs ?? schedule.awakeMs()) : undefined;
	}

	async function createWriter(into: Vault): Promise<Writer> {
		const ownership = await into.takeOwnership();
		const standDown = createStandDown({
			...{ vault: into, ownership: () => ownership, standing: (heads) => standingOf(ledger, heads), onChange: () => undefined },
		});
		await standDown.open();
		replica.onFolded(({ conflicts }) => {
			if (conflicts) standDown.look();
		});
		standDown.look();
		const commit = createCommit({
			sealer: createSealer({ store, signer, digest, clock }),
			vault: into,
			digest,
			ownership: () => ownership,
			seen: () => ({ vector: ledger.seen(), hlc: ledger.hlc() }),
			day: () => ({
				timeZone: ledger.state.settings.value('timeZone') ?? 'UTC',
				dayStartMinutes: ledger.state.settings.value('dayStartMinutes') ?? 0,
			}),
			onRecorded(entries) {
				if (power.isOn()) replica.hear(entries);
			},
			isDropped: standDown.isDropped,
		});
		replica.onLedgered((scope, seq) => {
			into.markLedgered(scope, seq, ownership).catch(() => undefined);
		});
		const till = createTill({
			...{ commit, device: signer.device, tillNumber: machine.tillNumber },
			money: () => ({
				currency: ledger.state.settings.value('currency') ?? { code: 'GBP', digits: 2 },
				cashRoundingMinor: ledger.state.settings.value('cashRoundingMinor') ?? 1,
			}),
			decide: async (intent, context) => decide(ledger, intent, { ...context, nowMs: clock.nowMs() }),
		});
		return { vault: into, commit, till, ownership, saveCart: (cart) => into.saveCart(cart, ownership) };
	}
}
