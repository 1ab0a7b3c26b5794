/**
 * Conflicts as a manager reads them: what happened as a story, the evidence as time-lines, and choices that say what they will do.
 *
 * 1. Every figure and every name is from the ledger; nothing is decided here.
 * 2. Times are each till's own wall clock, because that is what its cashier remembers; who had heard of whom is by what was sealed, never by clocks.
 */
import type { Choice, Conflict, Effect, FieldValue, Member } from '#core/conflict/conflict.ts';
import { choicesOn } from '#core/conflict/product-edited.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { tradingDayOf } from '#core/time.ts';
import { m } from '#languages/compiled/messages.js';
import { formatMoment, formatMoney, formatQuantity, formatTime, formatUnitPrice } from '#languages/figures.ts';
import type { Header } from '#schemas/entry.ts';
import type { PersonRole } from '#schemas/facts/person-added.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { BranchId, DeviceId, EntryHash, Sku } from '#schemas/ids.ts';
import { moneyText } from './conflict-money.ts';
import { damageText, placeText } from './damage-words.ts';
import { factTypeText, settingName } from './fact-words.ts';
import { reasonText } from './reasons.ts';
import { STORIES, type ToldInConflicts } from './conflict-stories/registry.ts';
import { choiceName } from './conflict-stories/choices.ts';
import { joinSome, joinWords, listed, type DetailOf, type Story, type StoryWords, type Told } from './conflict-stories/story.ts';
import type { ChoiceRow, ConflictRow, MemberRow, Timeline } from './rows.ts';
import { named, personName } from './drawers.ts';
import { branchText, deviceName } from './shop.ts';

export function conflictRows(ledger: Ledger, self: DeviceId): readonly ConflictRow[] {
	return ledger.conflicts().map((conflict) => conflictRow(ledger, conflict, self));
}

/** As the kind is called: `Oversold`. Undefined kinds of newer versions are called by their own name. */
export function titleOf(kind: Conflict['kind']): string {
	if (Object.hasOwn(STORIES, kind)) return STORIES[kind as keyof typeof STORIES].title();
	return Object.hasOwn(TITLES, kind) ? TITLES[kind as ToldInConflicts]() : kind;
}

/** A flood is told by its newest members: each of them is compared with its neighbours, and nobody reads two thousand lines. */
const MOST_SHOWN = 100;

function conflictRow(ledger: Ledger, conflict: Conflict, self: DeviceId): ConflictRow {
	const say = createWords(ledger, conflict);
	const told = tellApart(conflict, say.words);
	return {
		...{
			id: conflict.id,
			key: conflict.key,
			kind: conflict.kind,
			...(told ?? {
				title: TITLES[conflict.kind as ToldInConflicts](),
				about: say.about(),
				summary: say.summary(),
				story: say.story(),
				provisional: say.provisional(),
			}),
		},
		...{
			tone: told?.tone ?? TONES[conflict.kind as ToldInConflicts],
			stakeMinor: conflict.stake.minor,
			members: conflict.members.slice(-MOST_SHOWN).map((member) => say.member(member)),
			moreMembers: Math.max(0, conflict.members.length - MOST_SHOWN),
			timeline: say.timeline(),
			...say.doubled(),
			...customersIn(conflict),
		},
		...{ choices: choicesOn(conflict, self).map((choice) => say.choice(choice)), atMs: conflict.newestMs },
	};
}

function customersIn({ detail }: Conflict): Pick<ConflictRow, 'customers'> {
	if (detail.kind === 'customer-duplicated') return { customers: detail.customers };
	return detail.kind === 'credit-overspent' ? { customers: [detail.customer] } : {};
}

/** Most kinds have a story of their own. */
function tellApart(conflict: Conflict, words: StoryWords): (Told & Pick<ConflictRow, 'title' | 'tone'>) | undefined {
	if (!Object.hasOwn(STORIES, conflict.kind)) return undefined;
	const story = STORIES[conflict.kind as keyof typeof STORIES] as Story<Conflict['kind']>;
	return { title: story.title(), tone: story.tone, ...story.tell(conflict.detail, conflict, words) };
}

const TITLES: Readonly<Record<ToldInConflicts, () => string>> = {
	oversold: m.conflict_oversold_title,
	'sold-below-zero': m.conflict_below_zero_title,
	'refunded-twice': m.conflict_refunded_title,
	'key-reused': m.conflict_key_reused_title,
	'product-edited': m.conflict_edited_title,
	'chain-gap': m.conflict_gap_title,
	'chain-forked': m.conflict_forked_title,
	'not-allowed': m.conflict_not_allowed_title,
	damaged: m.conflict_damaged_title,
};

const ROLES: Readonly<Record<PersonRole, () => string>> = {
	...{ cashier: m.role_cashier, supervisor: m.role_supervisor, manager: m.role_manager, owner: m.role_owner },
};

function whyNotAllowed({ reason, lacks }: DetailOf<'not-allowed'>): readonly string[] {
	switch (reason) {
		case 'no-right':
			return lacks.length === 0
				? [m.conflict_not_allowed_right()]
				: lacks.map(({ name, role, need }) =>
						role === 'none'
							? m.conflict_not_allowed_lack_nobody({ name: name === '' ? m.conflict_somebody() : name, needed: ROLES[need.role]() })
							: m.conflict_not_allowed_lack({ name, role: ROLES[role](), needed: ROLES[need.role]() }),
					);
		case 'revoked':
			return [m.conflict_not_allowed_revoked()];
		case 'key-given-up':
			return [m.conflict_not_allowed_key()];
		case 'broken-fact':
			return [m.conflict_not_allowed_broken()];
		case 'clock':
			return [m.conflict_not_allowed_clock()];
	}
}

const TONES: Readonly<Record<ToldInConflicts, ConflictRow['tone']>> = {
	oversold: 'coral',
	'sold-below-zero': 'amber',
	'refunded-twice': 'coral',
	'key-reused': 'coral',
	'product-edited': 'coral',
	'chain-gap': 'amber',
	'chain-forked': 'coral',
	'not-allowed': 'amber',
	damaged: 'sea',
};

function createWords(ledger: Ledger, conflict: Conflict) {
	const { members } = conflict;
	// What is told apart asks nothing of the functions below that look at it.
	const detail = conflict.detail as DetailOf<ToldInConflicts>;
	const { settings } = ledger.state;
	const currency = settings.value('currency') ?? { code: 'GBP', digits: 2 };
	const timeZone = settings.value('timeZone') ?? 'UTC';
	const money = (minor: number): string => formatMoney(minor, currency);
	const nameOf = (device: DeviceId): string => deviceName(ledger, device);
	/** The till, and who was at it where somebody was. */
	function doerOf({ device, by }: Header): string {
		const name = personName(ledger, by);
		return name === undefined ? nameOf(device) : `${nameOf(device)} (${name})`;
	}
	const productName = (sku: Sku): string => ledger.state.products.get(sku)?.name.value ?? sku;
	const ofProduct = (quantity: string, sku: Sku): string => m.conflict_of_product({ quantity, product: productName(sku) });
	const unitOf = (sku: Sku): 'each' | 'kg' => ledger.state.products.get(sku)?.unit.value ?? 'each';
	const units = (sku: Sku, milli: number): string => formatQuantity(milli, unitOf(sku));
	// One day needs no date; what tills did apart on two days is not told without.
	const days = new Set(members.map(({ entry }) => tradingDayOf(entry.header.at, timeZone, 0)));
	const clock = (atMs: number): string =>
		days.size < 2 && (days.size === 0 || days.has(tradingDayOf(atMs, timeZone, 0))) ? formatTime(atMs, timeZone) : formatMoment(atMs, timeZone);
	const byHash = new Map(members.map((member) => [member.hash, member]));
	const memberOf = (hash: EntryHash): Member | undefined => byHash.get(hash);
	const subjectSku = 'sku' in detail ? detail.sku : undefined;

	function about(): string {
		switch (detail.kind) {
			case 'oversold':
			case 'sold-below-zero':
				return productName(detail.sku);
			case 'product-edited':
				return m.conflict_edited_about({ product: productName(detail.sku), field: fieldOf(detail) });
			case 'refunded-twice': {
				const sale = ledger.state.sales.get(detail.sale);
				return sale === undefined
					? m.conflict_sale_missing()
					: m.conflict_refunded_about({ receipt: printReceipt(sale.fact.receipt), name: sale.fact.lines[detail.line]?.name ?? '' });
			}
			case 'key-reused':
				return m.conflict_key_reused_about({ count: members.length });
			case 'chain-gap':
			case 'chain-forked':
			case 'not-allowed':
				return nameOf(detail.device);
			case 'damaged':
				return placeText(detail.document);
		}
	}

	function summary(): string {
		switch (detail.kind) {
			case 'oversold':
				return m.conflict_oversold_summary({ count: new Set(members.map(({ entry }) => entry.header.device)).size });
			case 'sold-below-zero':
				return m.conflict_below_zero_summary();
			case 'product-edited':
				return m.conflict_edited_summary({ count: detail.values.length });
			case 'refunded-twice':
				return m.conflict_refunded_summary({ amount: money(conflict.stake.minor) });
			case 'key-reused':
				return m.conflict_key_reused_summary();
			case 'chain-gap':
				return m.conflict_gap_summary({ count: detail.missing });
			case 'chain-forked':
				return m.conflict_forked_summary();
			case 'not-allowed':
				return m.conflict_not_allowed_summary({ count: conflict.unsettled.length });
			case 'damaged':
				return m.conflict_damaged_summary({ count: detail.found.length });
		}
	}

	function story(): string {
		switch (detail.kind) {
			case 'oversold': {
				const short = detail.shorts.at(-1);
				const late = short === undefined ? undefined : memberOf(short.entry);
				const other = members.find(({ hash }) => hash !== late?.hash && late?.hadNotSeen.includes(hash));
				if (short === undefined || late === undefined || other === undefined)
					return m.conflict_oversold_story_short({ product: productName(detail.sku) });
				const taken = units(detail.sku, short.takenMilli);
				const wasLast = short.believedMilli === 0;
				return m.conflict_oversold_story({
					...{
						did: isSale(late.entry) ? 'sold' : 'took',
						left: !wasLast ? 'more' : taken === '1' ? 'one' : 'last',
						other: isSale(other.entry) ? 'sale' : 'entry',
					},
					...{ late: doerOf(late.entry.header), lateTime: clock(late.entry.header.at), quantity: taken },
					...{ early: doerOf(other.entry.header), earlyTime: clock(other.entry.header.at) },
				});
			}
			case 'sold-below-zero':
				return m.conflict_below_zero_story({ count: members.length });
			case 'product-edited': {
				const values = detail.values.map(({ entry, value }) => m.conflict_edited_set({ who: authorOf(entry), value: valueText(value) }));
				return m.conflict_edited_story({ count: values.length, changes: joinSome(values) });
			}
			case 'refunded-twice': {
				const refunds = members.map(({ entry }) => m.conflict_who_when({ who: doerOf(entry.header), time: clock(entry.header.at) }));
				return m.conflict_refunded_story({ refunds: joinSome(refunds) });
			}
			case 'key-reused':
				return m.conflict_key_reused_story({
					who: joinSome(members.map(({ entry }) => m.conflict_who_when({ who: doerOf(entry.header), time: clock(entry.header.at) }))),
				});
			case 'chain-gap':
				return m.conflict_gap_story({ count: detail.missing, device: nameOf(detail.device) });
			case 'chain-forked': {
				const device = nameOf(detail.device);
				const receipts = detail.doubled.map(({ receipt }) => printReceipt(receipt));
				const grown = detail.sides.reduce((sum, side) => sum + side.grown, 0);
				const story =
					receipts.length === 0
						? m.conflict_forked_story({ device })
						: m.conflict_forked_story_doubled({
								...{ device, count: receipts.length },
								receipts:
									receipts.length > 5 ? m.list_and_more({ items: joinWords(receipts.slice(0, 5)), count: receipts.length - 5 }) : joinWords(receipts),
							});
				return grown === 0 ? story : `${m.conflict_forked_story_grown({ device, count: grown })} ${story}`;
			}
			case 'not-allowed':
				return m.conflict_not_allowed_story({ device: nameOf(detail.device), why: joinWords(whyNotAllowed(detail).slice(0, 3)) });
			case 'damaged':
				return m.conflict_damaged_story({
					route: routeName(detail.route),
					why: joinWords([...new Set(detail.found.map(({ reason }) => damageText(reason)))].slice(0, 3)),
				});
		}
	}

	function provisional(): string {
		switch (detail.kind) {
			case 'oversold':
			case 'sold-below-zero':
				return m.conflict_oversold_stands({ quantity: units(detail.sku, detail.onHandMilli) });
			case 'product-edited':
				return m.conflict_edited_stands({
					count: detail.values.length,
					value: detail.values
						.slice(-1)
						.map(({ value }) => valueText(value))
						.join(''),
				});
			case 'refunded-twice':
				return m.conflict_refunded_stands();
			case 'key-reused':
				return m.conflict_key_reused_stands();
			case 'chain-gap':
				return m.conflict_gap_stands();
			case 'chain-forked':
				return m.conflict_forked_stands();
			case 'not-allowed':
				return m.conflict_not_allowed_stands();
			case 'damaged':
				return m.conflict_damaged_stands();
		}
	}

	function member({ entry, hash, settledBy, hadSeen, hadNotSeen }: Member): MemberRow {
		// What came later on its own till or had heard of it is no news that it missed.
		const missed = hadNotSeen.filter((other) => memberOf(other)?.entry.header.device !== entry.header.device && !ledger.hasSeen(other, hash));
		const unseen = missed.map(whatShort);
		const seen =
			missed.length > 0
				? m.conflict_had_not_heard({
						what: unseen.length > 3 ? m.list_and_more({ items: joinWords(unseen.slice(0, 3)), count: unseen.length - 3 }) : joinWords(unseen),
					})
				: hadSeen.length > 0
					? m.conflict_knew_of({ what: joinWords(hadSeen.slice(0, 3).map(whatShort)) })
					: '';
		return {
			entry: hash,
			device: entry.header.device,
			deviceName: nameOf(entry.header.device),
			...named('personName', personName(ledger, entry.header.by)),
			atMs: entry.header.at,
			what: whatOf(entry.facts),
			seen,
			settled: settledBy !== undefined,
		};
	}

	/** The newest of the receipt numbers that exist twice, each with what bears it. */
	function doubled(): Pick<ConflictRow, 'doubled'> {
		if (detail.kind !== 'chain-forked' || detail.doubled.length === 0) return {};
		const bearer = (hash: EntryHash): string => {
			const entry = ledger.entry(hash);
			return entry === undefined ? m.conflict_entry_missing() : m.conflict_who_when({ who: whatOf(entry.facts), time: clock(entry.header.at) });
		};
		return {
			doubled: detail.doubled
				.slice(-MOST_SHOWN)
				.map(({ receipt, entries }) => m.conflict_doubled_receipt({ receipt: printReceipt(receipt), bearers: joinWords(entries.map(bearer)) })),
		};
	}

	function timeline(): Timeline {
		const shown = members.slice(-MOST_SHOWN);
		const devices = [...new Set(shown.map(({ entry }) => entry.header.device))].map((device) => ({ device, name: nameOf(device) }));
		const events = shown.flatMap(({ entry, hadNotSeen }): Timeline['events'] => {
			const { device, at } = entry.header;
			const did = { device, atMs: at, tone: 'did' as const, text: whatOf(entry.facts) };
			const apart = hadNotSeen.flatMap((hash) => {
				const other = memberOf(hash);
				return other === undefined || other.entry.header.at > at || other.entry.header.device === device
					? []
					: [{ device, atMs: other.entry.header.at, tone: 'apart' as const, text: m.conflict_did_not_hear({ what: whatShort(hash) }) }];
			});
			return [...apart.slice(0, 2), did];
		});
		return { devices, events: [...events].sort((a, b) => a.atMs - b.atMs) };
	}

	function choice(one: Choice): ChoiceRow {
		const { id, label, effect, asks } = one;
		return {
			...{ id, label: choiceLabel(id, choiceName(label), effect), effect: effectText(one), money: moneyText(one, conflict, words) },
			...(asks === undefined || (asks.type === 'entry' && asks.optional === true) ? {} : { asks: asksRow(effect, asks) }),
			...(effect.does === 'keep-devices' ? { byHub: 'owner' as const } : {}),
			...(effect.does === 'count' ? { opens: { screen: 'count', sku: effect.sku } as const } : {}),
		};
	}

	/** Choices that differ only in the entry that is kept say which. */
	function choiceLabel(id: string, label: string, effect: Effect): string {
		if (detail.kind === 'key-reused') {
			const kept = members.find(({ hash }) => id === `keep:${hash.slice(0, 16)}`);
			return kept === undefined ? label : m.conflict_choice_of({ choice: label, what: whatOf(kept.entry.facts) });
		}
		if (effect.does === 'keep-devices' && effect.devices.length === 1)
			return m.conflict_choice_of({ choice: label, what: joinSome(effect.devices.map(nameOf)) });
		if (effect.does === 'choose-answer') return m.conflict_choice_of({ choice: label, what: words.whoAndWhen(effect.entry) });
		if (conflict.detail.kind === 'counts-disagree' && effect.does === 'adjust-lines') {
			const kept = conflict.detail.counts.find(({ entry }) => id === `keep:${entry.slice(0, 16)}`);
			return kept === undefined ? label : m.conflict_choice_of({ choice: label, what: words.whoAndWhen(kept.entry) });
		}
		if (effect.does === 'move-barcode') return m.conflict_choice_of({ choice: label, what: productName(effect.to) });
		if (effect.does === 'blame-clock') return m.conflict_choice_of({ choice: label, what: nameOf(effect.device) });
		if (effect.does !== 'keep-till' || detail.kind !== 'chain-forked') return label;
		// An answer names the first entry of a side; a cashier knows which till wrote last.
		const side = detail.sides.find(({ first }) => first === effect.entry);
		if (side === undefined) return label;
		return m.conflict_choice_side({ choice: label, count: side.toSeq - side.fromSeq + 1, time: clock(side.lastAtMs) });
	}

	function asksRow(effect: Effect, asks: NonNullable<Choice['asks']>): NonNullable<ChoiceRow['asks']> {
		if (asks.type === 'entry')
			return {
				label: m.conflict_ask_which(),
				type: 'option',
				options: (asks.options ?? []).map((hash) => ({ value: hash, label: whatShort(hash) })),
			};
		if (effect.does === 'explain' || effect.does === 'recount-drawer')
			return { label: effect.does === 'explain' ? m.conflict_ask_happened() : m.conflict_ask_cash(), type: asks.type };
		if (effect.does === 'link-refund') return { label: m.conflict_ask_receipt(), type: asks.type };
		const label = effect.does === 'set-field' ? m.conflict_ask_field({ field: fieldOf(effect) }) : m.conflict_ask_value();
		const options = effect.does === 'set-field' ? fieldOptions(effect.field) : undefined;
		return options === undefined ? { label, type: asks.type } : { label, type: 'option', options };
	}

	/** Fields that are chosen, not typed. */
	function fieldOptions(field: EditedField): NonNullable<ChoiceRow['asks']>['options'] {
		switch (field) {
			case 'tracked':
				return [
					{ value: 'true', label: m.conflict_stock_counted() },
					{ value: 'false', label: m.conflict_stock_not_counted() },
				];
			case 'unit':
				return [
					{ value: 'each', label: unitName('each') },
					{ value: 'kg', label: unitName('kg') },
				];
			case 'taxRate':
				return settings.value('taxRates')?.map(({ id, name }) => ({ value: id, label: name }));
			default:
				return undefined;
		}
	}

	function effectText({ id, effect }: Choice): string {
		switch (effect.does) {
			case 'adjust':
				return effect.quantityMilli === 0
					? m.effect_adjust_none()
					: m.effect_adjust({ quantity: units(effect.sku, effect.quantityMilli), after: units(effect.sku, effect.afterMilli) });
			case 'owe': {
				const owed = effect.owed.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
				if (conflict.detail.kind === 'stale-price') return m.effect_owe_difference({ amount: money(owed), count: effect.owed.length });
				return effect.owed.length === 0 ? m.effect_owe_none() : m.effect_owe({ amount: money(owed), count: effect.owed.length });
			}
			case 'adjust-lines':
				return effect.lines.length === 0
					? m.effect_stock_stays()
					: m.effect_stock_changes({
							goods: joinSome(
								effect.lines.map(({ sku, quantityMilli }) => ofProduct(`${quantityMilli > 0 ? '+' : ''}${units(sku, quantityMilli)}`, sku)),
							),
						});
			case 'adjust-branch':
				return m.effect_stock_there({
					where: effect.branch === ledger.branch ? 'here' : 'there',
					goods: joinSome(effect.lines.map(({ sku, quantityMilli }) => ofProduct(units(sku, quantityMilli), sku))),
				});
			case 'count':
				return m.effect_count();
			case 'nothing':
				if (conflict.detail.kind === 'stale-price') return m.effect_paid_stands();
				return conflict.stake.minor > 0 && GIVES_UP.has(id) ? m.effect_nothing_lost({ amount: money(conflict.stake.minor) }) : m.effect_nothing();
			case 'note-debt':
				return m.effect_note_debt({ amount: money(effect.amountMinor) });
			case 'renumber':
				return m.effect_renumber({ devices: joinSome(effect.devices.map(nameOf)) });
			case 'move-barcode':
				return m.effect_move_barcode({ product: productName(effect.to), others: joinSome(effect.from.map(productName)), count: effect.from.length });
			case 'merge-products':
				return m.effect_merge_products({
					others: joinSome(effect.skus.map(productName)),
					product: productName(effect.into),
					count: effect.skus.length,
				});
			case 'link-refund':
				return m.effect_link_refund();
			case 'restore-product':
				return m.effect_restore({ product: productName(effect.sku) });
			case 'merge-customers':
				return m.effect_merge_customers({ count: effect.customers.length + 1 });
			case 'explain':
				return m.effect_explain();
			case 'recount-drawer':
				return m.effect_recount({ amount: money(effect.expectedMinor) });
			case 'compensate':
				return m.effect_compensate({ what: joinSome(effect.entries.map(whatShort)) });
			case 'set-field': {
				const taken =
					effect.takes === undefined || detail.kind !== 'product-edited' ? undefined : detail.values.find(({ entry }) => entry === effect.takes);
				if (taken === undefined) return m.effect_set_other({ field: fieldOf(effect) });
				if (effect.branch === undefined) return m.effect_set({ value: valueText(taken.value) });
				const there = { branch: branchText(ledger, effect.branch) };
				return taken.value === null ? m.effect_set_as_everywhere(there) : m.effect_set_in({ ...there, value: valueText(taken.value) });
			}
			case 'ask-again':
				return effect.settles ? m.effect_ask_it() : m.effect_ask_them();
			case 'declare-lost':
				return m.effect_declare_lost({ count: effect.gaps.reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0) });
			case 'let-count':
				return m.effect_let_count();
			case 'reject':
				return m.effect_reject();
			case 'cut-off':
				return m.effect_cut_off({ device: nameOf(effect.device) });
			case 'remove-device':
				return m.effect_remove_device({ device: nameOf(effect.device) });
			case 'keep-first-keys':
				return m.effect_keep_first_keys({ device: nameOf(effect.device) });
			case 'let-stand':
				return m.effect_let_stand();
			case 'keep-devices':
				return effect.devices.length === 1 ? m.effect_keep_one({ device: joinSome(effect.devices.map(nameOf)) }) : m.effect_keep_all();
			case 'choose-answer':
				return m.effect_choose_answer({ who: words.whoAndWhen(effect.entry) });
			case 'blame-clock':
				return m.effect_blame_clock({ device: nameOf(effect.device) });
			case 'fix-clock':
				return m.effect_fix_clock();
			case 'keep-till': {
				const isKept = detail.kind === 'chain-forked' && detail.sides.some(({ first, standing }) => first === effect.entry && standing === 'kept');
				return isKept ? m.effect_keep_till_still() : m.effect_keep_till();
			}
		}
	}

	function valueText(value: FieldValue): string {
		if (detail.kind === 'product-edited') {
			if (detail.field === 'price') return value === null ? m.value_as_everywhere() : formatUnitPrice(Number(value), currency);
			if (detail.field === 'tracked') return value === true ? m.value_stock_counted() : m.value_stock_not_counted();
			if (detail.field === 'unit' && (value === 'each' || value === 'kg')) return m.value_quoted({ value: unitName(value) });
			if (detail.field === 'category' && value === '') return m.value_no_category();
			if (detail.field === 'taxRate')
				return m.value_quoted({ value: settings.value('taxRates')?.find(({ id }) => id === value)?.name ?? String(value) });
		}
		if (value === null) return m.value_none();
		if (typeof value === 'object' && 'sku' in value) return ofProduct(units(value.sku, value.quantityMilli), value.sku);
		if (typeof value === 'object' && 'group' in value) return m.value_variant({ label: value.label, group: value.group });
		if (detail.kind === 'product-edited' && detail.field === 'deposit') return productName(value as Sku);
		return Array.isArray(value)
			? value.length === 0
				? m.value_no_barcode()
				: listed(value)
			: m.value_quoted({ value: String(value as string | number | boolean) });
	}

	/** A branch's own price is named with its branch. */
	function fieldOf({ field, branch }: { readonly field: EditedField; readonly branch?: BranchId }): string {
		return branch === undefined ? fieldName(field) : m.field_price_branch({ branch: branchText(ledger, branch) });
	}

	function authorOf(hash: EntryHash): string {
		const header = (memberOf(hash)?.entry ?? ledger.entry(hash))?.header;
		return header === undefined ? nameOf('' as DeviceId) : doerOf(header);
	}

	function whatShort(hash: EntryHash): string {
		const entry = memberOf(hash)?.entry ?? ledger.entry(hash);
		if (entry === undefined) return m.conflict_entry_missing();
		for (const fact of entry.facts) {
			if ('unknown' in fact || 'invalid' in fact) continue;
			if ('receipt' in fact) return printReceipt(fact.receipt);
		}
		return m.conflict_what_did({ who: doerOf(entry.header), time: clock(entry.header.at) });
	}

	function whatOf(facts: Member['entry']['facts']): string {
		const known = facts.filter((fact): fact is Fact => !('unknown' in fact) && !('invalid' in fact));
		const texts = known.flatMap((fact) => factText(fact) ?? []);
		return texts.length === 0 ? m.did_newer() : listed(texts);
	}

	function factText(fact: Fact): string | undefined {
		switch (fact.type) {
			case 'sale.completed': {
				const milli = fact.lines.filter(({ sku }) => sku === subjectSku).reduce((sum, line) => sum + line.quantityMilli, 0);
				return subjectSku === undefined || milli === 0
					? m.did_sold_for({ amount: money(fact.totalMinor), receipt: printReceipt(fact.receipt) })
					: m.did_sold({ quantity: units(subjectSku, milli), receipt: printReceipt(fact.receipt) });
			}
			case 'refund.completed':
				return m.did_gave_back({ amount: money(fact.totalMinor), receipt: printReceipt(fact.receipt) });
			case 'exchange.completed':
				return m.did_exchanged({
					way: fact.totalMinor === 0 ? 'even' : fact.totalMinor > 0 ? 'paid' : 'back',
					...{ amount: money(Math.abs(fact.totalMinor)), receipt: printReceipt(fact.receipt) },
				});
			case 'stock.adjusted':
				return m.did_adjusted({ reason: reasonText(fact.reason) });
			case 'product.created':
				return m.did_created({ name: fact.name });
			case 'product.edited':
				return m.did_changed({ fields: joinWords(Object.keys(fact.fields).map((field) => fieldName(field as EditedField))) });
			case 'price.changed':
				return m.did_price({ price: formatUnitPrice(fact.unitPriceE4, currency) });
			case 'branchPrice.changed': {
				const there = { branch: branchText(ledger, fact.branch) };
				return fact.unitPriceE4 === null
					? m.did_price_ended(there)
					: m.did_price_in({ ...there, price: formatUnitPrice(fact.unitPriceE4, currency) });
			}
			case 'refund.owed':
				return m.did_owed({ amount: money(fact.amountMinor) });
			case 'setting.changed':
				return m.did_setting({ name: settingName(fact.setting.name) });
			case 'device.enrolled':
				return m.did_enrolled({ name: fact.name });
			case 'device.revoked':
				return m.did_removed({ name: nameOf(fact.device) });
			case 'approval.given':
			case 'pin.refused':
				return undefined;
			default:
				return factTypeText(fact.type);
		}
	}

	const words: StoryWords = {
		titleOf: (kind) => titleOf(kind as Conflict['kind']),
		...{ ledger, money, units, productName, deviceName: nameOf, clock, what: whatShort },
		whoAndWhen(hash) {
			const header = (memberOf(hash)?.entry ?? ledger.entry(hash))?.header;
			return header === undefined ? m.conflict_somebody() : m.conflict_who_when({ who: doerOf(header), time: clock(header.at) });
		},
	};
	return { about, summary, story, provisional, member, doubled, timeline, choice, words };
}

/** Answers that give up what is at stake. Others that do nothing find it right as it is: a late sale counts, and nothing of it is lost. */
const GIVES_UP: ReadonlySet<Choice['id']> = new Set(['accept-loss', 'goodwill', 'fraud']);

const FIELD_WORDS = {
	name: m.field_name,
	category: m.field_category,
	unit: m.field_unit,
	gtins: m.field_gtins,
	taxRate: m.field_tax_rate,
	tracked: m.field_tracked,
	draws: m.field_draws,
	variant: m.field_variant,
	deposit: m.field_deposit,
	ageLimit: m.field_age_limit,
	price: m.field_price,
} as const;
type EditedField = keyof typeof FIELD_WORDS;
const ROUTE_WORDS: Readonly<Record<string, () => string>> = {
	own: m.route_own,
	lane: m.route_lane,
	document: m.route_document,
	'catch-up': m.route_catch_up,
	file: m.route_file,
};

function fieldName(field: EditedField): string {
	return FIELD_WORDS[field]();
}

function unitName(unit: 'each' | 'kg'): string {
	return unit === 'each' ? m.unit_each() : m.unit_kg();
}

function routeName(route: string): string {
	return ROUTE_WORDS[route]?.() ?? route;
}

function isSale({ facts }: Member['entry']): boolean {
	return facts.some((fact) => fact.type === 'sale.completed');
}
