/** Every fact that this version knows. A test hashes this table and says what to bump when it changes. */
import { approvalGiven, type ApprovalGiven } from './approval-given.ts';
import { branchPriceChanged, type BranchPriceChanged } from './branch-price-changed.ts';
import { cashMoved, type CashMoved } from './cash-moved.ts';
import { conflictResolved, type ConflictResolved } from './conflict-resolved.ts';
import { correctionMade, type CorrectionMade } from './correction-made.ts';
import { countClosed, type CountClosed } from './count-closed.ts';
import { countOpened, type CountOpened } from './count-opened.ts';
import { creditGiven, type CreditGiven } from './credit-given.ts';
import { creditUsed, type CreditUsed } from './credit-used.ts';
import { customerCreated, type CustomerCreated } from './customer-created.ts';
import { customerEdited, type CustomerEdited } from './customer-edited.ts';
import { customerForgotten, type CustomerForgotten } from './customer-forgotten.ts';
import { customerMerged, type CustomerMerged } from './customer-merged.ts';
import { dayReported, type DayReported } from './day-reported.ts';
import { debtNoted, type DebtNoted } from './debt-noted.ts';
import { deviceEnrolled, type DeviceEnrolled } from './device-enrolled.ts';
import { deviceRenamed, type DeviceRenamed } from './device-renamed.ts';
import { deviceRenewed, type DeviceRenewed } from './device-renewed.ts';
import { deviceRevoked, type DeviceRevoked } from './device-revoked.ts';
import { drawerOpened, type DrawerOpened } from './drawer-opened.ts';
import { entriesDeclaredLost, type EntriesDeclaredLost } from './entries-declared-lost.ts';
import { exchangeCompleted, type ExchangeCompleted } from './exchange-completed.ts';
import { personAdded, type PersonAdded } from './person-added.ts';
import { personChanged, type PersonChanged } from './person-changed.ts';
import { personDisabled, type PersonDisabled } from './person-disabled.ts';
import { personPinReset, type PersonPinReset } from './person-pin-reset.ts';
import { pinRefused, type PinRefused } from './pin-refused.ts';
import { priceChanged, type PriceChanged } from './price-changed.ts';
import { productCreated, type ProductCreated } from './product-created.ts';
import { productEdited, type ProductEdited } from './product-edited.ts';
import { productMerged, type ProductMerged } from './product-merged.ts';
import { productRestored, type ProductRestored } from './product-restored.ts';
import { productRetired, type ProductRetired } from './product-retired.ts';
import { refundClaimed, type RefundClaimed } from './refund-claimed.ts';
import { refundCompleted, type RefundCompleted } from './refund-completed.ts';
import { refundOwed, type RefundOwed } from './refund-owed.ts';
import { relayJoined, type RelayJoined } from './relay-joined.ts';
import { relayLeft, type RelayLeft } from './relay-left.ts';
import { relayRenewed, type RelayRenewed } from './relay-renewed.ts';
import { saleCompleted, type SaleCompleted } from './sale-completed.ts';
import { settingChanged, type SettingChanged } from './setting-changed.ts';
import { shiftClosed, type ShiftClosed } from './shift-closed.ts';
import { shiftOpened, type ShiftOpened } from './shift-opened.ts';
import { stockAdjusted, type StockAdjusted } from './stock-adjusted.ts';
import { stockCounted, type StockCounted } from './stock-counted.ts';
import { stockReceived, type StockReceived } from './stock-received.ts';
import { levelsSet, type LevelsSet } from './levels-set.ts';
import { orderChanged, type OrderChanged } from './order-changed.ts';
import { orderClosed, type OrderClosed } from './order-closed.ts';
import { orderPlaced, type OrderPlaced } from './order-placed.ts';
import { supplierChanged, type SupplierChanged } from './supplier-changed.ts';
import { supplyChanged, type SupplyChanged } from './supply-changed.ts';
import { transferReceived, type TransferReceived } from './transfer-received.ts';
import { transferSent, type TransferSent } from './transfer-sent.ts';
import { zClosed, type ZClosed } from './z-closed.ts';

export const FACTS = [
	productCreated,
	productEdited,
	productRetired,
	productRestored,
	productMerged,
	priceChanged,
	branchPriceChanged,
	stockReceived,
	stockAdjusted,
	stockCounted,
	countOpened,
	countClosed,
	transferSent,
	transferReceived,
	supplierChanged,
	supplyChanged,
	levelsSet,
	orderPlaced,
	orderChanged,
	orderClosed,
	saleCompleted,
	refundCompleted,
	exchangeCompleted,
	refundClaimed,
	refundOwed,
	debtNoted,
	shiftOpened,
	cashMoved,
	drawerOpened,
	shiftClosed,
	zClosed,
	dayReported,
	customerCreated,
	customerEdited,
	customerMerged,
	customerForgotten,
	creditGiven,
	creditUsed,
	personAdded,
	personChanged,
	personPinReset,
	personDisabled,
	pinRefused,
	approvalGiven,
	correctionMade,
	settingChanged,
	conflictResolved,
	deviceEnrolled,
	deviceRenamed,
	deviceRenewed,
	deviceRevoked,
	entriesDeclaredLost,
	relayJoined,
	relayRenewed,
	relayLeft,
] as const;

export type Fact =
	| ProductCreated
	| ProductEdited
	| ProductRetired
	| ProductRestored
	| ProductMerged
	| PriceChanged
	| BranchPriceChanged
	| StockReceived
	| StockAdjusted
	| StockCounted
	| CountOpened
	| CountClosed
	| TransferSent
	| TransferReceived
	| SupplierChanged
	| SupplyChanged
	| LevelsSet
	| OrderPlaced
	| OrderChanged
	| OrderClosed
	| SaleCompleted
	| RefundCompleted
	| ExchangeCompleted
	| RefundClaimed
	| RefundOwed
	| DebtNoted
	| ShiftOpened
	| CashMoved
	| DrawerOpened
	| ShiftClosed
	| ZClosed
	| DayReported
	| CustomerCreated
	| CustomerEdited
	| CustomerMerged
	| CustomerForgotten
	| CreditGiven
	| CreditUsed
	| PersonAdded
	| PersonChanged
	| PersonPinReset
	| PersonDisabled
	| PinRefused
	| ApprovalGiven
	| CorrectionMade
	| SettingChanged
	| ConflictResolved
	| DeviceEnrolled
	| DeviceRenamed
	| DeviceRenewed
	| DeviceRevoked
	| EntriesDeclaredLost
	| RelayJoined
	| RelayRenewed
	| RelayLeft;
export type FactType = Fact['type'];
