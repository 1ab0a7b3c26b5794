/**
 * A person answers a conflict: the answer, and the facts that make it true, in one entry.
 *
 * 1. An answer names what was unsettled when it was given, and goes into its conflict's scope; facts of the other scope are part 2 of the intent.
 * 2. What an answer does is what the choice said it would (`conflict/*`, `effect`): the screen and the ledger cannot disagree.
 * 3. Whose receipt is taken back has the store credit again that paid for it, and no longer what it gave; so has whoever an answer that is undone had it from.
 */
import { choicesOn } from '#core/conflict/product-edited.ts';
import type { Choice, Conflict, Effect, FieldValue } from '#core/conflict/conflict.ts';
import { creditMovedBy } from '#core/customer/credit-moved.ts';
import { isRefusal, type DecideContext, type Intent, type Refusal } from '#core/intent.ts';
import { tickHlc } from '#core/entry/hlc.ts';
import { conflictKey } from '#core/ledger/answers.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { freeTillNumber } from '#core/roster/till-numbers.ts';
import { parseDecimal } from '#core/money.ts';
import { parseReceipt, printReceipt } from '#core/receipt-number.ts';
import type { ConflictResolved } from '#schemas/facts/conflict-resolved.ts';
import type { ProductEdited } from '#schemas/facts/product-edited.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, EntryHash, Sku } from '#schemas/ids.ts';
import type { OwnReason } from '#schemas/reasons.ts';
import type { Facts } from './facts.ts';
import { revocationOf } from './house.ts';
import { isTaxRate, mergeProducts, normalGtins } from './products.ts';

type Resolve = Extract<Intent, { readonly intent: 'resolve' }>;

export function decideResolve(ledger: Ledger, { conflict: id, choice: choiceId, value }: Resolve, { device, nowMs }: DecideContext): Facts | Refusal {
	const key = conflictKey(id);
	const conflict = ledger.conflicts().find((one) => one.key === key);
	if (conflict === undefined) return { refused: 'no-such-conflict' };
	const choice = choicesOn(conflict, device).find((one) => one.id === choiceId);
	if (choice === undefined) return { refused: 'no-such-choice', choice: choiceId };
	const done = answer(ledger, conflict, choice, value, { device, nowMs });
	if (isRefusal(done)) return done;
	const resolved: ConflictResolved = {
		type: 'conflict.resolved',
		v: 1,
		conflict: conflict.id,
		members: [...new Set([...conflict.unsettled, ...(done.names ?? [])])].slice(0, MOST_NAMED),
		choice: choice.id,
		...(done.value === undefined ? {} : { value: done.value }),
	};
	const branch = done.branch ?? [];
	const store = done.store ?? [];
	return conflict.id.branch === undefined ? { branch, store: [resolved, ...store] } : { branch: [resolved, ...branch], store };
}

/** As `conflict.resolved` takes them. */
const MOST_WORDS = 400;
const MOST_NAMED = 2_000;

interface Answer extends Facts {
	/** What the answer itself remembers. */
	readonly value?: string;
	/** What it names beside what was unsettled. */
	readonly names?: readonly EntryHash[];
}

type Who = Pick<DecideContext, 'device' | 'nowMs'>;

function answer(ledger: Ledger, conflict: Conflict, choice: Choice, value: string | undefined, { device, nowMs }: Who): Answer | Refusal {
	const { effect } = choice;
	switch (effect.does) {
		case 'adjust':
			// Nothing is missing any more: the answer alone says so.
			return effect.quantityMilli === 0
				? {}
				: { branch: [{ type: 'stock.adjusted', v: 1, lines: [{ sku: effect.sku, quantityMilli: effect.quantityMilli }], reason: 'found' }] };
		case 'adjust-lines':
			return effect.lines.length === 0
				? {}
				: { branch: [{ type: 'stock.adjusted', v: 1, lines: effect.lines.map((line) => ({ ...line })), reason: 'other', note: 'stock take' }] };
		case 'owe':
			return {
				branch: effect.owed.map(({ sale, sku, quantityMilli, amountMinor }) => ({
					type: 'refund.owed',
					v: 1,
					sale,
					sku,
					quantityMilli,
					amountMinor,
				})),
			};
		case 'adjust-branch':
			return effect.branch === ledger.branch
				? { branch: [{ type: 'stock.adjusted', v: 1, lines: effect.lines.map((line) => ({ ...line })), reason: 'other', note: 'transfer' }] }
				: { refused: 'at-other-branch' };
		case 'count':
			return countNow(ledger, effect, value, nowMs);
		case 'nothing':
		case 'reject':
			return {};
		case 'let-count':
			return conflict.unsettled.every((member) => ledger.mayAccept(device, member))
				? {}
				: { refused: 'not-allowed', reason: 'this device might not have written that itself' };
		case 'note-debt':
			return {
				branch: [
					{
						...{ type: 'debt.noted', v: 1, entry: effect.entry, amountMinor: effect.amountMinor },
						...(effect.customer === undefined ? {} : { customer: effect.customer }),
					},
				],
				value: String(effect.amountMinor),
			};
		case 'renumber': {
			const free = freeTillNumber(ledger.state.devices);
			return { store: effect.devices.map((device, index) => ({ type: 'device.renamed', v: 1, device, till: free + index })) };
		}
		case 'merge-customers':
			return { store: effect.customers.map((customer) => ({ type: 'customer.merged', v: 1, customer, into: effect.into })) };
		case 'move-barcode':
			return { store: moveBarcode(ledger, effect) };
		case 'merge-products':
			return mergeAll(ledger, effect);
		case 'link-refund':
			return linkRefund(ledger, conflict, value);
		case 'restore-product':
			return { store: [{ type: 'product.restored', v: 1, sku: effect.sku }] };
		case 'explain': {
			const words = value?.trim();
			return words === undefined || words === '' ? { refused: 'value-missing' } : { value: words.slice(0, MOST_WORDS) };
		}
		case 'recount-drawer':
			return recountDrawer(ledger, effect, value);
		case 'compensate':
			return compensate(ledger, effect, choice, value);
		case 'set-field':
			return setField(ledger, conflict, effect, choice, value);
		case 'ask-again':
			// Asking is no fact: the screen asks the peers. A gap stays listed until it is filled or declared lost.
			return effect.settles ? {} : { refused: 'nothing-changed' };
		case 'declare-lost':
			return declareLost(conflict, effect);
		case 'cut-off':
			return remove(ledger, effect.device, device, 'brought bytes that do not verify');
		case 'remove-device':
			return remove(ledger, effect.device, device, 'keys renewed twice');
		case 'keep-first-keys':
		case 'let-stand':
			return {};
		case 'keep-devices':
			return ledger.state.devices.get(device)?.role === 'hub'
				? {}
				: { refused: 'not-allowed', reason: 'only an owner, on a hub, decides between devices that removed each other' };
		case 'choose-answer':
			return { value: effect.entry };
		case 'blame-clock':
			return { value: effect.device };
		case 'fix-clock':
			return {};
		case 'keep-till':
			return { value: effect.entry, names: effect.drops };
	}
}

function remove(ledger: Ledger, of: DeviceId, device: DeviceId, reason: OwnReason): Answer | Refusal {
	if (!ledger.state.devices.has(of)) return { refused: 'no-such-device' };
	if (of === device) return { refused: 'not-allowed', reason: 'a device does not revoke itself' };
	const overreach = ledger.removalOverreach(device, of);
	return overreach === undefined ? { store: [revocationOf(ledger, of, reason)] } : { refused: 'not-allowed', reason: overreach };
}

function moveBarcode({ state }: Ledger, { gtin, from }: Extract<Effect, { does: 'move-barcode' }>): readonly Fact[] {
	return from.flatMap((sku): readonly Fact[] => {
		const gtins = state.products.get(sku)?.gtins;
		if (gtins === undefined) return [];
		const value = gtins.value.filter((one) => one !== gtin);
		return [{ type: 'product.edited', v: 1, sku, fields: { gtins: { value, replaces: [...gtins.replaces] } } }];
	});
}

/** One after another into the same: each brings its codes, and what this branch has of it. */
function mergeAll(ledger: Ledger, { skus, into }: Extract<Effect, { does: 'merge-products' }>): Answer | Refusal {
	const merged: Fact[] = [];
	const branch: Fact[] = [];
	for (const sku of skus) {
		const done = mergeProducts(ledger, { intent: 'merge-products', sku, into });
		if (isRefusal(done)) return done;
		merged.push(...(done.store ?? []).filter(({ type }) => type === 'product.merged'));
		branch.push(...(done.branch ?? []));
	}
	const standing = ledger.state.products.get(into)?.gtins;
	const gtins = new Set([into, ...skus].flatMap((sku) => ledger.state.products.get(sku)?.gtins.value ?? []));
	const codes: readonly Fact[] =
		standing === undefined || gtins.size === standing.value.length
			? []
			: [{ type: 'product.edited', v: 1, sku: into, fields: { gtins: { value: [...gtins], replaces: [...standing.replaces] } } }];
	return { store: [...merged, ...codes], branch };
}

function linkRefund(ledger: Ledger, { members }: Conflict, value: string | undefined): Answer | Refusal {
	if (value === undefined || value.trim() === '') return { refused: 'value-missing' };
	const receipt = parseReceipt(value);
	if (receipt === undefined) return { refused: 'value-invalid', value };
	const number = printReceipt(receipt);
	const own = new Set(members.map(({ hash }) => hash));
	const found = [...ledger.state.sales].find(([hash, { fact, counts }]) => counts && !own.has(hash) && printReceipt(fact.receipt) === number);
	return found === undefined ? { refused: 'no-such-sale', receipt: number } : { value: found[0] };
}

function recountDrawer(
	ledger: Ledger,
	{ device, shift, expectedMinor }: Extract<Effect, { does: 'recount-drawer' }>,
	value: string | undefined,
): Answer | Refusal {
	if (value === undefined || value.trim() === '') return { refused: 'value-missing' };
	const countedMinor = parseDecimal(value, ledger.state.settings.value('currency')?.digits ?? 2);
	if (countedMinor === undefined || countedMinor < 0) return { refused: 'value-invalid', value };
	return { branch: [{ type: 'shift.closed', v: 1, device, shift, countedMinor, expectedMinor }], value };
}

/** Counted at this moment, by this device's clock and everything that is here. */
function countNow(ledger: Ledger, { sku }: Extract<Effect, { does: 'count' }>, value: string | undefined, nowMs: number): Answer | Refusal {
	if (value === undefined) return { refused: 'value-missing', sku };
	const quantityMilli = parseDecimal(value, 3);
	if (quantityMilli === undefined) return { refused: 'value-invalid', value };
	const asOf = { hlc: tickHlc(ledger.hlc(), nowMs), marks: [...ledger.marks()] };
	return { branch: [{ type: 'stock.counted', v: 1, lines: [{ sku, quantityMilli, asOf }] }], value };
}

function compensate(
	ledger: Ledger,
	{ entries }: Extract<Effect, { does: 'compensate' }>,
	{ asks }: Choice,
	value: string | undefined,
): Answer | Refusal {
	const chosen = value === undefined ? entries : asks?.options?.filter((hash) => hash === value);
	if (chosen === undefined || (chosen.length === 0 && entries.length > 0)) return { refused: 'value-invalid', value };
	return {
		branch: chosen.map((hash) => ({ type: 'correction.made', v: 1, corrects: hash, reason: ANSWERED })),
		store: creditMovedBy(ledger, chosen).map(([customer, minor]) =>
			minor > 0
				? { type: 'credit.used', v: 1, customer, amountMinor: minor }
				: { type: 'credit.given', v: 1, customer, amountMinor: -minor, reason: ANSWERED },
		),
		...(value === undefined ? {} : { value }),
	};
}

const ANSWERED: OwnReason = 'answer to a conflict';

function setField(
	ledger: Ledger,
	{ detail }: Conflict,
	effect: Extract<Effect, { does: 'set-field' }>,
	{ asks }: Choice,
	value: string | undefined,
): Answer | Refusal {
	if (detail.kind !== 'product-edited') throw new Error(`a field to set in a conflict of kind ${detail.kind}`);
	const { sku, field, branch, replaces } = effect;
	const takes =
		effect.takes !== undefined && value !== undefined && asks?.options !== undefined ? asks.options.find((hash) => hash === value) : effect.takes;
	if (effect.takes !== undefined && takes === undefined) return { refused: 'value-invalid', value };
	const chosen = takes === undefined ? typedValue(ledger, field, value) : detail.values.find(({ entry }) => entry === takes)?.value;
	if (chosen === undefined) throw new Error(`a choice names ${takes ?? 'nothing'}, which is no member`);
	if (isRefusal(chosen)) return chosen;
	return { store: [fieldSet(chosen)], value: takes ?? value ?? '' };

	function fieldSet(value: FieldValue): Fact {
		if (field !== 'price')
			return { type: 'product.edited', v: 2, sku, fields: { [field]: { value, replaces: [...replaces] } } as ProductEdited['fields'] };
		if (branch === undefined) return { type: 'price.changed', v: 1, sku, unitPriceE4: Number(value), replaces: [...replaces] };
		return { type: 'branchPrice.changed', v: 1, sku, branch, unitPriceE4: value === null ? null : Number(value), replaces: [...replaces] };
	}
}

function typedValue(ledger: Ledger, field: string, value: string | undefined): FieldValue | Refusal {
	const text = value?.trim();
	if (text === undefined || (text === '' && field !== 'gtins' && field !== 'category')) return { refused: 'value-missing', field };
	switch (field) {
		case 'price':
			return parseDecimal(text, 4) ?? { refused: 'value-invalid', field, value: text };
		case 'gtins':
			return normalGtins(text === '' ? [] : text.split(/[\s,;]+/)) ?? { refused: 'gtin-invalid', gtin: text };
		case 'tracked':
			if (/^(true|yes)$/i.test(text)) return true;
			return /^(false|no)$/i.test(text) ? false : { refused: 'value-invalid', field, value: text };
		case 'ageLimit': {
			const years = /^\d{1,2}$/.test(text) ? Number(text) : undefined;
			return years === undefined || years === 0 ? { refused: 'value-invalid', field, value: text } : years;
		}
		case 'deposit':
			return ledger.state.products.has(text as Sku) ? text : { refused: 'no-such-product', sku: text };
		case 'taxRate':
			return isTaxRate(ledger, text) ? text : { refused: 'value-invalid', field, value: text };
		default:
			return text;
	}
}

function declareLost({ id }: Conflict, { gaps }: Extract<Effect, { does: 'declare-lost' }>): Answer {
	const facts = gaps.map(({ device, scope, fromSeq, toSeq, next }): Fact => ({
		type: 'entries.declaredLost',
		v: 1,
		device,
		chain: scope,
		fromSeq,
		toSeq,
		next: { device, scope, seq: toSeq + 1, hash: next satisfies EntryHash },
	}));
	return id.branch === undefined ? { store: facts } : { branch: facts };
}
