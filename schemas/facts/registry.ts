/** Every fact that this version knows. A test hashes this table and says what to bump when it changes. */
import { conflictResolved, type ConflictResolved } from './conflict-resolved.ts';
import { correctionMade, type CorrectionMade } from './correction-made.ts';
import { deviceEnrolled, type DeviceEnrolled } from './device-enrolled.ts';
import { deviceRevoked, type DeviceRevoked } from './device-revoked.ts';
import { entriesDeclaredLost, type EntriesDeclaredLost } from './entries-declared-lost.ts';
import { priceChanged, type PriceChanged } from './price-changed.ts';
import { productCreated, type ProductCreated } from './product-created.ts';
import { productEdited, type ProductEdited } from './product-edited.ts';
import { productRetired, type ProductRetired } from './product-retired.ts';
import { refundCompleted, type RefundCompleted } from './refund-completed.ts';
import { refundOwed, type RefundOwed } from './refund-owed.ts';
import { relayJoined, type RelayJoined } from './relay-joined.ts';
import { saleCompleted, type SaleCompleted } from './sale-completed.ts';
import { settingChanged, type SettingChanged } from './setting-changed.ts';
import { stockAdjusted, type StockAdjusted } from './stock-adjusted.ts';
import { stockCounted, type StockCounted } from './stock-counted.ts';
import { stockReceived, type StockReceived } from './stock-received.ts';

export const FACTS = [
	productCreated,
	productEdited,
	productRetired,
	priceChanged,
	stockReceived,
	stockAdjusted,
	stockCounted,
	saleCompleted,
	refundCompleted,
	refundOwed,
	correctionMade,
	settingChanged,
	conflictResolved,
	deviceEnrolled,
	deviceRevoked,
	entriesDeclaredLost,
	relayJoined,
] as const;

export type Fact =
	| ProductCreated
	| ProductEdited
	| ProductRetired
	| PriceChanged
	| StockReceived
	| StockAdjusted
	| StockCounted
	| SaleCompleted
	| RefundCompleted
	| RefundOwed
	| CorrectionMade
	| SettingChanged
	| ConflictResolved
	| DeviceEnrolled
	| DeviceRevoked
	| EntriesDeclaredLost
	| RelayJoined;
export type FactType = Fact['type'];
