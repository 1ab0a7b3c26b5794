/**
 * An intent and the state become facts, or a refusal in plain names. Pure: deciding twice on the same state decides the same.
 *
 * Invariants:
 * 1. What is decided keeps every fact's own rules: it is checked against the schemas before anything is sealed.
 * 2. Nobody decides what the device has no right to: its entry would be quarantined everywhere.
 * 3. Nor what the person at it may not do, unless somebody who may has approved: their name then stands in the entry.
 * 4. An edit replaces what its author saw on the form, never what arrived since.
 * 5. A sale is not decided here (`core/sale/complete-sale.ts`), and never refused because of stock.
 */
import { closeCount, openCount } from '#core/decide/counts.ts';
import { addCustomer, editCustomer, forgetCustomer, giveCredit, mergeCustomers } from '#core/decide/customers.ts';
import { changeOrder, closeOrder, placeOrder } from '#core/decide/orders.ts';
import { changeSupplier, changeSupplies, setLevels } from '#core/decide/suppliers.ts';
import { addPerson, changePerson, disablePerson, noteWrongPins, resetPin } from '#core/decide/people.ts';
import {
	cancelPrice,
	mergeProducts,
	planOwnPrice,
	planPrice,
	restoreProduct,
	retireProduct,
	setProductExtras,
	createProducts,
	editProduct,
	importProducts,
} from '#core/decide/products.ts';
import { changeSetting, renameDevice, revokeDevice } from '#core/decide/house.ts';
import { decideDepositsBack, decideExchange, decideRefund, decideRefundWithoutSale } from '#core/decide/refund.ts';
import { receiveTransfer, sendTransfer } from '#core/decide/transfers.ts';
import { decideResolve } from '#core/decide/resolve.ts';
import { closeShift, closeZ, moveCash, openDrawer, openShift, reportDay } from '#core/decide/shift.ts';
import { decideAdjust, decideCount, decideReceive } from '#core/decide/stock.ts';
import { approved } from '#core/people/approved.ts';
import { peopleOf, type Facts } from '#core/decide/facts.ts';
import { isRefusal, type DecideContext, type Decision, type Intent, type Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { encode } from '#schemas/cbor.ts';
import { MAX_SEALED_BYTES } from '#schemas/entry.ts';
import { FACTS, type Fact } from '#schemas/facts/registry.ts';
import * as v from 'valibot';

export function decide(ledger: Ledger, intent: Intent, context: DecideContext): Decision | Refusal {
	const decided = factsOf(ledger, withApproval(intent, context), context);
	if (isRefusal(decided)) return decided;
	const { branch = [], store = [], takesReceipt = false } = decided;
	const allowed = { branch: withSay(branch, ledger, context), store: withSay(store, ledger, context) };
	if (isRefusal(allowed.branch)) return allowed.branch;
	if (isRefusal(allowed.store)) return allowed.store;
	const decision: Decision = { branch: allowed.branch, store: allowed.store, takesReceipt };
	return problemWith(ledger, decision, context) ?? decision;
}

/** Where the fact itself has a place for who allowed it. */
function withApproval(intent: Intent, { approvedBy }: DecideContext): Intent {
	if (approvedBy === undefined) return intent;
	const hasPlace = intent.intent === 'refund' || intent.intent === 'refund-without-sale' || intent.intent === 'exchange';
	return hasPlace && intent.approvedBy === undefined ? { ...intent, approvedBy } : intent;
}

function withSay(facts: readonly Fact[], ledger: Ledger, { by, approvedBy }: DecideContext): readonly Fact[] | Refusal {
	return approved(facts, { by, approvedBy, people: peopleOf(ledger) });
}

function factsOf(ledger: Ledger, intent: Intent, context: DecideContext): Facts | Refusal {
	switch (intent.intent) {
		case 'refund':
			return decideRefund(ledger, intent, context);
		case 'refund-without-sale':
			return decideRefundWithoutSale(ledger, intent, context);
		case 'take-back-deposits':
			return decideDepositsBack(ledger, intent, context);
		case 'exchange':
			return decideExchange(ledger, intent, context);
		case 'receive':
			return decideReceive(ledger, intent);
		case 'adjust':
			return decideAdjust(ledger, intent);
		case 'count':
			return decideCount(ledger, intent, context);
		case 'open-count':
			return openCount(ledger, intent);
		case 'close-count':
			return closeCount(ledger, intent);
		case 'create-products':
			return createProducts(ledger, intent.products, context);
		case 'import-products':
			return importProducts(ledger, intent.products, context);
		case 'edit-product':
			return editProduct(ledger, intent, context);
		case 'retire-product':
			return retireProduct(ledger, intent);
		case 'send-transfer':
			return sendTransfer(ledger, intent);
		case 'receive-transfer':
			return receiveTransfer(ledger, intent);
		case 'restore-product':
			return restoreProduct(ledger, intent);
		case 'merge-products':
			return mergeProducts(ledger, intent);
		case 'plan-price':
			return planPrice(ledger, intent);
		case 'plan-own-price':
			return planOwnPrice(ledger, intent, context);
		case 'cancel-price':
			return cancelPrice(ledger, intent, context);
		case 'change-supplier':
			return changeSupplier(ledger, intent);
		case 'change-supplies':
			return changeSupplies(ledger, intent);
		case 'set-levels':
			return setLevels(ledger, intent);
		case 'place-order':
			return placeOrder(ledger, intent);
		case 'change-order':
			return changeOrder(ledger, intent);
		case 'close-order':
			return closeOrder(ledger, intent);
		case 'set-product-extras':
			return setProductExtras(ledger, intent);
		case 'change-setting':
			return changeSetting(ledger, intent);
		case 'open-shift':
			return openShift(ledger, intent, context);
		case 'move-cash':
			return moveCash(ledger, intent, context);
		case 'open-drawer':
			return openDrawer(ledger, intent, context);
		case 'close-shift':
			return closeShift(ledger, intent, context);
		case 'close-z':
			return closeZ(ledger, intent, context);
		case 'report-day':
			return reportDay(ledger, intent);
		case 'add-customer':
			return addCustomer(ledger, intent);
		case 'edit-customer':
			return editCustomer(ledger, intent);
		case 'merge-customers':
			return mergeCustomers(ledger, intent);
		case 'forget-customer':
			return forgetCustomer(ledger, intent);
		case 'give-credit':
			return giveCredit(ledger, intent);
		case 'add-person':
			return addPerson(ledger, intent);
		case 'change-person':
			return changePerson(ledger, intent);
		case 'reset-pin':
			return resetPin(ledger, intent);
		case 'disable-person':
			return disablePerson(ledger, intent);
		case 'note-wrong-pins':
			return noteWrongPins(ledger, intent);
		case 'rename-device':
			return renameDevice(ledger, intent);
		case 'revoke-device':
			return revokeDevice(ledger, intent, context);
		case 'resolve':
			return decideResolve(ledger, intent, context);
	}
}

/** Certificates travel beside, signatures and headers take little: 8 KiB is what they leave at most. */
const MOST_FACT_BYTES = MAX_SEALED_BYTES - 8 * 1024;

function problemWith(ledger: Ledger, { branch, store }: Decision, { device }: DecideContext): Refusal | undefined {
	const rights = ledger.state.devices.get(device)?.rights;
	for (const fact of [...branch, ...store]) {
		const definition = FACTS.find(({ type }) => type === fact.type);
		if (definition === undefined) throw new Error(`decided a fact that no registry knows: ${fact.type}`);
		if (rights !== undefined && !rights.includes(definition.right)) return { refused: 'not-allowed', right: definition.right };
		const parsed = v.safeParse(definition.schema, fact);
		if (!parsed.success) return { refused: 'value-invalid', field: v.getDotPath(parsed.issues[0]) ?? fact.type, reason: parsed.issues[0].message };
	}
	for (const facts of [branch, store]) {
		const bytes = facts.length === 0 ? 0 : encodedBytes(facts);
		if (bytes > MOST_FACT_BYTES) return { refused: 'too-large', bytes, most: MOST_FACT_BYTES };
	}
	return undefined;
}

function encodedBytes(facts: readonly Fact[]): number {
	return encode(facts).length;
}
