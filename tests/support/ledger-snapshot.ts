/** All that a ledger says, as plain JSON-like data: two ledgers agree when their snapshots are equal. */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { SettingName } from '#core/ledger/state.ts';

const SETTING_NAMES: readonly SettingName[] = [
	'storeName',
	'branchName',
	'currency',
	'taxRates',
	'cashRoundingMinor',
	'receiptHeader',
	'receiptFooter',
	'timeZone',
	'dayStartMinutes',
	'demo',
	'taxExcluded',
	'drawerToleranceMinor',
	'shiftsRequired',
	'cardReferenceNeeded',
	'printers',
];

export function snapshotOf(ledger: Ledger): unknown {
	const { state } = ledger;
	return {
		entries: ledger.entries().map(({ hash }) => `${hash.slice(0, 12)} ${ledger.statusOf(hash)}`),
		products: sorted(state.products).map(([, product]) => product),
		stock: sorted(state.stock).map(([sku, stock]) => ({
			sku,
			onHandMilli: stock.onHandMilli,
			movements: stock.movements.map(({ entry, kind, quantityMilli, afterMilli, counts }) => [
				entry.hash.slice(0, 12),
				kind,
				quantityMilli,
				afterMilli,
				counts,
			]),
		})),
		sales: sorted(state.sales).map(([hash, { fact, ...sale }]) => ({ ...sale, entry: hash.slice(0, 12), totalMinor: fact.totalMinor })),
		refunds: sorted(state.refunds).map(([hash, { fact, ...refund }]) => ({ ...refund, entry: hash.slice(0, 12), totalMinor: fact.totalMinor })),
		owed: state.owed.map(({ entry, ...owed }) => ({ ...owed, entry: entry.hash.slice(0, 12) })),
		settings: SETTING_NAMES.map((name) => [name, state.settings.value(name)]), // New ones at the end: golden ledgers know the first.
		devices: sorted(state.devices).map(([, device]) => device),
		relays: sorted(state.relays).map(([, relay]) => relay),
		books: Object.fromEntries(Object.entries(state.books).map(([name, book]) => [name, book.entries()])),
		marks: ledger.marks(),
		seen: sorted(ledger.seen()),
		hlc: ledger.hlc(),
		chains: [...ledger.chains()]
			.sort((a, b) => (a.key < b.key ? -1 : 1))
			.map(({ gaps, ...chain }) => ({ ...chain, gaps: gaps.map(({ fromSeq, toSeq }) => [fromSeq, toSeq]) })),
		conflicts: ledger
			.conflicts()
			.map(({ members, ...conflict }) => ({ ...conflict, members: members.map(({ entry, ...member }) => ({ ...member, entry: entry.hash })) })),
		quarantined: ledger.quarantined().map(({ entry, ...why }) => ({ ...why, entry: entry.hash.slice(0, 12) })),
		updateNeeded: ledger.updateNeeded(),
	};
}

function sorted<Key extends string, Value>(map: ReadonlyMap<Key, Value>): readonly (readonly [Key, Value])[] {
	return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The same, and all else that can be asked: golden ledgers were written down without it. */
export function everythingOf(ledger: Ledger): unknown {
	const { state } = ledger;
	const devices = [...state.devices.keys()].sort();
	const people = new Set(ledger.entries().map(({ header }) => header.by));
	return {
		told: snapshotOf(ledger),
		movements: sorted(state.stock).map(([sku, { movements }]) => [
			sku,
			movements.map(({ entry, ...movement }) => ({ ...movement, entry: entry.hash })),
		]),
		sold: sorted(state.stock).map(([sku, stock]) => [sku, stock.soldSince(0)]),
		answers: ledger.answers().map(({ entry, fact }) => [entry.hash, fact]),
		givenBack: ledger.entries().map(({ hash }) => [...ledger.givenBackOf(hash)]),
		sides: ledger.entries().map(({ hash }) => ledger.sideStanding(hash)),
		accept: devices.map((device) => ledger.entries().map(({ hash }) => ledger.mayAccept(device, hash))),
		roles: [...people].sort().map((person) => [person, ledger.roleOf(person)]),
		removals: devices.map((by) => devices.map((of) => ledger.removalOverreach(by, of))),
		keys: devices.map((device) => [...ledger.keysShown(device)].sort()),
		catchUp: [ledger.locator(), ledger.beyondGaps(), ledger.lackedBy([])],
	};
}
