/**
 * The tables and views of a relay, for people who ask in SQL: Metabase, Excel, an accountant. `docs/database.md` says what each is; a test holds the two together.
 *
 * 1. Tables hold what the fold says, in minor units and thousandths; views show money and quantities as decimals, and names beside ids.
 * 2. Amounts of what went back to a customer are below zero, so that a column can be summed. What a line comes to is with its tax, however the shop writes its prices, so
 *    that lines and rounding are their receipt.
 * 3. An exchange is one sale and one refund, as on a Z.
 */
import type { ReportPlan, ReportTable, ReportView } from '#ports';

const branches: ReportTable = {
	name: 'branches',
	key: [],
	columns: {
		...{ store_name: 'text', name: 'text', currency: 'text', digits: 'integer', minor_per_major: 'integer', time_zone: 'text', entries: 'integer' },
		...{ marks: 'text', newest_ms: 'integer', newer_version: 'boolean', written_ms: 'integer', day_start_minutes: 'integer' },
	},
};
const devices: ReportTable = {
	name: 'devices',
	key: ['device'],
	columns: { device: 'text', name: 'text', role: 'text', till: 'integer', suffix: 'text', standing: 'text', enrolled_ms: 'integer' },
};
/** Who is linked to the relay, and what is known of each that is not here yet: written by the process that has the branch (`heard.ts`). */
const links: ReportTable = {
	name: 'links',
	key: ['device'],
	columns: { device: 'text', linked: 'boolean', heard_ms: 'integer', waiting: 'integer', waiting_since_ms: 'integer' },
};
const people: ReportTable = { name: 'people', key: ['person'], columns: { person: 'text', name: 'text', role: 'text', disabled: 'boolean' } };
const products: ReportTable = {
	name: 'products',
	key: ['sku'],
	columns: {
		...{ sku: 'text', name: 'text', category: 'text', unit: 'text', gtins: 'text', tax_rate: 'text', store_price_e4: 'integer' },
		/** Null: the store's holds. */
		own_price_e4: 'integer',
		...{ tracked: 'boolean', retired: 'boolean', merged_into: 'text', created_ms: 'integer' },
	},
};
const receipts: ReportTable = {
	name: 'receipts',
	key: ['entry'],
	columns: {
		...{ entry: 'text', kind: 'text', receipt: 'text', device: 'text', person: 'text', at_ms: 'integer', trading_day: 'day', hour: 'integer' },
		...{
			total_minor: 'integer',
			tax_minor: 'integer',
			rounding_minor: 'integer',
			discount_minor: 'integer',
			lines: 'integer',
			pieces_milli: 'integer',
		},
		...{ counts: 'boolean', corrected_by: 'text', refund_of: 'text', refunded_minor: 'integer', reason: 'text', customer: 'text', shift: 'integer' },
	},
};
const lines: ReportTable = {
	name: 'lines',
	key: ['entry', 'line'],
	columns: {
		...{ entry: 'text', line: 'integer', sku: 'text', name: 'text', quantity_milli: 'integer', unit_price_e4: 'integer', total_minor: 'integer' },
		...{ tax_rate: 'text', tax_percent_milli: 'integer', tax_minor: 'integer', discount_minor: 'integer' },
		...{ refunded_milli: 'integer', refunded_minor: 'integer', restocked: 'boolean' },
	},
};
const tenders: ReportTable = {
	name: 'tenders',
	key: ['entry', 'tender'],
	columns: { entry: 'text', tender: 'integer', type: 'text', amount_minor: 'integer', reference: 'text' },
};
const stock: ReportTable = { name: 'stock', key: ['sku'], columns: { sku: 'text', on_hand_milli: 'integer', moved_ms: 'integer' } };
const movements: ReportTable = {
	name: 'movements',
	key: ['sku', 'entry', 'part'],
	columns: {
		...{ sku: 'text', entry: 'text', part: 'integer', kind: 'text', quantity_milli: 'integer', after_milli: 'integer' },
		...{ device: 'text', person: 'text', at_ms: 'integer', trading_day: 'day', counts: 'boolean' },
	},
};
const transfers: ReportTable = {
	name: 'transfers',
	key: ['transfer', 'sku'],
	columns: {
		...{ transfer: 'text', sku: 'text', from_branch: 'text', to_branch: 'text', sent_ms: 'integer', received_ms: 'integer' },
		...{ sent_milli: 'integer', received_milli: 'integer', in_transit_milli: 'integer' },
	},
};
const shifts: ReportTable = {
	name: 'shifts',
	key: ['device', 'shift'],
	columns: {
		...{ device: 'text', shift: 'integer', opened_ms: 'integer', opened_by: 'text', closed_ms: 'integer', closed_by: 'text', float_minor: 'integer' },
		...{ cash_in_minor: 'integer', cash_drop_minor: 'integer', cash_out_minor: 'integer', expected_minor: 'integer' },
		...{
			counted_minor: 'integer',
			difference_minor: 'integer',
			sales: 'integer',
			sales_minor: 'integer',
			refunds: 'integer',
			refunds_minor: 'integer',
		},
	},
};
const zReports: ReportTable = {
	name: 'z_reports',
	key: ['device', 'z', 'entry'],
	columns: {
		...{ device: 'text', z: 'integer', entry: 'text', closed_ms: 'integer', trading_day: 'day', person: 'text', receipt_from: 'integer' },
		...{ receipt_to: 'integer', sales: 'integer', sales_minor: 'integer', refunds: 'integer', refunds_minor: 'integer', rounding_minor: 'integer' },
		...{ discounts_minor: 'integer', no_sales: 'integer', perpetual_sales_minor: 'integer', perpetual_refunds_minor: 'integer', problems: 'text' },
	},
};
const conflicts: ReportTable = {
	name: 'conflicts',
	key: ['conflict'],
	columns: {
		...{ conflict: 'text', kind: 'text', urgency: 'text', members: 'integer', unsettled: 'integer', stake_minor: 'integer', stake_milli: 'integer' },
		...{ newest_ms: 'integer' },
	},
};
const acts: ReportTable = {
	name: 'acts',
	key: ['entry'],
	columns: {
		...{ entry: 'text', device: 'text', person: 'text', scope: 'text', seq: 'integer', at_ms: 'integer', trading_day: 'day', what: 'text' },
		...{ standing: 'text' },
	},
};

const money = (column: string, as: string): string => `ROUND(${column} * 1.0 / b.minor_per_major, 3) AS ${as}`;
const price = (column: string, as: string): string => `ROUND(${column} * 1.0 / 10000, 4) AS ${as}`;
const quantity = (column: string, as: string): string => `ROUND(${column} * 1.0 / 1000, 3) AS ${as}`;
/** In the branch's own time; SQLite knows no time zones, and says UTC. A zone that is only an offset, `+05:30`, lies west of Greenwich to PostgreSQL, unless it is an interval. */
function moment(dialect: 'postgres' | 'sqlite', column: string, as: string): string {
	if (dialect === 'sqlite') return `datetime(${column} / 1000, 'unixepoch') AS ${as}`;
	const at = `to_timestamp(${column} / 1000.0) AT TIME ZONE`;
	return `CASE WHEN b.time_zone ~ '^[+-]' THEN ${at} b.time_zone::interval ELSE ${at} b.time_zone END AS ${as}`;
}
/** Postgres wants to know what an absent date is. */
const BRANCH = 'b.store, b.branch, b.name AS branch_name';

function joined(from: string, table: (name: string) => string, others: readonly (readonly [name: string, as: string, on: string])[] = []): string {
	const onBranch = (as: string): string => `${as}.store = r.store AND ${as}.branch = r.branch`;
	return [
		`FROM ${table(from)} r JOIN ${table('branches')} b ON ${onBranch('b')}`,
		...others.map(([name, as, on]) => `LEFT JOIN ${table(name)} ${as} ON ${onBranch(as)} AND ${on}`),
	].join(' ');
}
/** Of all devices of a branch together. */
function ofLinks(table: (name: string) => string, what: string, as: string): string {
	return `(SELECT ${what} FROM ${table('links')} k WHERE k.store = b.store AND k.branch = b.branch) AS ${as}`;
}
const DEVICE = ['devices', 'd', 'd.device = r.device'] as const;
const PERSON = ['people', 'p', 'p.person = r.person'] as const;
const WHO = `d.name AS till, COALESCE(p.name, r.person) AS person`;

const SALES_AND_REFUNDS = `SUM(CASE WHEN r.kind = 'refund' THEN 0 ELSE 1 END) AS sales, SUM(CASE WHEN r.kind = 'sale' THEN 0 ELSE 1 END) AS refunds`;

function receiptsView(name: string, where: string): ReportView {
	return {
		name,
		order: ['branch', 'trading_day', 'at_ms', 'entry'],
		sql: (dialect, table) => `SELECT ${BRANCH}, r.trading_day, r.at_ms, ${moment(dialect, 'r.at_ms', 'at')}, r.entry, r.receipt, r.kind, ${WHO},
			b.currency, ${money('r.total_minor', 'total')}, ${money('r.tax_minor', 'tax')}, ${money('r.discount_minor', 'discount')},
			${money('r.rounding_minor', 'rounding')}, ${money('r.refunded_minor', 'refunded')}, r.lines, ${quantity('r.pieces_milli', 'pieces')},
			r.refund_of, r.reason, r.customer, r.shift, r.hour, r.counts, r.corrected_by
			${joined('receipts', table, [DEVICE, PERSON])} ${where}`,
	};
}

export const REPORTS: ReportPlan = {
	tables: [branches, devices, links, people, products, receipts, lines, tenders, stock, movements, transfers, shifts, zReports, conflicts, acts],
	views: [
		{
			name: 'branches',
			order: ['branch'],
			sql: (dialect, table) => `SELECT b.store, b.branch, b.name AS branch_name, b.store_name, b.currency, b.time_zone, b.entries,
				${moment(dialect, 'b.newest_ms', 'newest_entry')}, ${moment(dialect, 'b.written_ms', 'written')}, b.newer_version, b.marks,
				b.digits, b.day_start_minutes, b.written_ms,
				(SELECT COUNT(*) FROM ${table('conflicts')} c WHERE c.store = b.store AND c.branch = b.branch) AS conflicts,
				${ofLinks(table, 'SUM(CASE WHEN k.linked THEN 1 ELSE 0 END)', 'devices_linked')}, ${ofLinks(table, 'MAX(k.heard_ms)', 'heard_ms')},
				${ofLinks(table, 'SUM(k.waiting)', 'waiting')}, ${ofLinks(table, 'MIN(k.waiting_since_ms)', 'waiting_since_ms')}
				FROM ${table('branches')} b`,
		},
		{
			name: 'tills',
			order: ['branch', 'device'],
			sql: (dialect, table) => `SELECT ${BRANCH}, r.device, r.name, r.role, r.till AS till_number, r.suffix, r.standing,
				${moment(dialect, 'r.enrolled_ms', 'enrolled')}, COALESCE(k.linked, FALSE) AS linked, k.heard_ms, COALESCE(k.waiting, 0) AS waiting,
				k.waiting_since_ms ${joined('devices', table, [['links', 'k', 'k.device = r.device']])}`,
		},
		{
			name: 'products',
			order: ['branch', 'sku'],
			found: ['sku', 'name', 'category'],
			sql: (dialect, table) => `SELECT ${BRANCH}, r.sku, r.name, r.category, r.unit, r.gtins, r.tax_rate, b.currency,
				${price('COALESCE(r.own_price_e4, r.store_price_e4)', 'unit_price')}, ${price('r.store_price_e4', 'store_price')},
				${price('r.own_price_e4', 'own_price')}, r.tracked, r.retired, r.merged_into,
				${moment(dialect, 'r.created_ms', 'created')} ${joined('products', table)}`,
		},
		receiptsView('sales', "WHERE r.kind <> 'refund'"),
		receiptsView('refunds', "WHERE r.kind = 'refund'"),
		{
			name: 'lines',
			order: ['branch', 'trading_day', 'entry', 'line'],
			sql: (_dialect, table) => `SELECT ${BRANCH}, t.trading_day, r.entry, r.line, t.receipt, t.kind, r.sku, r.name, o.category,
				${quantity('r.quantity_milli', 'quantity')}, ${price('r.unit_price_e4', 'unit_price')}, b.currency,
				${money('r.total_minor', 'total')}, r.tax_rate, ROUND(r.tax_percent_milli * 1.0 / 1000, 3) AS tax_percent, ${money('r.tax_minor', 'tax')},
				${money('r.discount_minor', 'discount')}, ${quantity('r.refunded_milli', 'refunded_quantity')}, ${money('r.refunded_minor', 'refunded')},
				r.restocked, t.counts, t.corrected_by
				${joined('lines', table, [
					['receipts', 't', 't.entry = r.entry'],
					['products', 'o', 'o.sku = r.sku'],
				])}`,
		},
		{
			name: 'tenders',
			order: ['branch', 'trading_day', 'entry', 'tender'],
			sql: (_dialect, table) => `SELECT ${BRANCH}, t.trading_day, r.entry, r.tender, t.receipt, t.kind, r.type, b.currency,
				${money('r.amount_minor', 'amount')}, r.reference, t.counts, t.corrected_by ${joined('tenders', table, [['receipts', 't', 't.entry = r.entry']])}`,
		},
		{
			name: 'takings',
			order: ['branch', 'trading_day', 'device'],
			groups: ['branch', 'branch_name', 'trading_day', 'device', 'till', 'currency'],
			sums: ['sales', 'refunds', 'takings', 'tax', 'discounts'],
			sql: (_dialect, table) => `SELECT ${BRANCH}, r.trading_day, r.device, d.name AS till, b.currency,
				${SALES_AND_REFUNDS},
				${money('SUM(r.total_minor)', 'takings')}, ${money('SUM(r.tax_minor)', 'tax')}, ${money('SUM(r.discount_minor)', 'discounts')}
				${joined('receipts', table, [DEVICE])} WHERE r.counts AND r.corrected_by IS NULL
				GROUP BY b.store, b.branch, b.name, r.trading_day, r.device, d.name, b.currency, b.minor_per_major`,
		},
		{
			name: 'takings_by_hour',
			order: ['branch', 'trading_day', 'hour'],
			groups: ['branch', 'branch_name', 'trading_day', 'hour', 'currency'],
			sums: ['sales', 'refunds', 'takings', 'tax', 'discounts'],
			sql: (_dialect, table) => `SELECT ${BRANCH}, r.trading_day, r.hour, b.currency,
				${SALES_AND_REFUNDS},
				${money('SUM(r.total_minor)', 'takings')}, ${money('SUM(r.tax_minor)', 'tax')}, ${money('SUM(r.discount_minor)', 'discounts')}
				${joined('receipts', table)} WHERE r.counts AND r.corrected_by IS NULL
				GROUP BY b.store, b.branch, b.name, r.trading_day, r.hour, b.currency, b.minor_per_major`,
		},
		{
			name: 'takings_by_product',
			order: ['branch', 'trading_day', 'sku', 'name'],
			groups: ['branch', 'branch_name', 'trading_day', 'sku', 'name', 'category', 'currency'],
			sums: ['quantity', 'takings', 'tax', 'discounts'],
			found: ['sku', 'name', 'category'],
			// Under the name of now where the product has one: it may have been sold under two.
			sql: (_dialect, table) => `SELECT ${BRANCH}, t.trading_day, COALESCE(r.sku, '') AS sku, COALESCE(o.name, r.name) AS name,
				COALESCE(o.category, '') AS category, b.currency, ${quantity('SUM(r.quantity_milli)', 'quantity')},
				${money('SUM(r.total_minor)', 'takings')}, ${money('SUM(r.tax_minor)', 'tax')}, ${money('SUM(r.discount_minor)', 'discounts')}
				${joined('lines', table, [
					['receipts', 't', 't.entry = r.entry'],
					['products', 'o', 'o.sku = r.sku'],
				])} WHERE t.counts AND t.corrected_by IS NULL
				GROUP BY b.store, b.branch, b.name, t.trading_day, COALESCE(r.sku, ''), COALESCE(o.name, r.name), COALESCE(o.category, ''), b.currency,
				b.minor_per_major`,
		},
		{
			name: 'takings_by_person',
			order: ['branch', 'trading_day', 'person'],
			groups: ['branch', 'branch_name', 'trading_day', 'person', 'currency'],
			sums: ['sales', 'refunds', 'takings', 'discounts'],
			sql: (_dialect, table) => `SELECT ${BRANCH}, r.trading_day, COALESCE(p.name, r.person) AS person, b.currency,
				${SALES_AND_REFUNDS},
				${money('SUM(r.total_minor)', 'takings')}, ${money('SUM(r.discount_minor)', 'discounts')}
				${joined('receipts', table, [PERSON])} WHERE r.counts AND r.corrected_by IS NULL
				GROUP BY b.store, b.branch, b.name, r.trading_day, COALESCE(p.name, r.person), b.currency, b.minor_per_major`,
		},
		{
			name: 'taxes',
			order: ['branch', 'trading_day', 'tax_rate', 'tax_percent'],
			sql: (_dialect, table) => `SELECT ${BRANCH}, t.trading_day, r.tax_rate, ROUND(r.tax_percent_milli * 1.0 / 1000, 3) AS tax_percent, b.currency,
				${money('SUM(r.total_minor)', 'total')}, ${money('SUM(r.tax_minor)', 'tax')}
				${joined('lines', table, [['receipts', 't', 't.entry = r.entry']])} WHERE t.counts AND t.corrected_by IS NULL
				GROUP BY b.store, b.branch, b.name, t.trading_day, r.tax_rate, r.tax_percent_milli, b.currency, b.minor_per_major`,
		},
		{
			name: 'stock',
			order: ['branch', 'sku'],
			groups: ['branch', 'branch_name', 'sku', 'name', 'category', 'unit'],
			sums: ['on_hand'],
			found: ['sku', 'name', 'category'],
			sql: (dialect, table) => `SELECT ${BRANCH}, r.sku, o.name, o.category, o.unit, ${quantity('r.on_hand_milli', 'on_hand')},
				b.currency, ${price('COALESCE(o.own_price_e4, o.store_price_e4)', 'unit_price')},
				${moment(dialect, 'r.moved_ms', 'moved')} ${joined('stock', table, [['products', 'o', 'o.sku = r.sku']])}`,
		},
		{
			name: 'movements',
			order: ['branch', 'trading_day', 'at_ms', 'sku', 'entry', 'part'],
			sql: (dialect, table) => `SELECT ${BRANCH}, r.trading_day, r.at_ms, ${moment(dialect, 'r.at_ms', 'at')}, r.sku, o.name, r.entry, r.part, r.kind,
				${quantity('r.quantity_milli', 'quantity')}, ${quantity('r.after_milli', 'on_hand_after')}, ${WHO}, r.counts
				${joined('movements', table, [['products', 'o', 'o.sku = r.sku'], DEVICE, PERSON])}`,
		},
		{
			name: 'transfers',
			order: ['branch', 'transfer', 'sku'],
			sql: (dialect, table) => `SELECT ${BRANCH}, r.transfer, r.sku, o.name, r.from_branch, r.to_branch, ${moment(dialect, 'r.sent_ms', 'sent')},
				${moment(dialect, 'r.received_ms', 'received')}, ${quantity('r.sent_milli', 'sent_quantity')},
				${quantity('r.received_milli', 'received_quantity')}, ${quantity('r.in_transit_milli', 'in_transit')}
				${joined('transfers', table, [['products', 'o', 'o.sku = r.sku']])}`,
		},
		{
			name: 'in_transit',
			order: ['branch', 'transfer', 'sku'],
			sql: (dialect, table) => `SELECT ${BRANCH}, r.transfer, r.sku, o.name, r.from_branch, r.to_branch, ${moment(dialect, 'r.sent_ms', 'sent')},
				r.sent_ms, ${quantity('r.sent_milli', 'sent_quantity')}, ${quantity('r.in_transit_milli', 'in_transit')}
				${joined('transfers', table, [['products', 'o', 'o.sku = r.sku']])} WHERE r.in_transit_milli <> 0`,
		},
		{
			name: 'shifts',
			order: ['branch', 'device', 'shift'],
			sql: (dialect, table) => `SELECT ${BRANCH}, r.device, r.shift, d.name AS till, ${moment(dialect, 'r.opened_ms', 'opened')}, r.opened_by,
				${moment(dialect, 'r.closed_ms', 'closed')}, r.closed_by, b.currency, ${money('r.float_minor', 'float')}, ${money('r.cash_in_minor', 'cash_in')},
				${money('r.cash_drop_minor', 'cash_drop')}, ${money('r.cash_out_minor', 'cash_out')}, ${money('r.expected_minor', 'expected')},
				${money('r.counted_minor', 'counted')}, ${money('r.difference_minor', 'difference')}, r.sales, ${money('r.sales_minor', 'sales_total')},
				r.refunds, ${money('r.refunds_minor', 'refunds_total')} ${joined('shifts', table, [DEVICE])}`,
		},
		{
			name: 'z_reports',
			order: ['branch', 'trading_day', 'device', 'z', 'entry'],
			sql: (
				dialect,
				table,
			) => `SELECT ${BRANCH}, r.trading_day, r.device, r.z, r.entry, ${WHO}, ${moment(dialect, 'r.closed_ms', 'closed')}, b.currency,
				r.receipt_from, r.receipt_to, r.sales, ${money('r.sales_minor', 'sales_total')}, r.refunds, ${money('r.refunds_minor', 'refunds_total')},
				${money('(r.sales_minor - r.refunds_minor)', 'takings')}, ${money('r.rounding_minor', 'rounding')}, ${money('r.discounts_minor', 'discounts')},
				r.no_sales, ${money('r.perpetual_sales_minor', 'perpetual_sales')}, ${money('r.perpetual_refunds_minor', 'perpetual_refunds')}, r.problems
				${joined('z_reports', table, [DEVICE, PERSON])}`,
		},
		{
			name: 'conflicts',
			order: ['branch', 'conflict'],
			sql: (
				dialect,
				table,
			) => `SELECT ${BRANCH}, r.conflict, r.kind, r.urgency, r.members, r.unsettled, b.currency, ${money('r.stake_minor', 'stake')},
				${quantity('r.stake_milli', 'stake_quantity')}, ${moment(dialect, 'r.newest_ms', 'newest')} ${joined('conflicts', table)}`,
		},
		{
			name: 'acts',
			order: ['branch', 'trading_day', 'at_ms', 'entry'],
			sql: (
				dialect,
				table,
			) => `SELECT ${BRANCH}, r.trading_day, r.at_ms, ${moment(dialect, 'r.at_ms', 'at')}, r.entry, ${WHO}, r.device, r.scope, r.seq,
				r.what, r.standing ${joined('acts', table, [DEVICE, PERSON])}`,
		},
	],
};
