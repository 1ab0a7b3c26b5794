/**
 * Names of things. In memory every id is text; what is bytes on the wire (keys, hashes, ids) is lower-case hex here, see `cbor.ts`.
 */
import * as v from 'valibot';

const hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `expected ${bytes} bytes as hex`));

/** First 16 bytes of SHA-256 of the store's root public key: whoever knows the id can check the root. */
export const storeId = v.pipe(hex(16), v.brand('StoreId'));
export type StoreId = v.InferOutput<typeof storeId>;

/** 16 random bytes, drawn when the branch is opened. */
export const branchId = v.pipe(hex(16), v.brand('BranchId'));
export type BranchId = v.InferOutput<typeof branchId>;

/** The raw Ed25519 public key (32 bytes) under which the device was enrolled: its name for ever. It signs until the device renews its keys (`renewal.ts`). */
export const deviceId = v.pipe(hex(32), v.brand('DeviceId'));
export type DeviceId = v.InferOutput<typeof deviceId>;

/** A raw Ed25519 public key that signatures are checked against: a device's id is its first one. */
export const signingKey = v.pipe(hex(32), v.brand('SigningKey'));
export type SigningKey = v.InferOutput<typeof signingKey> | DeviceId;

/** SHA-256 of an entry's body, the bytes that are signed. Two signatures over one body are the same entry. */
export const entryHash = v.pipe(hex(32), v.brand('EntryHash'));
export type EntryHash = v.InferOutput<typeof entryHash>;

/** The shop's own name of a product. Case matters: real catalogues have codes that differ only by it. */
export const sku = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(64), v.brand('Sku'));
export type Sku = v.InferOutput<typeof sku>;

/** The world's barcode: 8, 12, 13 or 14 digits (GS1 General Specifications, section 7.9 for the check digit, judged in `core/gtin.ts`). */
export const gtin = v.pipe(v.string(), v.regex(/^(\d{8}|\d{12,14})$/, 'expected 8, 12, 13 or 14 digits'), v.brand('Gtin'));
export type Gtin = v.InferOutput<typeof gtin>;

/** Idempotency key of an intent. One intent, one key, however often it is tried. */
export const intentKey = v.pipe(v.string(), v.minLength(8), v.maxLength(128), v.brand('IntentKey'));
export type IntentKey = v.InferOutput<typeof intentKey>;

/** Who did it, as the device claims. */
export const personId = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.brand('PersonId'));
export type PersonId = v.InferOutput<typeof personId>;

/** Until people are enrolled, everything is done by the owner. */
export const OWNER = 'owner' as PersonId;

/** Drawn when the customer is first written down; says nothing of who it is. */
export const customerId = v.pipe(v.string(), v.minLength(8), v.maxLength(64), v.brand('CustomerId'));
export type CustomerId = v.InferOutput<typeof customerId>;

/** `branch`: read in its branch. `store`: read everywhere. */
export const scope = v.picklist(['branch', 'store']);
export type Scope = v.InferOutput<typeof scope>;
export const SCOPES: readonly Scope[] = ['branch', 'store'];

/** ISO 8601 calendar date of the trading day an entry belongs to, by the branch's time zone and day start. */
export const tradingDay = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/), v.brand('TradingDay'));
export type TradingDay = v.InferOutput<typeof tradingDay>;
