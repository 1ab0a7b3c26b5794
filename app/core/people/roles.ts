/**
 * The one table: what each role may do alone. Whoever may not can ask somebody who may, on the spot.
 *
 * 1. Roles are a ladder: who may do something, everybody above may too.
 * 2. A shop without people stays as it is: everybody is the owner.
 * 3. Whoever may answer conflicts may do all that an answer does: its compensations need no further say.
 * 4. Nobody gives or takes a role as high as their own, but owners.
 */
import type { Fact } from '#schemas/facts/registry.ts';
import { PERSON_ROLES, type PersonRole } from '#schemas/facts/person-added.ts';
import type { SaleLine } from '#schemas/facts/sale-completed.ts';
import { OWNER, type PersonId } from '#schemas/ids.ts';
import { PRICE_IN_CODE } from '#schemas/reasons.ts';

export const ROLE_OF_ACT = {
	// At the till.
	sell: 'cashier',
	refund: 'cashier',
	price: 'supervisor',
	'refund-without-receipt': 'manager',
	// The drawer.
	'open-shift': 'cashier',
	'close-shift': 'cashier',
	'cash-in': 'cashier',
	'cash-drop': 'cashier',
	'cash-out': 'supervisor',
	'no-sale': 'supervisor',
	'see-expected': 'supervisor',
	'close-z': 'supervisor',
	'see-reports': 'supervisor',
	// Goods.
	count: 'cashier',
	receive: 'supervisor',
	order: 'supervisor',
	adjust: 'supervisor',
	transfer: 'supervisor',
	products: 'manager',
	// Customers.
	customers: 'cashier',
	'give-credit': 'supervisor',
	'forget-customer': 'manager',
	'customers-file': 'manager',
	// The house.
	resolve: 'manager',
	settings: 'manager',
	people: 'manager',
	devices: 'manager',
} as const satisfies Readonly<Record<string, PersonRole>>;

/** Of a line's price before anything came off: thousandths of a percent. All that comes off the line counts, its share of a discount on the sale too. */
export const MOST_DISCOUNT_MILLI: Readonly<Record<PersonRole, number>> = {
	cashier: 5_000,
	supervisor: 20_000,
	manager: 100_000,
	owner: 100_000,
};

export type Act = keyof typeof ROLE_OF_ACT | 'discount';

/** What is to be done, and the lowest role that may. */
export interface Need {
	readonly act: Act;
	readonly role: PersonRole;
	/** `people`: about whom; a role below theirs is not enough. */
	readonly of?: PersonId;
}

export function isAtLeast(role: PersonRole | 'none', least: PersonRole): boolean {
	return role !== 'none' && PERSON_ROLES.indexOf(role) >= PERSON_ROLES.indexOf(least);
}

export function needOf(act: Exclude<Act, 'discount'>): Need {
	return { act, role: ROLE_OF_ACT[act] };
}

/** Who may give or take a role. */
export function roleOverPeople(role: PersonRole | 'none'): PersonRole {
	return role === 'manager' || role === 'owner' ? 'owner' : ROLE_OF_ACT.people;
}

type Discounted = Pick<SaleLine, 'totalMinor' | 'discounts'>;

/** The lowest role that may take so much off. */
export function discountNeed(lines: readonly Discounted[]): readonly Need[] | undefined {
	const discounted = lines.filter(({ discounts = [] }) => discounts.length > 0);
	if (discounted.length === 0) return undefined;
	const role = PERSON_ROLES.find((one) => discounted.every((line) => isWithin(line, MOST_DISCOUNT_MILLI[one]))) ?? 'owner';
	return [{ act: 'discount', role }];
}

/** Each discount was rounded once, by less than one minor unit: 5 % of 0.10 is nothing or a penny. */
function isWithin({ totalMinor, discounts = [] }: Discounted, mostMilli: number): boolean {
	const offMinor = discounts.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
	const most = (BigInt(totalMinor + offMinor) * BigInt(mostMilli)) / 100_000n;
	return BigInt(offMinor - discounts.length) <= most;
}

/**
 * What a fact needs beyond what everybody may. `by`: whoever is at the device. The device itself needs nobody for the day's business, which its rights judge; for
 * who belongs to the shop it does, once people are here.
 */
export function needsOf(fact: Fact, by: PersonId): readonly Need[] {
	if (by === OWNER && !OF_WHO_BELONGS.has(fact.type)) return NO_NEEDS;
	return everyNeed(fact, by).filter(({ role }) => role !== 'cashier');
}

const NO_NEEDS: readonly Need[] = [];
const OF_WHO_BELONGS: ReadonlySet<Fact['type']> = new Set<Fact['type']>([
	...(['person.added', 'person.changed', 'person.disabled', 'person.pinReset'] as const),
	...(['device.enrolled', 'device.revoked', 'device.renamed'] as const),
]);

function everyNeed(fact: Fact, by: PersonId): readonly Need[] {
	switch (fact.type) {
		case 'sale.completed':
			return needsOfLines(fact.lines);
		case 'refund.completed':
			return [needOf(fact.sale === undefined && fact.deposits !== true ? 'refund-without-receipt' : 'refund')];
		case 'exchange.completed':
			return [needOf(fact.sale === undefined ? 'refund-without-receipt' : 'refund'), ...needsOfLines(fact.lines)];
		case 'cash.moved':
			return [needOf(`cash-${fact.kind}`)];
		case 'drawer.opened':
			return [needOf('no-sale')];
		case 'shift.opened':
			return [needOf('open-shift')];
		case 'shift.closed':
			return [needOf('close-shift')];
		case 'z.closed':
			return [needOf('close-z')];
		case 'day.reported':
			return [needOf('see-reports')];
		case 'order.placed':
		case 'order.changed':
		case 'order.closed':
		case 'supplier.changed':
		case 'supply.changed':
		case 'levels.set':
			return [needOf('order')];
		case 'stock.received':
			return [needOf('receive')];
		case 'stock.adjusted':
			return [needOf('adjust')];
		case 'stock.counted':
		case 'count.opened':
		case 'count.closed':
			return [needOf('count')];
		case 'transfer.sent':
		case 'transfer.received':
			return [needOf('transfer')];
		case 'product.created':
		case 'product.edited':
		case 'product.retired':
		case 'product.restored':
		case 'product.merged':
		case 'price.changed':
		case 'branchPrice.changed':
			return [needOf('products')];
		case 'customer.created':
		case 'customer.edited':
		case 'customer.merged':
			return [needOf('customers')];
		case 'customer.forgotten':
			return [needOf('forget-customer')];
		case 'credit.given':
			// What comes back onto the store credit is the other part of a refund.
			return fact.reason === 'return' ? [needOf('refund')] : [needOf('give-credit')];
		case 'person.added':
			return [{ act: 'people', role: roleOverPeople(fact.role) }];
		case 'person.changed':
			return [{ act: 'people', role: roleOverPeople(fact.role), of: fact.person }];
		case 'person.disabled':
			return [{ act: 'people', role: ROLE_OF_ACT.people, of: fact.person }];
		case 'person.pinReset':
			// A device itself does it as an owner's way back, on the machine of the shop's hub; whoever controls a till could as well name the person.
			return fact.person === by || by === OWNER ? [] : [{ act: 'people', role: ROLE_OF_ACT.people, of: fact.person }];
		case 'setting.changed':
			return [needOf('settings')];
		case 'conflict.resolved':
		case 'correction.made':
		case 'refund.owed':
		case 'debt.noted':
		case 'entries.declaredLost':
			return [needOf('resolve')];
		case 'device.enrolled':
		case 'device.renamed':
		case 'device.renewed':
		case 'device.revoked':
		case 'relay.joined':
		case 'relay.renewed':
		case 'relay.left':
			return [needOf('devices')];
		case 'refund.claimed':
		case 'credit.used':
		case 'pin.refused':
		case 'approval.given':
			return [];
	}
}

function needsOfLines(lines: readonly SaleLine[]): readonly Need[] {
	const discount = discountNeed(lines) ?? NO_NEEDS;
	return lines.some(saysOtherPrice) ? [...discount, needOf('price')] : discount;
}

/** A price that was changed by hand says why. What names no reason is judged by what its author had heard (`core/sale/other-price.ts`). */
function saysOtherPrice({ priceReason, resaleOf }: SaleLine): boolean {
	return priceReason !== undefined && (priceReason !== PRICE_IN_CODE || resaleOf !== undefined);
}

/** Whose say stands in a fact. */
export function approversIn(fact: Fact): readonly PersonId[] {
	switch (fact.type) {
		case 'sale.completed':
			return approversOfLines(fact.lines);
		case 'exchange.completed':
			return [...approversOfLines(fact.lines), ...(fact.approvedBy === undefined ? [] : [fact.approvedBy])];
		case 'refund.completed':
			return fact.approvedBy === undefined ? [] : [fact.approvedBy];
		case 'approval.given':
			return [fact.approvedBy];
		default:
			return [];
	}
}

function approversOfLines(lines: readonly SaleLine[]): readonly PersonId[] {
	return lines.flatMap(({ discounts = [] }) => discounts.flatMap(({ approvedBy }) => approvedBy ?? []));
}
