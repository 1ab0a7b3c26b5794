/**
 * The open cart, as it lies in the vault from its first line on: it carries the key of the sale that it will become.
 *
 * What was added since the first version may be absent: a cart that an older till left open is still read.
 */
import * as v from 'valibot';
import { draw } from './facts/product-created.ts';
import { exchangeCompleted } from './facts/exchange-completed.ts';
import { ageChecked, saleCompleted, tender } from './facts/sale-completed.ts';
import { branchId, customerId, deviceId, entryHash, gtin, intentKey, personId, sku } from './ids.ts';
import { minor, nonNegativeMinor, percentMilli, positiveMilli, unitPriceE4 } from './numbers.ts';

const allowed = { reason: v.optional(v.string()), approvedBy: v.optional(personId) };

/** What comes off, in money or in percent of what it is on. */
export const cartDiscount = v.union([
	v.strictObject({ percentMilli: v.pipe(percentMilli, v.maxValue(100_000)), ...allowed }),
	v.strictObject({ amountMinor: nonNegativeMinor, ...allowed }),
]);
export type CartDiscount = v.InferOutput<typeof cartDiscount>;

export const cartLine = v.strictObject({
	/** Names the line while the cart is open. */
	id: v.string(),
	sku: v.optional(sku),
	name: v.string(),
	quantityMilli: positiveMilli,
	unit: v.picklist(['each', 'kg']),
	unitPriceE4,
	/** Absent: an open item, or a price that was typed. */
	price: v.optional(entryHash),
	/** Why somebody typed another price. */
	priceReason: v.optional(v.string()),
	taxRate: v.string(),
	taxPercentMilli: percentMilli,
	gtin: v.optional(gtin),
	discount: v.optional(cartDiscount),
	/** What one of these takes off the shelf of another product. */
	draws: v.optional(draw),
	/** The line whose deposit this is. */
	depositOf: v.optional(v.string()),
	/** Out of the returned goods of this refund's line. */
	resaleOf: v.optional(v.strictObject({ refund: entryHash, line: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) })),
	note: v.optional(v.string()),
});
export type CartLine = v.InferOutput<typeof cartLine>;

const place = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const saleElsewhere = v.strictObject({
	home: branchId,
	at: v.strictObject({ device: deviceId, seq: place }),
	fact: v.union([saleCompleted.schema, exchangeCompleted.schema]),
	refunded: v.array(v.strictObject({ milli: place, minor, taxMinor: minor })),
});

/** What comes back in an exchange, as it was chosen at the refund desk. */
export const cartExchange = v.strictObject({
	returned: v.union([
		v.strictObject({
			sale: entryHash,
			/** Another branch's, as that one had it. */
			elsewhere: v.exactOptional(saleElsewhere),
			lines: v.array(v.strictObject({ saleLine: place, quantityMilli: positiveMilli, restock: v.boolean() })),
		}),
		v.strictObject({ lines: v.array(v.strictObject({ sku, quantityMilli: positiveMilli, totalMinor: nonNegativeMinor, restock: v.boolean() })) }),
	]),
	/** Printed as it is; absent: nobody has the receipt. */
	number: v.optional(v.string()),
	/** What the screen says of it. */
	names: v.array(v.strictObject({ name: v.string(), unit: v.picklist(['each', 'kg']), quantityMilli: positiveMilli })),
	/** What it is worth, tax and all. */
	backMinor: nonNegativeMinor,
	/** How the rest goes back; absent: nobody has said so yet. */
	back: v.optional(v.union([v.picklist(['cash', 'card']), v.strictObject({ creditOf: customerId })])),
	reason: v.optional(v.string()),
	approvedBy: v.optional(personId),
});
export type CartExchange = v.InferOutput<typeof cartExchange>;

const content = {
	lines: v.array(cartLine),
	changedAtMs: v.number(),
	/** On everything but deposits. */
	discount: v.optional(cartDiscount),
	customer: v.optional(customerId),
	note: v.optional(v.string()),
	/** Who allowed what has no place of its own: another price. `act` as in `core/people/roles.ts`. */
	approvals: v.optional(v.array(v.strictObject({ act: v.string(), approvedBy: personId }))),
	ageChecked: v.optional(ageChecked),
};

/**
 * `parked`: the id under which it had been put aside. `taken`: what is paid already, of which nothing is asked for again whatever becomes of the page.
 * `onTerminal`: what the customer is asked for on the card terminal right now.
 */
export const cart = v.strictObject({
	key: intentKey,
	parked: v.optional(v.string()),
	...content,
	taken: v.optional(v.pipe(v.array(tender), v.minLength(1), v.maxLength(20))),
	onTerminal: v.optional(v.strictObject({ amountMinor: nonNegativeMinor })),
	exchange: v.optional(cartExchange),
});
export type Cart = v.InferOutput<typeof cart>;

/** Put aside for whoever fetches it: without a key, for two tills may fetch it while apart. */
export const parkedCart = v.strictObject(content);
export type ParkedCart = v.InferOutput<typeof parkedCart>;

/** As it lies on the floor document. */
export const parkedOnFloor = v.strictObject({ v: v.literal(1), cart: parkedCart, atMs: v.number(), device: deviceId });
export type ParkedOnFloor = v.InferOutput<typeof parkedOnFloor>;
