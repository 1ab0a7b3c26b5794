/**
 * A ledger to practise on. It knows the shop's money and taxes, begins with nothing sold, and is forgotten when training ends.
 *
 * 1. Its entries have no signature and no bytes: no vault, no peer and no server would take one.
 * 2. Whatever is decided on it is decided by the same core as for real.
 */
import { NO_HLC, tickHlc } from '#core/entry/hlc.ts';
import { seenOfMark } from '#core/entry/seen.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { tradingDayOf } from '#core/time.ts';
import { ENTRY_VERSION, type Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import type { Setting, TaxRate } from '#schemas/facts/setting-changed.ts';
import { OWNER, type BranchId, type DeviceId, type EntryHash, type IntentKey, type Scope, type StoreId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Currency } from '#schemas/numbers.ts';
import { MANAGER_RIGHTS } from '#schemas/rights.ts';

/** What the practice ledger takes over from the shop. */
export interface PracticeShop {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly storeName: string;
	readonly branchName: string;
	readonly currency: Currency;
	readonly taxRates: readonly TaxRate[];
	readonly cashRoundingMinor: 1 | 5 | 10 | 50;
	readonly timeZone: string;
	readonly dayStartMinutes: number;
	readonly shiftsRequired?: boolean;
	readonly drawerToleranceMinor?: number;
	readonly taxExcluded?: boolean;
	readonly device: { readonly name: string; readonly till: number };
}

export interface Practice {
	readonly ledger: Ledger;
	/** A device that nobody has. */
	readonly device: DeviceId;
	/** The number that the next receipt takes; with a letter that tills are given last, so that it is no number of a real one. */
	nextReceipt(): Receipt;
	/** Into the ledger, at once. `takesReceipt`: a number was used. */
	record(facts: readonly Fact[], scope: Scope, key: IntentKey, nowMs: number, takesReceipt: boolean): Entry;
}

export const PRACTICE_DEVICE = '0'.repeat(64) as DeviceId;

export function createPractice(shop: PracticeShop, nowMs: number): Practice {
	const { store, branch } = shop;
	const ledger = createLedger({ store, branch });
	const heads = new Map<Scope, Mark>();
	let hlc = NO_HLC;
	let entries = 0;
	let receipts = 0;

	function record(facts: readonly Fact[], scope: Scope, key: IntentKey, atMs: number, takesReceipt: boolean): Entry {
		if (takesReceipt) receipts += 1;
		entries += 1;
		hlc = tickHlc(hlc, atMs);
		const head = heads.get(scope);
		const other = heads.get(scope === 'branch' ? 'store' : 'branch');
		// Its only duty is to be like no other.
		const hash = entries.toString(16).padStart(64, '0') as EntryHash;
		const seq = (head?.seq ?? 0) + 1;
		const entry: Entry = {
			hash,
			header: {
				...{ v: ENTRY_VERSION, store, scope, device: PRACTICE_DEVICE, seq, hlc, at: atMs, key, by: OWNER },
				...(head === undefined ? {} : { prev: head.hash }),
				tradingDay: tradingDayOf(atMs, shop.timeZone, shop.dayStartMinutes),
				seen: other === undefined ? [] : [seenOfMark(other)],
			},
			facts: [...facts],
			sealed: new Uint8Array(),
		};
		heads.set(scope, { device: PRACTICE_DEVICE, scope, seq, hash });
		ledger.add([entry]);
		return entry;
	}

	const { name, till } = shop.device;
	const enrolment: Fact = {
		...{ type: 'device.enrolled', v: 1, device: PRACTICE_DEVICE, branch, role: 'till', name, till, rights: [...MANAGER_RIGHTS] },
		chain: '00',
	};
	record(
		[enrolment, ...settingsOf(shop).map((setting): Fact => ({ type: 'setting.changed', v: 2, setting, replaces: [] }))],
		'store',
		'practice' as IntentKey,
		nowMs,
		false,
	);
	return {
		...{ ledger, device: PRACTICE_DEVICE, record },
		nextReceipt: () => ({ till, number: receipts + 1, suffix: 'Z' }),
	};
}

function settingsOf(shop: PracticeShop): readonly Setting[] {
	const branchName: readonly Setting[] = shop.branchName === '' ? [] : [{ name: 'branchName', value: shop.branchName }];
	const taxRates: readonly Setting[] = shop.taxRates.length === 0 ? [] : [{ name: 'taxRates', value: [...shop.taxRates] }];
	return [
		...branchName,
		...taxRates,
		{ name: 'storeName', value: shop.storeName },
		{ name: 'currency', value: shop.currency },
		{ name: 'cashRoundingMinor', value: shop.cashRoundingMinor },
		{ name: 'timeZone', value: shop.timeZone },
		{ name: 'dayStartMinutes', value: shop.dayStartMinutes },
		{ name: 'shiftsRequired', value: shop.shiftsRequired ?? false },
		{ name: 'drawerToleranceMinor', value: shop.drawerToleranceMinor ?? 0 },
		{ name: 'taxExcluded', value: shop.taxExcluded ?? false },
	];
}
