/**
 * What the picture on a receipt says: `HOLDFAST:RECEIPT/1/<store>/<number>/<entry>`. A refund begins by scanning it.
 *
 * 1. It names the receipt and nothing else: no line, no amount, nobody. The entry's hash is only begun, which is enough to find it and to tell a forged code.
 * 2. Capitals, digits and `:/-` alone: a QR code packs these in a little over half the room (ISO/IEC 18004, alphanumeric mode).
 * 3. A scanner that types on a keyboard of another layout may turn `:`, `/` and `-` into other signs: any one sign is taken for each.
 */
import { parseReceipt, printReceipt } from '#core/receipt-number.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import type { EntryHash, StoreId } from '#schemas/ids.ts';

export interface ReceiptCode {
	/** How the store's id begins. */
	readonly storePrefix: string;
	readonly receipt: Receipt;
	/** How the hash of the receipt's entry begins. */
	readonly entryPrefix: string;
}

/** 48 bits of the store: two shops whose receipts meet on one counter. 64 bits of the entry: nobody makes a second one that begins alike. */
const STORE_DIGITS = 12;
const ENTRY_DIGITS = 16;

export function writeReceiptCode(store: StoreId, receipt: Receipt, entry: EntryHash): string {
	const parts = [store.slice(0, STORE_DIGITS), printReceipt(receipt), entry.slice(0, ENTRY_DIGITS)];
	return `HOLDFAST:RECEIPT/1/${parts.join('/').toUpperCase()}`;
}

/** Undefined for any other text. */
export function readReceiptCode(text: string): ReceiptCode | undefined {
	const match = CODE.exec(text.trim());
	if (match === null) return undefined;
	const [, storePrefix = '', till = '', number = '', entryPrefix = ''] = match;
	const receipt = parseReceipt(`T${till}-${number}`);
	return receipt === undefined ? undefined : { storePrefix: storePrefix.toLowerCase(), receipt, entryPrefix: entryPrefix.toLowerCase() };
}

export function isOfStore({ storePrefix }: Pick<ReceiptCode, 'storePrefix'>, store: StoreId): boolean {
	return store.startsWith(storePrefix);
}

export function isOfEntry({ entryPrefix }: Pick<ReceiptCode, 'entryPrefix'>, entry: EntryHash): boolean {
	return entry.startsWith(entryPrefix);
}

const SIGN = '[^A-Z0-9]';
const CODE = new RegExp(
	`^HOLDFAST${SIGN}RECEIPT${SIGN}1${SIGN}([0-9A-F]{${STORE_DIGITS}})${SIGN}T(\\d{1,4})${SIGN}(\\d{6,15}[A-Z]?)${SIGN}([0-9A-F]{${ENTRY_DIGITS}})$`,
	'iu',
);
