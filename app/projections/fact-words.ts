/** What was done, as people say it: for lists of acts, and where the figures of a fact do not matter. */
import { m } from '#languages/compiled/messages.js';
import type { FactType } from '#schemas/facts/registry.ts';
import type { Setting } from '#schemas/facts/setting-changed.ts';

/** Of a kind that newer code wrote, that it is one. */
export function factTypeText(type: string): string {
	return Object.hasOwn(FACTS, type) ? FACTS[type as FactType]() : m.did_newer();
}

export function settingName(name: Setting['name']): string {
	return SETTINGS[name]();
}

const FACTS: Readonly<Record<FactType, () => string>> = {
	'product.restored': m.did_product_restored,
	'product.merged': m.did_product_merged,
	'count.opened': m.did_count_opened,
	'count.closed': m.did_count_closed,
	'transfer.sent': m.did_transfer_sent,
	'transfer.received': m.did_transfer_received,
	'supplier.changed': m.did_supplier_changed,
	'supply.changed': m.did_supply_changed,
	'levels.set': m.did_levels_set,
	'order.placed': m.did_order_placed,
	'order.changed': m.did_order_changed,
	'order.closed': m.did_order_closed,
	'refund.claimed': m.did_refund_claimed,
	'debt.noted': m.did_debt_noted,
	'shift.opened': m.did_shift_opened,
	'cash.moved': m.did_cash_moved,
	'drawer.opened': m.did_drawer_opened,
	'shift.closed': m.did_shift_closed,
	'z.closed': m.did_z_closed,
	'day.reported': m.did_day_reported,
	'customer.created': m.did_customer_created,
	'customer.edited': m.did_customer_edited,
	'customer.merged': m.did_customer_merged,
	'customer.forgotten': m.did_customer_forgotten,
	'credit.given': m.did_credit_given,
	'credit.used': m.did_credit_used,
	'person.added': m.did_person_added,
	'person.changed': m.did_person_changed,
	'person.pinReset': m.did_person_pin_reset,
	'person.disabled': m.did_person_disabled,
	'device.renamed': m.did_device_renamed,
	'sale.completed': m.did_sale,
	'refund.completed': m.did_refund,
	'exchange.completed': m.did_exchange,
	'stock.received': m.did_received,
	'stock.adjusted': m.did_stock_adjusted,
	'stock.counted': m.did_counted,
	'product.created': m.did_product_created,
	'product.edited': m.did_product_edited,
	'price.changed': m.did_price_changed,
	'branchPrice.changed': m.did_branch_price_changed,
	'product.retired': m.did_retired,
	'refund.owed': m.did_refund_owed,
	'correction.made': m.did_corrected,
	'setting.changed': m.did_setting_changed,
	'conflict.resolved': m.did_answered,
	'device.enrolled': m.did_device_enrolled,
	'device.renewed': m.did_device_renewed,
	'device.revoked': m.did_device_revoked,
	'entries.declaredLost': m.did_lost,
	'relay.joined': m.did_relay,
	'relay.renewed': m.did_relay_renewed,
	'relay.left': m.did_relay_left,
	'approval.given': m.did_approved,
	'pin.refused': m.did_pin_refused,
};

const SETTINGS: Readonly<Record<Setting['name'], () => string>> = {
	storeName: m.setting_store_name,
	branchName: m.setting_branch_name,
	currency: m.setting_currency,
	taxRates: m.setting_tax_rates,
	cashRoundingMinor: m.setting_cash_rounding,
	receiptHeader: m.setting_receipt_header,
	receiptFooter: m.setting_receipt_footer,
	timeZone: m.setting_time_zone,
	dayStartMinutes: m.setting_day_start,
	demo: m.setting_demo,
	taxExcluded: m.setting_tax_excluded,
	drawerToleranceMinor: m.setting_drawer_tolerance,
	shiftsRequired: m.setting_shifts_required,
	measuredCodes: m.setting_measured_codes,
	cardReferenceNeeded: m.setting_card_reference,
	printers: m.setting_printers,
};
