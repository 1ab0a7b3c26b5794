/**
 * What goes wrong in a shop, one fault an entry: a name, how often in a rush, and what it does to the world.
 *
 * A fault never tells anybody: the engine finds out as it would in life.
 */
import type { SegmentName } from '#schemas/documents/segment.ts';
import { segmentLabel } from '#schemas/documents/segment.ts';
import { forge, type Forgery } from './forger.ts';
import type { Machine } from './machine.ts';
import type { Dice } from './random.ts';
import type { World } from './world.ts';

export interface Fault {
	readonly name: FaultName;
	/** Expected, at most 3. */
	readonly aRush: number;
	readonly whom: 'till' | 'hub';
	run(world: World, machine: Machine, dice: Dice): void | Promise<void>;
}

export const FAULT_NAMES = [
	'crash',
	'hub-crash',
	'isolation',
	'partition',
	'no-cloud',
	'bad-weather',
	'clock-jump',
	'full-disk',
	'tab-takeover',
	'torn-document',
	'copied-profile',
	'restored-backup',
	'revoked-device',
	'wiped-device',
	'holiday',
	'away',
	'splice',
	'junk',
	'replay',
	'forge',
	'flood',
] as const;
export type FaultName = (typeof FAULT_NAMES)[number];

export const FAULTS: readonly Fault[] = [
	{ name: 'crash', aRush: 2.4, whom: 'till', run: crash },
	{ name: 'hub-crash', aRush: 0.6, whom: 'hub', run: crash },
	{ name: 'isolation', aRush: 0.9, whom: 'till', run: isolate },
	{ name: 'partition', aRush: 0.6, whom: 'till', run: partition },
	{ name: 'no-cloud', aRush: 0.6, whom: 'hub', run: loseWay },
	{ name: 'bad-weather', aRush: 0.9, whom: 'till', run: badWeather },
	{ name: 'clock-jump', aRush: 0.6, whom: 'till', run: jumpClock },
	{ name: 'full-disk', aRush: 0.5, whom: 'till', run: fillDisk },
	{ name: 'tab-takeover', aRush: 0.5, whom: 'till', run: takeOver },
	{ name: 'torn-document', aRush: 0.4, whom: 'till', run: tearDocument },
	{ name: 'copied-profile', aRush: 0.15, whom: 'till', run: copyProfile },
	{ name: 'restored-backup', aRush: 0.2, whom: 'till', run: restoreBackup },
	{ name: 'revoked-device', aRush: 0.1, whom: 'till', run: revoke },
	{ name: 'wiped-device', aRush: 0.08, whom: 'till', run: wipe },
	{ name: 'holiday', aRush: 0.25, whom: 'hub', run: goOnHoliday },
	{ name: 'away', aRush: 0.15, whom: 'till', run: takeAway },
	{ name: 'splice', aRush: 0.4, whom: 'till', run: splice },
	{ name: 'junk', aRush: 0.5, whom: 'till', run: junk },
	{ name: 'replay', aRush: 0.5, whom: 'till', run: replay },
	{ name: 'forge', aRush: 0.8, whom: 'till', run: forgeEntry },
	{ name: 'flood', aRush: 0.2, whom: 'till', run: flood },
];

// ——— bad luck

/** Between any two steps: of a commit, of an intake, of a start. */
function crash(_world: World, machine: Machine, dice: Dice): void {
	machine.process?.power.cutIn(dice.between(1, 40));
}

function isolate(world: World, machine: Machine, dice: Dice): void {
	world.network.setPart(machine.name, 100 + dice.below(1000));
	world.schedule.after(dice.between(5_000, 80_000), () => world.network.setPart(machine.name, 0));
}

function partition(world: World, _machine: Machine, dice: Dice): void {
	const parts = world.machines().map(({ name }) => [name, dice.below(2)] as const);
	for (const [name, part] of parts) world.network.setPart(name, part);
	world.schedule.after(dice.between(10_000, 100_000), () => {
		for (const [name] of parts) world.network.setPart(name, 0);
	});
}

/** The hubs' alone: the tills have one of their own. */
function loseWay(world: World, _machine: Machine, dice: Dice): void {
	const hubs = world.machines().filter(({ role }) => role === 'hub');
	const way = dice.pick(['none', 'no-sockets'] as const);
	for (const { name } of hubs) world.network.setWay(name, way);
	world.schedule.after(dice.between(20_000, 100_000), () => {
		for (const { name } of hubs) world.network.setWay(name, 'whole');
	});
}

function badWeather(world: World, _machine: Machine, dice: Dice): void {
	const before = { ...world.network.weather };
	Object.assign(world.network.weather, { syncLoss: 0.6, laneLoss: dice.pick([0.5, 1]), laneTwice: 0.5, mostDelayMs: 3_000 });
	world.schedule.after(dice.between(5_000, 40_000), () => {
		Object.assign(world.network.weather, before);
	});
}

function jumpClock(_world: World, machine: Machine, dice: Dice): void {
	machine.skewMs += dice.between(-5 * 60, 5 * 60) * 60_000;
}

function fillDisk(world: World, machine: Machine, dice: Dice): void {
	machine.isFull = true;
	world.schedule.after(dice.between(1_000, 20_000), () => {
		machine.isFull = false;
	});
}

/** A second tab opens and takes the till; the first one lives on for a while, and must not sell. */
async function takeOver(world: World, machine: Machine): Promise<void> {
	const old = machine.process;
	if (old === undefined) return;
	old.isOldTab = true;
	world.network.leave(old.station);
	machine.process = undefined;
	world.schedule.after(15_000, () => old.power.cut());
	await world.start(machine);
}

/** A document of its own disk is torn when the power goes: part of it is lost, and the next start says so. */
function tearDocument(world: World, machine: Machine, dice: Dice): void {
	machine.process?.power.cut();
	const label = dice.pickOr([...machine.documentDisk.keys()]);
	const document = label === undefined ? undefined : machine.documentDisk.get(label);
	if (label === undefined || document === undefined) return;
	for (const name of [...document.elements.keys()].slice(-3)) document.elements.delete(name);
	world.afterStart(machine, ({ documents }) => documents.reportDamage(label, 'its last chunk did not load'));
}

// ——— bad hands

/** The same key on two machines: they fork. */
async function copyProfile(world: World, machine: Machine): Promise<void> {
	await world.copyMachine(machine);
}

/** The disk of an hour ago is put back in: what was sold since then is known to others or to nobody. */
async function restoreBackup(world: World, machine: Machine, dice: Dice): Promise<void> {
	const backup = await world.backUp(machine);
	await world.schedule.wait(dice.between(10_000, 60_000));
	if (!machine.isGone) world.restore(machine, backup);
}

async function revoke(world: World, machine: Machine): Promise<void> {
	await world.revoke(machine);
}

function wipe(world: World, machine: Machine): void {
	world.wipe(machine);
}

/** The shop closes for weeks: what came to rest is folded into checkpoints, and what comes after that from long ago needs what lies below. */
function goOnHoliday(world: World): void {
	world.planHoliday();
}

/** A till is taken to a fair, sells there alone, and is back a day later, holiday or not. */
function takeAway(world: World, machine: Machine): void {
	world.takeAway(machine);
}

// ——— the peer that means harm

function splice(world: World, _machine: Machine, dice: Dice): void {
	const documents = world.hostile()?.documents;
	const label = dice.pickOr([...(documents?.disk.keys() ?? [])]);
	if (documents === undefined || label === undefined) return;
	documents.splice(label, dice.between(1, 4));
}

/** Torn, flipped and invented bytes in somebody's segment. */
function junk(world: World, machine: Machine, dice: Dice): void {
	const documents = world.hostile()?.documents;
	if (documents === undefined) return;
	const name = segmentOf(world, machine, dice);
	const real = dice.pickOr([...(documents.disk.get(segmentLabel(name))?.elements.values() ?? [])]);
	const torn = real?.slice(0, Math.max(1, dice.below(real.length)));
	const flipped = real?.map((byte, place) => (place === 100 ? byte ^ 1 : byte));
	const bytes = dice.pick([dice.bytes(dice.between(1, 300)), torn ?? dice.bytes(10), flipped ?? dice.bytes(20)]);
	documents.insert(name, [bytes]);
	// Flipped bytes bear a signature that is known with another body: those who hold the real entry skip them, and may.
	if (bytes !== flipped) world.noteJunk(segmentLabel(name), bytes);
}

/** Everything again, in the wrong places, over the wrong ways. */
function replay(world: World, machine: Machine, dice: Dice): void {
	const hostile = world.hostile();
	if (hostile === undefined) return;
	const entries = dice.shuffled(hostile.ledger.entries()).slice(0, 30);
	const sealed = entries.map((entry) => entry.sealed);
	hostile.documents.insert(segmentOf(world, machine, dice), sealed.slice(0, 10));
	for (let n = 0; n < 3; n += 1) world.network.broadcast(hostile.station, { t: 'entries', sealed: dice.shuffled(sealed) });
}

const FORGERIES: readonly Forgery[] = [
	'broken-total',
	'no-right',
	'coup',
	'enrols-hub',
	'old-clock',
	'far-clock',
	'fork',
	'key-reused',
	'alien',
	'future-fact',
	'not-mine',
];

function forgeEntry(world: World, _machine: Machine, dice: Dice): void {
	forge(world, dice.pick(FORGERIES), dice);
}

function flood(world: World, machine: Machine, dice: Dice): void {
	const hostile = world.hostile();
	if (hostile === undefined) return;
	const name = segmentOf(world, machine, dice);
	for (let n = 0; n < 30; n += 1) {
		const bytes = dice.bytes(200);
		hostile.documents.insert(name, [bytes]);
		world.noteJunk(segmentLabel(name), bytes);
		world.network.broadcast(hostile.station, { t: 'entries', sealed: [dice.bytes(100)] });
	}
	forge(world, 'broken-total', dice);
	forge(world, 'broken-total', dice);
}

function segmentOf({ genesis, branch }: World, { signer }: Machine, dice: Dice): SegmentName {
	return { store: genesis.store, branch, device: signer.device, scope: dice.pick(['branch', 'store'] as const), n: 1 };
}
