/** Where everything is, in words: each state that a shop can be in. */
import type { Ledger } from '#core/ledger/ledger.ts';
import { createCoverage } from '#projections/coverage.ts';
import { noSyncYet } from '#projections/no-sync-yet.ts';
import { syncRow, type SyncFacts } from '#projections/sync.ts';
import type { SyncRow } from '#projections/rows.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import { describe, expect, test } from 'vitest';
import { received, sold } from '../support/facts.ts';
import type { TestDevice } from '../support/ledger-builder.ts';
import { openFloor, type Floor } from '../support/shop-floor.ts';

const RELAY = 'cd'.repeat(32) as DeviceId;
/** Half a minute after the shop has opened: nothing that it sells by then has an age yet. */
const NOW = Date.UTC(2026, 10, 2, 9, 0, 30);

interface Situation extends Partial<Omit<SyncFacts, 'linked'>> {
	readonly linked?: readonly TestDevice[];
	/** What the hub's disk and the cloud have: all, nothing, or up to these marks. */
	readonly atHost?: 'all' | readonly Mark[];
	readonly inCloud?: 'all' | readonly Mark[];
}

function look(floor: Floor, { linked = [], atHost, inCloud, ...facts }: Situation = {}, ledger: Ledger = floor.ledger()): SyncRow {
	const coverage = createCoverage(ledger);
	const base = { v: 1, store: ledger.store, branch: ledger.branch, hlc: ledger.hlc() } as const;
	const marksOf = (what: 'all' | readonly Mark[]) => [...(what === 'all' ? ledger.marks() : what)];
	const watermarks = [
		...(atHost === undefined ? [] : [{ ...base, tier: 'host' as const, issuer: floor.hub.id, marks: marksOf(atHost) }]),
		...(inCloud === undefined ? [] : [{ ...base, tier: 'cloud' as const, issuer: RELAY, marks: marksOf(inCloud) }]),
	];
	coverage.update(watermarks);
	return syncRow(ledger, coverage, {
		...{ self: floor.till1.id, nowMs: NOW, workingAlone: false, lease: undefined, claimedSeq: new Map(), peerMarks: new Map() },
		...{ duplicates: 0, recalculating: false, damaged: 0, log: [], watermarks },
		...facts,
		linked: linked.map(({ id }) => ({ device: id, transport: 'websocket', connectedSinceMs: NOW - 1000 })),
	});
}

/** What a device has said to hold: everything by now, or what it held at an earlier moment. */
function said(...of: readonly (readonly [TestDevice, readonly Mark[]])[]): Pick<SyncFacts, 'peerMarks'> {
	return { peerMarks: new Map(of.map(([{ id }, marks]) => [id, marks])) };
}

function open(withRelay: boolean, sales = 0): Floor {
	const floor = openFloor({ A: 100 });
	if (withRelay) {
		floor.hub.does([{ type: 'relay.joined', v: 1, relay: RELAY, url: 'wss://relay.example', name: 'Relay' }], { scope: 'store' });
		floor.meet();
	}
	for (let n = 0; n < sales; n += 1) floor.sell(floor.till1, 'A');
	return floor;
}

function leaseOf(floor: Floor, cloud: 'none' | 'connected' | 'apart', heardAtMs = NOW - 1000): NonNullable<SyncFacts['lease']> {
	return { holder: floor.hub.id, sinceMs: NOW - 60_000, cloud, heardAtMs };
}

describe('the sentence', () => {
	const all = (row: SyncRow): readonly [string, string, string] => [row.sentence, row.calm.words, row.calm.tone];

	test('working alone', () => {
		const floor = open(true, 1);
		expect(all(look(floor, { workingAlone: true }))).toEqual([
			'Working alone. 1 sale waits for the shop; it is safe on this till, so far on no other.',
			'Working alone',
			'amber',
		]);
		floor.sell(floor.till1, 'A');
		expect(look(floor, { workingAlone: true }).sentence).toBe(
			'Working alone. 2 sales wait for the shop; all are safe on this till, so far on no other.',
		);
		expect(look(floor, { workingAlone: true, atHost: 'all' }).sentence).toBe('Working alone. Everything sold before is safe in the shop.');
	});

	test('a cloud or a hub that was put back to an older copy, until it has again what it had', () => {
		const floor = open(true, 2);
		const before = floor.ledger().marks();
		for (let n = 0; n < 12; n += 1) floor.sell(floor.till1, 'A');
		const ledger = floor.ledger();
		const owes = (tier: 'host' | 'cloud') => [
			{ v: 1 as const, store: ledger.store, branch: ledger.branch, hlc: ledger.hlc(), tier, issuer: RELAY, marks: [...ledger.marks()] },
		];
		const linked = { linked: [floor.hub], lease: leaseOf(floor, 'connected') };
		const cloud = look(floor, { ...linked, atHost: 'all', inCloud: before, owed: owes('cloud') });
		expect(cloud.sentence).toBe('The cloud lost 12 sales, sending them again. Everything is safe here.');
		expect(cloud.cloud.words).toBe('The cloud lost 12 sales, sending them again');
		expect(look(floor, { ...linked, atHost: before, inCloud: 'all', owed: owes('host') }).sentence).toBe(
			'The hub lost 12 sales, sending them again. Everything is safe here.',
		);
		// What it has never had is no loss.
		floor.sell(floor.till1, 'A');
		const healed = look(floor, { ...linked, atHost: 'all', inCloud: ledger.marks(), owed: owes('cloud') });
		expect(healed.sentence).toBe('1 sale waits for the cloud; it is safe on this till and 1 other.');
	});

	test('nobody in reach', () => {
		const floor = open(true, 2);
		expect(all(look(floor))).toEqual([
			'No other device is in reach. 2 sales wait for the shop; all are safe on this till, so far on no other.',
			'No one in reach',
			'amber',
		]);
		expect(look(floor, { atHost: 'all' }).sentence).toBe('No other device is in reach. Everything sold so far is safe in the shop.');
	});

	test('the hub away, another till here', () => {
		const floor = open(true, 2);
		const linked = [floor.till2];
		expect(all(look(floor, { linked }))).toEqual([
			'The hub is away. 2 sales wait for it; all are safe on this till, so far on no other.',
			'Hub away',
			'amber',
		]);
		expect(look(floor, { linked, atHost: 'all' }).sentence).toBe('The hub is away; 1 other till in reach. Nothing waits for it.');
	});

	test('a shop without a relay', () => {
		const floor = open(false, 3);
		const linked = [floor.hub, floor.till2];
		expect(all(look(floor, { linked }))).toEqual(['3 sales wait for the hub; all are safe on this till, so far on no other.', 'Saving', 'kelp']);
		const safe = look(floor, { linked, atHost: 'all' });
		expect(all(safe)).toEqual(['Everything is safe in the shop.', 'All safe', 'kelp']);
		expect(safe.cloud).toMatchObject({ known: false, linked: false, words: 'This shop has no relay yet' });
	});

	test('sales wait for the cloud', () => {
		const floor = open(true, 1);
		const seen = floor.ledger().marks();
		const linked = [floor.hub];
		expect(all(look(floor, { linked, atHost: 'all' }))).toEqual([
			'1 sale waits for the cloud; it is safe on this till and 1 other.',
			'1 for the cloud',
			'amber',
		]);
		floor.sell(floor.till1, 'A');
		floor.sell(floor.till2, 'A');
		const row = look(floor, { linked, atHost: 'all', inCloud: seen, lease: leaseOf(floor, 'apart') });
		expect(row.sentence).toBe('2 sales wait for the cloud; all are safe on this till and 1 other.');
		expect(row.cloud).toMatchObject({ known: true, linked: false, sales: 1, waiting: 2, words: 'Not in reach; 2 sales wait' });
		expect(look(floor, { linked, atHost: 'all', inCloud: seen, lease: leaseOf(floor, 'connected') }).cloud.words).toBe('Taking 2 sales');
	});

	test('all safe', () => {
		const floor = open(true, 2);
		const row = look(floor, { linked: [floor.hub, floor.till2], atHost: 'all', inCloud: 'all', lease: leaseOf(floor, 'connected') });
		expect(all(row)).toEqual(['Everything is safe, in the shop and in the cloud.', 'All safe', 'kelp']);
		expect([row.shop.words, row.cloud.words]).toEqual(['1 hub and 1 other till in reach', 'Has everything']);
	});

	test('in the cloud, and not on a hub that was set back: never said to be in the shop', () => {
		const floor = open(true, 2);
		const row = look(floor, { linked: [floor.hub], inCloud: 'all', lease: leaseOf(floor, 'connected') });
		expect(row.sentence).toBe('2 sales are safe in the cloud and on the way to the hub.');
	});

	test('the cloud away while nothing waits', () => {
		const floor = open(true, 2);
		const row = look(floor, { linked: [floor.hub], atHost: 'all', inCloud: 'all', lease: leaseOf(floor, 'apart') });
		expect([row.calm.words, row.cloud.words]).toEqual(['Cloud away', 'Not in reach; nothing waits']);
	});

	test('what a person must settle comes before where things are', () => {
		const floor = openFloor({ A: 1 });
		floor.sell(floor.till1, 'A');
		floor.sell(floor.till2, 'A');
		expect(look(floor, { workingAlone: true }).calm).toEqual({ tone: 'coral', words: '1 to settle' });
	});

	test('2. in no situation does it speak of loss or danger', () => {
		const floor = open(true, 2);
		for (const workingAlone of [true, false])
			for (const linked of [[], [floor.till2], [floor.hub], [floor.hub, floor.till2]])
				for (const atHost of ['all', undefined] as const)
					for (const inCloud of ['all', undefined] as const) {
						const { sentence } = look(floor, { workingAlone, linked, ...(atHost && { atHost }), ...(inCloud && { inCloud }) });
						expect(sentence).not.toMatch(/lost|risk|danger|unsafe|not safe|undefined/);
						expect(sentence).toMatch(/^[A-Z0-9].*\.$/);
					}
	});
});

describe('3. a copy is where somebody has said to hold it', () => {
	const where = (row: SyncRow): string => row.sentence.split('; ').slice(1).join('; ');

	test('a till that is linked and has not got the sales has no copy of them; one that said so has', () => {
		const floor = open(true, 1);
		const early = floor.ledger().marks();
		for (let n = 0; n < 2; n += 1) floor.sell(floor.till1, 'A');
		const linked = [floor.till2];
		const now = floor.ledger().marks();
		expect(where(look(floor, { linked }))).toBe('all are safe on this till, so far on no other.');
		expect(where(look(floor, { linked, ...said([floor.till2, early]) }))).toBe('all are safe on this till, 2 of them so far on no other.');
		expect(where(look(floor, { linked, ...said([floor.till2, now]) }))).toBe('all are safe on this till and 1 other.');
	});

	test('the hub counts by its watermark, which is newer than what it said: also when that covers less', () => {
		const floor = open(true, 1);
		const early = floor.ledger().marks();
		floor.sell(floor.till1, 'A');
		const now = floor.ledger().marks();
		const linked = [floor.hub, floor.till2];
		const both = said([floor.hub, now], [floor.till2, now]);
		expect(look(floor, { linked, atHost: 'all', ...both }).sentence).toBe('2 sales wait for the cloud; all are safe on this till and 2 others.');
		expect(where(look(floor, { linked, atHost: early, ...both }))).toBe('all are safe on this till and 1 other.');
		expect(where(look(floor, { linked, atHost: early, ...said([floor.hub, now]) }))).toBe('all are safe on this till, 1 of them so far on no other.');
	});

	test('what somebody said stays known when it is away, and not when it was removed', () => {
		const floor = open(true, 2);
		const facts = said([floor.till2, floor.ledger().marks()]);
		expect(look(floor, facts).sentence).toBe('No other device is in reach. 2 sales wait for the shop; all are safe on this till and 1 other.');
		floor.hub.does([{ type: 'device.revoked', v: 1, device: floor.till2.id, marks: [], reason: 'stolen' }], { scope: 'store' });
		expect(where(look(floor, facts))).toBe('all are safe on this till, so far on no other.');
	});

	test('each with another one, and no other with all', () => {
		const floor = open(true, 1);
		const own = floor.ledger().marks();
		floor.hub.hears(...floor.shop.entries);
		floor.sell(floor.till2, 'A');
		const theirs = floor
			.ledger()
			.marks()
			.filter(({ device }) => device === floor.till2.id);
		const row = look(floor, { linked: [floor.hub], ...said([floor.hub, own], [floor.till2, theirs]) });
		expect(row.sentence).toBe('2 sales wait for the cloud; all are safe on this till, and each on at least one other.');
	});

	test('one side of a fork is no copy of the other', () => {
		const floor = open(true, 1);
		const copied = floor.till1.copy();
		floor.sell(floor.till1, 'A');
		copied.does([sold([['A', 2, 200]], copied.receipt())]);
		const ledger = floor.ledger();
		const marks = ledger.marks().filter(({ device }) => device === floor.till1.id);
		expect(marks).toHaveLength(2);
		expect(look(floor, { linked: [floor.till2], ...said([floor.till2, marks.slice(0, 1)]) }, ledger).sentence).toContain(
			'1 of them so far on no other',
		);
		expect(look(floor, { linked: [floor.till2], ...said([floor.till2, marks]) }, ledger).sentence).toContain('on this till and 1 other.');
	});
});

test('a till that has just begun says that its figures are none; one whose ledger stands never does', () => {
	expect(noSyncYet()).toMatchObject({ starting: true, sentence: 'Starting' });
	expect(look(open(true))).not.toHaveProperty('starting');
});

test('what is shown ahead of this disk is said to be nowhere, until it is on it', () => {
	const floor = open(true, 1);
	floor.sell(floor.till2, 'A');
	const theirs = [...floor.ledger().state.sales.values()].flatMap(({ entry }) => (entry.header.device === floor.till2.id ? [entry.hash] : []));
	expect(theirs).toHaveLength(1);
	const waiting = (facts: Situation) => look(floor, { linked: [floor.hub], atHost: 'all', ...facts }).cloud.waiting;
	expect([waiting({}), waiting({ onTheWay: new Set(theirs) })]).toEqual([2, 1]);
});

test('4. the age of the oldest moves once a minute, from one minute on', () => {
	const floor = open(true);
	floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { atMs: NOW });
	const one = (afterMs: number) => look(floor, { linked: [floor.hub], atHost: 'all', nowMs: NOW + afterMs }).sentence.split(';')[0];
	expect(one(59_999)).toBe('1 sale waits for the cloud');
	expect(one(60_000)).toBe('1 sale waits for the cloud, for 1 min');
	expect(one(119_999)).toBe('1 sale waits for the cloud, for 1 min');
	// A clock that was set back.
	expect(one(-60_000)).toBe('1 sale waits for the cloud');
	floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { atMs: NOW + 1 });
	expect(one(240_000)).toBe('2 sales wait for the cloud, oldest 4 mins');
	expect(one(7_200_000)).toBe('2 sales wait for the cloud, oldest 2 hrs');
	expect(one(50 * 3_600_000)).toBe('2 sales wait for the cloud, oldest 2 days');
});

describe('1. what waits is counted by watermarks', () => {
	test('of all tills, sales and refunds, and nothing else', () => {
		const floor = open(true, 2);
		floor.sell(floor.till2, 'A');
		floor.hub.does([received('A', 5)]);
		const row = look(floor, { linked: [floor.hub] });
		expect([row.shop.waiting, row.cloud.waiting, row.till.sales]).toEqual([3, 3, 2]);
	});

	test('the oldest that waits and the last that was sold, by the clock that sold them', () => {
		const floor = open(true);
		const at = [NOW - 5000, NOW - 9000, NOW - 1000];
		for (const atMs of at) floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { atMs });
		const row = look(floor);
		expect([row.cloud.oldestWaitingAtMs, row.till.lastAtMs]).toEqual([NOW - 9000, NOW - 1000]);
		const safe = look(floor, { inCloud: 'all' });
		expect(safe.cloud).not.toHaveProperty('oldestWaitingAtMs');
		expect(look(open(true)).till).not.toHaveProperty('lastAtMs');
	});

	test('a year of sales that no cloud has is counted like ten of them', () => {
		const floor = open(true, 1);
		const ledger = floor.ledger();
		const [sale] = [...ledger.state.sales.values()];
		// 200,000 at once are more than a call takes as arguments.
		const sales = new Map(Array.from({ length: 200_000 }, (_, n) => [String(n), sale!] as const));
		const year = { ...ledger, state: { ...ledger.state, sales } } as unknown as Ledger;
		expect(look(floor, {}, year).cloud.waiting).toBe(200_000);
	});
});

describe('who forwards', () => {
	test('a holder is one that was heard within five seconds', () => {
		const floor = open(true);
		const linked = [floor.hub];
		expect(look(floor, { linked, lease: leaseOf(floor, 'connected') })).toMatchObject({
			shop: { holder: 'Hub', holderSinceMs: NOW - 60_000 },
			cloud: { linked: true },
		});
		const silent = look(floor, { linked, lease: leaseOf(floor, 'connected', NOW - 5000) });
		expect(silent.shop).not.toHaveProperty('holder');
		expect(silent.cloud.linked).toBe(false);
	});

	test('who works alone has no cloud, whatever was heard a second ago', () => {
		const floor = open(true);
		const row = look(floor, { workingAlone: true, linked: [floor.hub], lease: leaseOf(floor, 'connected') });
		expect([row.cloud.linked, row.shop.linked, row.shop.words]).toEqual([false, false, 'Links are closed until you reconnect']);
	});
});

describe('the others', () => {
	test('those in reach first, then by name; not this till itself, and nobody who was removed', () => {
		const floor = open(true);
		floor.hub.does([{ type: 'device.revoked', v: 1, device: floor.till2.id, marks: [], reason: 'stolen' }], { scope: 'store' });
		const third = floor.shop.device('A third till', { till: 3 });
		floor.hub.does([third.enrolment()], { scope: 'store' });
		expect(look(floor, { linked: [floor.hub] }).peers.map(({ name, connected, how, role }) => [name, connected, how, role])).toEqual([
			['Hub', true, 'over the network', 'hub'],
			['A third till', false, 'not in reach', 'till'],
		]);
	});

	test('what is known of them and not here', () => {
		const floor = open(false);
		const gone = floor.sell(floor.till2, 'A');
		floor.sell(floor.till2, 'A');
		const till2 = (row: SyncRow) => row.peers.find(({ name }) => name === 'Till 2');
		expect(till2(look(floor))).toMatchObject({ missing: 0 });
		expect(till2(look(floor, {}, floor.ledger(gone)))).toMatchObject({ missing: 2 });
		const claimedSeq = new Map([[`${floor.till2.id.slice(0, 16)}:b`, 5]]);
		expect(till2(look(floor, { claimedSeq }))).toMatchObject({ missing: 3 });
	});

	test('what of this till they have not said to hold, and nothing of who has said nothing', () => {
		const floor = open(false, 1);
		const early = floor.ledger().marks();
		for (let n = 0; n < 2; n += 1) floor.sell(floor.till1, 'A');
		const row = look(floor, said([floor.till2, early]));
		expect(row.peers.map(({ name, lacking }) => [name, lacking])).toEqual([
			['Hub', undefined],
			['Till 2', 2],
		]);
		expect(look(floor, { atHost: 'all', ...said([floor.till2, floor.ledger().marks()]) }).peers.map(({ lacking }) => lacking)).toEqual([0, 0]);
	});
});

test('the log is read newest first, in words', () => {
	const floor = open(true);
	const { log } = look(floor, {
		log: [
			{ atMs: 1, event: { event: 'holder', device: floor.hub.id } },
			{ atMs: 2, event: { event: 'cloud', state: 'apart' } },
			{ atMs: 3, event: { event: 'watermark-behind', tier: 'cloud', entries: 1 } },
			{ atMs: 4, event: { event: 'damaged', document: 'segment 1', reason: 'its signature does not verify' } },
			{ atMs: 5, event: { event: 'vault', finding: { found: 'copy-restored' } } },
			{ atMs: 6, event: { event: 'full', tier: 'host', device: floor.till2.id } },
		],
	});
	expect(log).toEqual([
		{ atMs: 6, text: 'The hub takes no more from Till 2 today' },
		{ atMs: 5, text: 'The browser lost one of this till’s two copies of its sales; it was restored from the other. Nothing is missing.' },
		{ atMs: 4, text: 'Damaged data in segment 1: its signature does not fit, so it was altered after it was signed' },
		{ atMs: 3, text: 'The cloud lost 1 entry, sending them again' },
		{ atMs: 2, text: 'The cloud is out of reach' },
		{ atMs: 1, text: 'Hub forwards for the shop' },
	]);
});

test('devices that wrote their bytes of the day are named until it is over, this till as itself', () => {
	const floor = open(true, 1);
	const base = { issuer: floor.hub.id, marks: [] };
	const said = (tier: 'host' | 'cloud', devices: readonly TestDevice[], untilMs: number) => ({
		...{ ...base, tier, full: { devices: devices.map(({ id }) => id), untilMs } },
	});
	const watermarks = [said('host', [floor.till1, floor.till2], NOW + 1), said('cloud', [floor.till2], NOW), { ...base, tier: 'cloud' as const }];
	expect(look(floor, { watermarks }).full).toEqual([
		{ tier: 'host', own: true, device: 'Till 1', untilMs: NOW + 1 },
		{ tier: 'host', own: false, device: 'Till 2', untilMs: NOW + 1 },
	]);
	expect(look(floor).full).toEqual([]);
});

test('duplicates, damage and what was put aside are figures', () => {
	const floor = open(false);
	floor.till1.does([{ ...sold([['A', 1, 100]], floor.till1.receipt()), totalMinor: 1 }]);
	expect(look(floor, { duplicates: 7, damaged: 2 })).toMatchObject({ duplicates: 7, damaged: 2, quarantined: 1, updateNeeded: false });
});

test('figures that a hub signed are named as such, with who says the same', () => {
	const floor = openFloor();
	const row = look(floor, { adopted: { issuer: floor.hub.id, agreedBy: [floor.till2.id], untilMs: 5 } });
	expect(row.adopted).toEqual({ issuer: 'Hub', agreedBy: ['Till 2'], untilMs: 5 });
});

describe('a backlog that drains', () => {
	test('is shown while the cloud takes it, from how many waited and with what is sold meanwhile', () => {
		const floor = open(true, 30);
		const lease = leaseOf(floor, 'connected');
		const linked = [floor.hub];
		expect(look(floor, { lease, linked, backlog: undefined }).cloud.draining).toEqual({ sent: 0, of: 30 });
		expect(look(floor, { lease, linked, backlog: { waiting: 45, sent: 5 } }).cloud.draining).toEqual({ sent: 20, of: 50 });
	});

	test('is not shown while nobody takes it, when nothing waits, nor for a handful', () => {
		const [many, few] = [open(true, 30), open(true, 3)];
		const backlog = { waiting: 45, sent: 5 };
		expect(look(many, { lease: leaseOf(many, 'apart'), linked: [many.hub], backlog }).cloud).not.toHaveProperty('draining');
		expect(look(many, { lease: leaseOf(many, 'connected'), linked: [many.hub], backlog, inCloud: 'all' }).cloud).not.toHaveProperty('draining');
		expect(look(few, { lease: leaseOf(few, 'connected'), linked: [few.hub] }).cloud).not.toHaveProperty('draining');
	});
});

test('stock that a hub said is named with it while this till catches up', () => {
	const floor = open(true);
	expect(look(floor, { stockSaid: { issuer: floor.hub.id, at: NOW } }).stockSaid).toEqual({ by: 'Hub', atMs: NOW });
	expect(look(floor, { stockSaid: { issuer: RELAY, at: NOW } }).stockSaid).toEqual({ by: 'Relay', atMs: NOW });
	expect(look(floor)).not.toHaveProperty('stockSaid');
});
