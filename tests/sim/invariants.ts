/**
 * What must be so, whatever happened. `checkMachine` at any moment, on one process alone; `checkShop` when everybody who can has met everybody.
 *
 * 1. Every acknowledged entry survives on every peer that should have it.
 * 2. Equal entries, byte-equal state, the conflicts among it; and the same as folding all of it afresh in any order, and as going on from a checkpoint.
 * 3. Opening and movements are what is on hand, for every SKU.
 * 4. No receipt number twice or skipped, but where a fork is shown.
 * 5. Tenders are takings.
 * 6. Everything quarantined or damaged is in the list of conflicts, or somebody has answered it.
 * 7. The state is what the independent model says.
 * 8. A watermark covers nothing that its issuer has not on disk.
 * 9. A paid cart is no open cart.
 * 10. Where everybody hears everybody, one device holds the lease, and a hub if there is one.
 * 11. Where only the tills have a way to the cloud, a till holds it and has a link to the relay.
 */
import { createHash } from 'node:crypto';
import { conflictKey } from '#core/ledger/answers.ts';
import type { Checkpoint } from '#core/ledger/checkpoint.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { createRenewableLedger } from '#core/ledger/renewable.ts';
import { provenBy } from '#engine/verify.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash, Sku } from '#schemas/ids.ts';
import { comparable } from '../core/ledger/comparable.ts';
import { snapshotOf } from '../support/ledger-snapshot.ts';
import type { Process } from './machine.ts';
import { predict, type ModelShop, type Prediction } from './model.ts';
import { diceOf } from './random.ts';
import type { World } from './world.ts';

export class SimFailure extends Error {
	readonly invariant: string;
	constructor(invariant: string, message: string) {
		super(message);
		this.name = 'SimFailure';
		this.invariant = invariant;
	}
}

/** At any moment. */
export function checkMachine(world: World, process: Process): void {
	checkMovements(process);
	checkTenders(process);
	// From a checkpoint a ledger holds only what lies above: what is below is on the disk, which may be ahead of it by an entry or two just now.
	if (process.ledger.deps.checkpoint !== undefined) return;
	checkVisible(process, process.ledger);
	const [mine, theirs] = [stateText(process.ledger), stateText(foldAfresh(world, process, process.ledger.entries()))];
	if (mine !== theirs) throw new SimFailure('folding afresh', `${process.machine.name}: ${difference(mine, theirs)}`);
}

/** When everybody who can has met everybody. Answers a hash of the state that they agree on. */
export async function checkShop(world: World): Promise<string> {
	const shop = world.machines().flatMap(({ process, isHostile }) => (process === undefined || isHostile ? [] : [process]));
	for (const machine of world.machines())
		if (machine.process === undefined && !machine.isGone) throw new SimFailure('starting', `${machine.name} does not start`);
	const members = shop.filter(({ machine }) => !world.revoked.has(machine.signer.device) && machine.awayEvenings === 0);
	checkSurvival(world, members);
	const whole = new Map(shop.map((process) => [process, wholeLedger(world, process)]));
	const states = new Map<string, { readonly name: string; readonly text: string }>();
	for (const [process, ledger] of whole) {
		const { name } = process.machine;
		const text = stateText(ledger);
		const entries = ledger
			.entries()
			.map(({ hash }) => hash)
			.sort()
			.join();
		const other = states.get(entries);
		if (other !== undefined && other.text !== text)
			throw new SimFailure('equal entries, equal state', `${other.name} and ${name}: ${difference(other.text, text)}`);
		if (other === undefined) {
			checkReceipts(world, process, ledger);
			checkModel(world, process, ledger);
			states.set(entries, { name, text });
		}
		checkMachine(world, process);
		checkVisible(process, ledger);
		await checkCarts(process);
	}
	for (const process of members) {
		checkJunk(world, process);
		checkWatermarks(world, process);
	}
	checkLease(members);
	const first = members[0] && whole.get(members[0]);
	return first === undefined ? '' : createHash('sha256').update(stateText(first)).digest('hex');
}

/** What a machine has on its disks. */
function heldBy({ machine }: Process): ReadonlyMap<EntryHash, Entry> {
	return new Map([...machine.entryDisk.entries, ...machine.vaultDisk.recorded().map((entry) => [entry.hash, entry] as const)]);
}

/** The ledger of a machine; where it began from a checkpoint, what its disks fold to from zero, which must say the same. */
function wholeLedger(world: World, process: Process): Ledger {
	const { ledger, replica, machine } = process;
	if (ledger.needsHistory() || replica.findings().recalculating)
		throw new SimFailure('history', `${machine.name} still lacks what lies below its checkpoint`);
	const { checkpoint } = ledger.deps;
	if (checkpoint === undefined) return ledger;
	const afresh = foldAfresh(world, process, [...heldBy(process).values()]);
	afresh.setDamaged(replica.findings().damaged);
	const [mine, theirs] = [openText(ledger, checkpoint), openText(afresh, checkpoint)];
	if (mine !== theirs) throw new SimFailure('from a checkpoint', `${machine.name}: ${difference(mine, theirs)} (from zero)`);
	return afresh;
}

/** Of a conflict what is open and what may be done: members that were answered below a checkpoint are not told again by who begins from it. */
function openText(ledger: Ledger, checkpoint: Checkpoint): string {
	const conflicts = ledger.conflicts().map(({ key, urgency, unsettled, stake, choices }) => ({ key, urgency, unsettled, stake, choices }));
	return sortedText({ ...(comparable(ledger, checkpoint) as object), conflicts });
}

function foldAfresh(world: World, { ledger, verifier, machine }: Process, entries: readonly Entry[]): Ledger {
	const { store, branch } = ledger;
	const afresh = world.ledgerFor(createRenewableLedger({ store, branch, ...provenBy(verifier) }), machine);
	afresh.add(diceOf(`refold ${entries.length}`).shuffled(entries));
	return afresh;
}

// ——— 1

function checkSurvival(world: World, members: readonly Process[]): void {
	const held = new Map(members.map((process) => [process, heldBy(process)]));
	const everywhere = new Map<EntryHash, Entry>();
	for (const entries of held.values()) for (const [hash, entry] of entries) everywhere.set(hash, entry);
	const away = new Set(world.machines().flatMap(({ awayEvenings, signer }) => (awayEvenings > 0 ? [signer.device] : [])));
	for (const entry of world.recorded()) {
		const { device } = entry.header;
		const isExcused = world.lost.has(entry.hash) || world.revoked.has(device) || away.has(device);
		if (!isExcused && !everywhere.has(entry.hash))
			throw new SimFailure('survival', `nobody has ${nameOf(entry)}${world.acknowledged.has(entry.hash) ? ', which was acknowledged' : ''}`);
	}
	for (const [{ ledger, machine }, entries] of held)
		for (const entry of everywhere.values()) {
			if (!entries.has(entry.hash)) throw new SimFailure('survival', `${machine.name} lacks ${nameOf(entry)}; ${whereabouts(world, entry)}`);
			if (ledger.deps.checkpoint === undefined && ledger.entry(entry.hash) === undefined)
				throw new SimFailure('survival', `${machine.name} has ${nameOf(entry)} on its disk, and not in its ledger; ${whereabouts(world, entry)}`);
		}
}

function whereabouts(world: World, { hash, sealed, header }: Entry): string {
	const bytes = Buffer.from(sealed);
	const all = world.machines();
	const names = (machines: readonly { readonly name: string }[]): string => machines.map(({ name }) => name).join(', ') || 'nobody';
	const author = all.find(({ signer }) => signer.device === header.device);
	return [
		`its author is ${author?.name ?? 'unknown'}${author?.isGone === true ? ' (gone)' : ''}`,
		`on the disks of ${names(all.filter(({ entryDisk }) => entryDisk.entries.has(hash)))}`,
		`in the vaults of ${names(all.filter(({ vaultDisk }) => vaultDisk.recorded().some((one) => one.hash === hash)))}`,
		`in the documents of ${names(all.filter(({ documentDisk }) => [...documentDisk.values()].some(({ elements }) => [...elements.values()].some((item) => bytes.equals(item)))))}`,
		`gone: ${names(all.filter(({ isGone }) => isGone))}`,
		`revoked: ${names(all.filter(({ signer }) => world.revoked.has(signer.device)))}`,
	].join('; ');
}

function nameOf({ header, hash, facts }: Entry): string {
	const types = facts.map((fact) => fact.type).join('+');
	return `${types} ${header.scope} ${header.seq} of ${header.device.slice(0, 8)} (${hash.slice(0, 8)})`;
}

// ——— 2

/** What this peer holds of damaged bytes is its own matter. */
function stateText(ledger: Ledger): string {
	const all = snapshotOf(ledger) as { conflicts: readonly { kind: string }[] };
	return JSON.stringify({ ...all, conflicts: all.conflicts.filter(({ kind }) => kind !== 'damaged') });
}

function difference(a: string, b: string): string {
	let at = 0;
	while (at < a.length && a[at] === b[at]) at += 1;
	return `…${a.slice(Math.max(0, at - 120), at + 160)}… against …${b.slice(Math.max(0, at - 120), at + 160)}…`;
}

// ——— 3

function checkMovements({ ledger, machine }: Process): void {
	for (const [sku, { onHandMilli, movements }] of ledger.state.stock) {
		let milli = ledger.deps.checkpoint?.stock.find((opening) => opening.sku === sku)?.onHandMilli ?? 0;
		for (const { kind, quantityMilli, afterMilli, counts } of movements) {
			if (counts && kind !== 'counted') milli += quantityMilli;
			if (counts && kind === 'counted') milli = afterMilli;
			if (milli !== afterMilli) throw new SimFailure('on hand', `${machine.name}, ${sku}: ${kind} leaves ${afterMilli}, the movements say ${milli}`);
		}
		if (milli !== onHandMilli) throw new SimFailure('on hand', `${machine.name}, ${sku}: ${onHandMilli} on hand, the movements say ${milli}`);
	}
}

// ——— 4

/** What a till's receipts must be: one after another. Where two processes wrote with one key a fork is shown, and it lists the doubled ones. */
function checkReceipts(world: World, { machine }: Process, ledger: Ledger): void {
	// What a hostile device prints on its receipts is its own word: no fold can make it count.
	const hostile = new Set(world.machines().flatMap(({ isHostile, signer }) => (isHostile ? [signer.device] : [])));
	const byDevice = new Map<DeviceId, number[]>();
	for (const { fact, entry } of [...ledger.state.sales.values(), ...ledger.state.refunds.values()]) {
		const { device } = entry.header;
		if (hostile.has(device)) continue;
		byDevice.set(device, [...(byDevice.get(device) ?? []), fact.receipt.number]);
	}
	for (const [device, taken] of byDevice) {
		const chain = ledger.chains().find((one) => one.device === device && one.scope === 'branch');
		const isForked = chain?.forks === true;
		const numbers = [...taken].sort((a, b) => a - b);
		const twice = numbers.filter((number, index) => number === numbers[index - 1]);
		if (!isForked && twice.length > 0)
			throw new SimFailure('receipts', `${machine.name}: receipt ${String(twice[0])} of ${device.slice(0, 8)} twice, and no fork is shown`);
		const isWhole = chain !== undefined && chain.gaps.length === 0;
		const skipped = numbers.find((number, index) => number > (numbers[index - 1] ?? 0) + 1);
		if (isWhole && !isForked && skipped !== undefined)
			throw new SimFailure('receipts', `${machine.name}: receipt ${skipped} of ${device.slice(0, 8)} comes after a hole`);
		const fork = ledger.conflicts().find(({ detail }) => detail.kind === 'chain-forked' && detail.device === device && detail.scope === 'branch');
		if (isForked && twice.length > 0 && fork?.detail.kind === 'chain-forked')
			for (const number of twice)
				if (!fork.detail.doubled.some(({ receipt, entries }) => receipt.number === number && entries.length > 1))
					throw new SimFailure('receipts', `${machine.name}: receipt ${number} of ${device.slice(0, 8)} is doubled, and the fork does not say so`);
		if (!isForked || fork !== undefined) continue;
		const named = ledger
			.answers()
			.flatMap(({ fact, entry }) =>
				fact.conflict.kind === 'chain-forked' && fact.conflict.subject === `${device}:branch` ? [...fact.members, entry.hash] : [],
			);
		if (named.length === 0) throw new SimFailure('receipts', `${machine.name}: the fork of ${device.slice(0, 8)} is not shown`);
		// An answer is for what it names and what lies before that; whatever else the dropped side wrote is to be shown again.
		for (const { hash, header } of ledger.entries()) {
			if (header.device !== device || header.scope !== 'branch' || ledger.sideStanding(hash) !== 'dropped') continue;
			if (!named.some((end) => end === hash || (ledger.entry(end)?.header.device === device && ledger.hasSeen(end, hash))))
				throw new SimFailure('receipts', `${machine.name}: ${header.seq} of ${device.slice(0, 8)} grew on a dropped side, and nobody is told`);
		}
	}
}

// ——— 5

function checkTenders({ ledger, machine }: Process): void {
	for (const { fact, counts, entry } of [...ledger.state.sales.values(), ...ledger.state.refunds.values()]) {
		if (!counts) continue;
		const tenderedMinor = fact.tenders.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
		if (tenderedMinor !== fact.totalMinor)
			throw new SimFailure('tenders', `${machine.name}: ${nameOf(entry)} takes ${tenderedMinor} for ${fact.totalMinor}`);
	}
}

// ——— 6

/** `whole`: with everything that was ever answered. */
function checkVisible({ ledger, replica, machine }: Process, whole: Ledger): void {
	const conflicts = ledger.conflicts();
	const shown = new Set(conflicts.flatMap(({ members }) => members.map(({ hash }) => hash)));
	const answered = new Map<string, Set<string>>();
	for (const { fact } of whole.answers()) {
		const key = conflictKey(fact.conflict);
		answered.set(key, new Set([...(answered.get(key) ?? []), ...fact.members]));
	}
	for (const { entry, reason } of ledger.quarantined()) {
		const { device, scope } = entry.header;
		const ofStore = scope === 'store';
		const key = conflictKey({ kind: 'not-allowed', subject: `${device}:${scope}:${reason}`, ...(ofStore ? {} : { branch: ledger.branch }) });
		if (!shown.has(entry.hash) && answered.get(key)?.has(entry.hash) !== true)
			throw new SimFailure('visible', `${machine.name}: ${nameOf(entry)} is quarantined (${reason}) and nobody is told`);
	}
	const parked = new Map<string, EntryHash[]>();
	for (const { fact, counts, correctedBy, entry } of whole.state.sales.values())
		if (fact.type === 'sale.completed' && fact.parked !== undefined && counts && correctedBy === undefined)
			parked.set(fact.parked, [...(parked.get(fact.parked) ?? []), entry.hash]);
	for (const [cart, sales] of parked) {
		const key = conflictKey({ kind: 'parked-sold-twice', subject: cart, branch: ledger.branch });
		if (sales.length > 1 && !sales.every((hash) => shown.has(hash) || answered.get(key)?.has(hash) === true))
			throw new SimFailure('visible', `${machine.name}: ${cart} was sold ${sales.length} times, and nobody is told`);
	}
	for (const { document, route } of replica.findings().damaged) {
		const subject = `${route}:${document}`.slice(0, 240);
		const key = conflictKey({ kind: 'damaged', subject, branch: ledger.branch });
		if (!conflicts.some((conflict) => conflict.key === key) && !answered.has(key))
			throw new SimFailure('visible', `${machine.name}: damaged bytes in ${document}, and nobody is told`);
	}
}

function checkJunk(world: World, { replica, documents, machine }: Process): void {
	const { damaged } = replica.findings();
	// At most so many findings are kept.
	if (damaged.length >= 500) return;
	for (const { document, hash } of world.junk) {
		const held = [...(documents.disk.get(document)?.elements.values() ?? [])].some(
			(bytes) => createHash('sha256').update(bytes).digest('hex') === hash,
		);
		if (held && documents.isOpen(document) && !damaged.some((found) => found.hash === hash && found.document === document))
			throw new SimFailure('visible', `${machine.name}: junk in ${document} was not found`);
	}
}

// ——— 7

function checkModel({ branch, certificates }: World, { machine }: Process, ledger: Ledger): void {
	const difference = compareWithModel(ledger, ledger.entries(), {
		branch,
		rightsOf: (device) => certificates.get(device as DeviceId)?.rights,
		isHub: (device) => certificates.get(device as DeviceId)?.role === 'hub',
	});
	if (difference !== undefined) throw new SimFailure('the model', `${machine.name}, ${difference}`);
}

/** Where a ledger believes something else than the model does of these entries, in words. */
export function compareWithModel(ledger: Ledger, entries: readonly Entry[], shop: ModelShop): string | undefined {
	const said = predict(entries, shop);
	const { state } = ledger;
	const takingsMinor: Record<string, number> = {};
	for (const { fact, counts, correctedBy } of state.sales.values())
		if (counts && correctedBy === undefined)
			for (const { type, amountMinor } of fact.tenders) takingsMinor[type] = (takingsMinor[type] ?? 0) + amountMinor;
	const standing = [...state.refunds.values()].filter(({ counts, correctedBy }) => counts && correctedBy === undefined);
	for (const { fact } of standing) for (const { type, amountMinor } of fact.tenders) takingsMinor[type] = (takingsMinor[type] ?? 0) - amountMinor;
	const folded: Prediction = {
		products: Object.fromEntries(
			[...state.products].map(([sku, { name, category, tracked, price, branchPrices, retired }]) => [
				sku,
				{
					...{ name: name.value, category: category.value, tracked: tracked.value, unitPriceE4: price?.value, isRetired: retired },
					ownPriceE4: branchPrices?.find(({ branch }) => branch === ledger.branch)?.price?.value,
				},
			]),
		),
		onHandMilli: Object.fromEntries([...state.stock].map(([sku, { onHandMilli }]) => [sku, onHandMilli])),
		sales: Object.fromEntries(
			[...state.sales].map(([hash, { counts, correctedBy, refundedMilli }]) => [
				hash,
				{ counts, isTakenBack: correctedBy !== undefined, refundedMilli },
			]),
		),
		refunds: standing.map(({ entry }) => entry.hash).sort(),
		takingsMinor,
		quarantined: Object.fromEntries(ledger.quarantined().map(({ entry, reason }) => [entry.hash, reason])),
	};
	for (const part of Object.keys(said) as (keyof Prediction)[]) {
		const [mine, theirs] = [sortedText(folded[part]), sortedText(said[part])];
		if (mine === theirs) continue;
		const sku = part === 'onHandMilli' ? Object.keys(folded[part]).find((one) => folded.onHandMilli[one] !== said.onHandMilli[one]) : undefined;
		const story = sku === undefined ? '' : `\n${movementStory(ledger, sku as Sku)}`;
		return `${part}: the fold says ${difference(mine, theirs)} (the model)${story}`;
	}
	return undefined;
}

function movementStory(ledger: Ledger, sku: Sku): string {
	const movements = ledger.state.stock.get(sku)?.movements ?? [];
	return movements
		.map(({ entry, kind, quantityMilli, afterMilli, counts }) => {
			const { hlc, device, seq } = entry.header;
			return `${sku} ${hlc.join('.')} ${device.slice(0, 4)}/${seq} ${entry.hash.slice(0, 6)} ${kind} ${quantityMilli} → ${afterMilli}${counts ? '' : ' (void)'}`;
		})
		.join('\n');
}

function sortedText(value: unknown): string {
	return JSON.stringify(value, (_key, one: unknown) =>
		typeof one === 'object' && one !== null && !Array.isArray(one)
			? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
			: one,
	);
}

// ——— 8

function checkWatermarks(world: World, { replica, machine }: Process): void {
	for (const { issuer, marks } of replica.findings().watermarks) {
		const of = world.machines().find(({ signer, isGone }) => signer.device === issuer && !isGone);
		if (of === undefined) continue;
		const own = new Set(of.vaultDisk.recorded().map(({ hash }) => hash));
		for (const { hash, seq, device } of marks)
			if (!of.entryDisk.entries.has(hash) && !own.has(hash))
				throw new SimFailure('watermarks', `${machine.name} was told that ${of.name} has ${seq} of ${device.slice(0, 8)}, and it has not`);
	}
}

// ——— 10

function checkLease(members: readonly Process[]): void {
	const holders = members.filter(({ replica }) => replica.holdsLease()).map(({ machine }) => machine);
	if (holders.length !== 1) throw new SimFailure('the lease', `held by ${holders.map(({ name }) => name).join(' and ') || 'nobody'}`);
	if (holders[0]?.role !== 'hub') throw new SimFailure('the lease', `${holders[0]?.name} holds it, and there are hubs`);
}

/** While the hubs have no way to the cloud, and nobody is apart but who is away. */
export function checkCarried(world: World): void {
	const here = world
		.machines()
		.flatMap(({ process, signer, awayEvenings }) => (process === undefined || awayEvenings > 0 || world.revoked.has(signer.device) ? [] : [process]));
	const tills = here.filter(({ machine }) => machine.role === 'till');
	if (tills.length === 0) return;
	const holders = here.filter(({ replica }) => replica.holdsLease());
	const [holder] = holders;
	if (holders.length !== 1 || holder?.station.link?.isUp() !== true)
		throw new SimFailure(
			'carried to the cloud',
			`the lease is held by ${holders.map(({ machine }) => machine.name).join(' and ') || 'nobody'}, without a link to the relay`,
		);
}

// ——— 9

async function checkCarts({ machine }: Process): Promise<void> {
	for (const { key } of await machine.vaultDisk.raw.carts())
		if ((await machine.vaultDisk.raw.saleByKey(key)) !== undefined) throw new SimFailure('carts', `${machine.name}: ${key} is paid and still open`);
}
