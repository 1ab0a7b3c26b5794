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
import { clockMomentOf, clockTimeOf, tradingDayOf } from '#core/time.ts';
import { formatMoney, formatQuantity, formatUnitPrice } from '#languages/figures.ts';
import type { Header } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, EntryHash, Sku } from '#schemas/ids.ts';
import { moneyText } from './conflict-money.ts';
import { STORIES, type ToldInConflicts } from './conflict-stories/registry.ts';
import { joinSome, joinWords, type DetailOf, type Story, type StoryWords, type Told } from './conflict-stories/story.ts';
import type { ChoiceRow, ConflictRow, MemberRow, Timeline } from './rows.ts';
import { named, personName } from './drawers.ts';
import { deviceName } from './shop.ts';

export function conflictRows(ledger: Ledger, self: DeviceId): readonly ConflictRow[] {
	return ledger.conflicts().map((conflict) => conflictRow(ledger, conflict, self));
}

/** As the kind is called: `Oversold`. Undefined kinds of newer versions are called by their own name. */
export function titleOf(kind: Conflict['kind']): string {
	if (Object.hasOwn(STORIES, kind)) return STORIES[kind as keyof typeof STORIES].title;
	return Object.hasOwn(TITLES, kind) ? TITLES[kind as ToldInConflicts] : kind;
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
				title: TITLES[conflict.kind as ToldInConflicts],
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
		},
		...{ choices: choicesOn(conflict, self).map((choice) => say.choice(choice)), atMs: conflict.newestMs },
	};
}

/** Most kinds have a story of their own. */
function tellApart(conflict: Conflict, words: StoryWords): (Told & Pick<ConflictRow, 'title' | 'tone'>) | undefined {
	if (!Object.hasOwn(STORIES, conflict.kind)) return undefined;
	const story = STORIES[conflict.kind as keyof typeof STORIES] as Story<Conflict['kind']>;
	return { title: story.title, tone: story.tone, ...story.tell(conflict.detail, conflict, words) };
}

const TITLES: Readonly<Record<ToldInConflicts, string>> = {
	oversold: 'Oversold',
	'sold-below-zero': 'Sold below zero',
	'refunded-twice': 'Refunded twice',
	'key-reused': 'Recorded twice, differently',
	'product-edited': 'Edited in two places',
	'chain-gap': 'Still on their way',
	'chain-forked': 'One till, two histories',
	'not-allowed': 'Not allowed',
	damaged: 'Damaged',
};

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
	const unitOf = (sku: Sku): 'each' | 'kg' => ledger.state.products.get(sku)?.unit.value ?? 'each';
	const units = (sku: Sku, milli: number): string => formatQuantity(milli, unitOf(sku));
	// One day needs no date; what tills did apart on two days is not told without.
	const days = new Set(members.map(({ entry }) => tradingDayOf(entry.header.at, timeZone, 0)));
	const clock = (atMs: number): string =>
		days.size < 2 && (days.size === 0 || days.has(tradingDayOf(atMs, timeZone, 0))) ? clockTimeOf(atMs, timeZone) : clockMomentOf(atMs, timeZone);
	const byHash = new Map(members.map((member) => [member.hash, member]));
	const memberOf = (hash: EntryHash): Member | undefined => byHash.get(hash);
	const subjectSku = 'sku' in detail ? detail.sku : undefined;

	function about(): string {
		switch (detail.kind) {
			case 'oversold':
			case 'sold-below-zero':
				return productName(detail.sku);
			case 'product-edited':
				return `${productName(detail.sku)}: ${FIELD_WORDS[detail.field]}`;
			case 'refunded-twice': {
				const sale = ledger.state.sales.get(detail.sale);
				return sale === undefined ? 'A sale that is not here' : `${printReceipt(sale.fact.receipt)}, ${sale.fact.lines[detail.line]?.name ?? ''}`;
			}
			case 'key-reused':
				return `${members.length} entries under one key`;
			case 'chain-gap':
			case 'chain-forked':
			case 'not-allowed':
				return nameOf(detail.device);
			case 'damaged':
				return detail.document;
		}
	}

	function summary(): string {
		switch (detail.kind) {
			case 'oversold':
				return `${plural(new Set(members.map(({ entry }) => entry.header.device)).size, 'till')} sold more than there was`;
			case 'sold-below-zero':
				return 'sold although the till showed none left';
			case 'product-edited':
				return `${detail.values.length === 2 ? 'two' : detail.values.length} changes were made without knowing of each other`;
			case 'refunded-twice':
				return `${money(conflict.stake.minor)} more was given back than was sold`;
			case 'key-reused':
				return 'one intent, two contents: both count until you choose';
			case 'chain-gap':
				return `${plural(detail.missing, 'entry', 'entries')} not here yet`;
			case 'chain-forked':
				return 'its storage was copied or restored from a backup';
			case 'not-allowed':
				return `${plural(conflict.unsettled.length, 'entry', 'entries')} put aside`;
			case 'damaged':
				return `${plural(detail.found.length, 'piece')} of data that cannot be believed`;
		}
	}

	function story(): string {
		switch (detail.kind) {
			case 'oversold': {
				const short = detail.shorts.at(-1);
				const late = short === undefined ? undefined : memberOf(short.entry);
				const other = members.find(({ hash }) => hash !== late?.hash && late?.hadNotSeen.includes(hash));
				if (short === undefined || late === undefined || other === undefined)
					return `${productName(detail.sku)} was sold below zero by tills that had not heard of each other.`;
				const taken = units(detail.sku, short.takenMilli);
				const wasLast = short.believedMilli === 0;
				const what = wasLast && taken === '1' ? 'the last one' : `${wasLast ? 'the last ' : ''}${taken}`;
				const did = isSale(late.entry) ? 'sold' : 'took off';
				const its = isSale(other.entry) ? 'sale' : 'entry';
				return `${doerOf(late.entry.header)} ${did} ${what} at ${clock(late.entry.header.at)} without having heard of ${doerOf(other.entry.header)}'s ${its} at ${clock(other.entry.header.at)}.`;
			}
			case 'sold-below-zero':
				return `The till knew that there was not enough${members.length === 1 ? '' : ', more than once'}, and the goods were on the counter. The stock figure is likely wrong.`;
			case 'product-edited': {
				const values = detail.values.map(({ entry, value }) => `${authorOf(entry)} set ${valueText(value)}`);
				return `${joinSome(values)}. ${values.length === 2 ? 'Neither had heard of the other' : 'None had heard of the others'}.`;
			}
			case 'refunded-twice': {
				const refunds = members.map(({ entry }) => `${doerOf(entry.header)} at ${clock(entry.header.at)}`);
				return `The same goods were given back by ${joinSome(refunds)}, without knowing of each other.`;
			}
			case 'key-reused':
				return `${joinSome(members.map(({ entry }) => `${doerOf(entry.header)} at ${clock(entry.header.at)}`))} recorded different things under one key. A restored or copied till can do that.`;
			case 'chain-gap':
				return `Later entries of ${nameOf(detail.device)} are here, but ${plural(detail.missing, 'one', `${detail.missing}`, false)} before them ${detail.missing === 1 ? 'is' : 'are'} missing. They may come when that till, or one that knows it, is in reach.`;
			case 'chain-forked':
				return `${nameOf(detail.device)} wrote two different entries at the same place${detail.doubled.length === 0 ? '' : `, and ${plural(detail.doubled.length, 'receipt number')} ${detail.doubled.length === 1 ? 'exists' : 'exist'} twice: ${joinWords(detail.doubled.slice(0, 5).map(printReceipt))}`}. Nothing is lost; both sides count.`;
			case 'not-allowed':
				return `${nameOf(detail.device)}: ${joinWords([...new Set(detail.words)].slice(0, 3))}.`;
			case 'damaged':
				return `Bytes came by ${ROUTE_WORDS[detail.route] ?? detail.route} that do not verify: ${joinWords([...new Set(detail.found.map(({ reason }) => reason))].slice(0, 3))}. They are ignored.`;
		}
	}

	function provisional(): string {
		switch (detail.kind) {
			case 'oversold':
			case 'sold-below-zero':
				return `All sales stand. On hand: ${units(detail.sku, detail.onHandMilli)}.`;
			case 'product-edited':
				return `Until then ${valueText(detail.values.at(-1)?.value ?? '')} counts, the ${detail.values.length === 2 ? 'later of the two' : 'latest of them'}.`;
			case 'refunded-twice':
				return 'All refunds stand.';
			case 'key-reused':
				return 'Both count.';
			case 'chain-gap':
				return 'What is here counts.';
			case 'chain-forked':
				return 'Both sides count.';
			case 'not-allowed':
				return 'Put aside, and out of all totals.';
			case 'damaged':
				return 'Ignored. What is whole loads.';
		}
	}

	function member({ entry, hash, settledBy, hadSeen, hadNotSeen }: Member): MemberRow {
		// What came later on its own till or had heard of it is no news that it missed.
		const missed = hadNotSeen.filter((other) => memberOf(other)?.entry.header.device !== entry.header.device && !ledger.hasSeen(other, hash));
		const unseen = missed.map(whatShort);
		const seen =
			missed.length > 0
				? `had not heard of ${joinWords(unseen.slice(0, 3))}${unseen.length > 3 ? ` and ${unseen.length - 3} more` : ''}`
				: hadSeen.length > 0
					? `knew of ${joinWords(hadSeen.slice(0, 3).map(whatShort))}`
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
					: [{ device, atMs: other.entry.header.at, tone: 'apart' as const, text: `did not hear of ${whatShort(hash)}` }];
			});
			return [...apart.slice(0, 2), did];
		});
		return { devices, events: [...events].sort((a, b) => a.atMs - b.atMs) };
	}

	function choice(one: Choice): ChoiceRow {
		const { id, label, effect, asks } = one;
		return {
			...{ id, label: choiceLabel(id, label, effect), effect: effectText(effect), money: moneyText(one, conflict, words) },
			...(asks === undefined || (asks.type === 'entry' && asks.optional === true) ? {} : { asks: asksRow(effect, asks) }),
			...(effect.does === 'count' ? { opens: { screen: 'count', sku: effect.sku } as const } : {}),
		};
	}

	/** Choices that differ only in the entry that is kept say which. */
	function choiceLabel(id: string, label: string, effect: Effect): string {
		if (detail.kind === 'key-reused') {
			const kept = members.find(({ hash }) => id === `keep:${hash.slice(0, 16)}`);
			return kept === undefined ? label : `${label}: ${whatOf(kept.entry.facts)}`;
		}
		if (effect.does === 'keep-devices' && effect.devices.length === 1) return `${label}: ${joinSome(effect.devices.map(nameOf))}`;
		if (effect.does === 'choose-answer') return `${label}: ${words.whoAndWhen(effect.entry)}`;
		if (conflict.detail.kind === 'counts-disagree' && effect.does === 'adjust-lines') {
			const kept = conflict.detail.counts.find(({ entry }) => id === `keep:${entry.slice(0, 16)}`);
			return kept === undefined ? label : `${label}: ${words.whoAndWhen(kept.entry)}`;
		}
		if (effect.does === 'move-barcode') return `${label}: ${productName(effect.to)}`;
		if (effect.does === 'blame-clock') return `${label}: ${nameOf(effect.device)}`;
		if (effect.does !== 'keep-till' || detail.kind !== 'chain-forked') return label;
		// An answer names the first entry of a side; a cashier knows which till wrote last.
		const side = detail.sides.find(({ first }) => first === effect.entry);
		if (side === undefined) return label;
		return `${label}: ${plural(side.toSeq - side.fromSeq + 1, 'entry', 'entries')} apart, the last at ${clock(side.lastAtMs)}`;
	}

	function asksRow(effect: Effect, asks: NonNullable<Choice['asks']>): NonNullable<ChoiceRow['asks']> {
		if (asks.type === 'entry')
			return { label: 'Which one', type: 'option', options: (asks.options ?? []).map((hash) => ({ value: hash, label: whatShort(hash) })) };
		if (effect.does === 'explain' || effect.does === 'recount-drawer')
			return { label: effect.does === 'explain' ? 'What happened' : 'Cash counted', type: asks.type };
		if (effect.does === 'link-refund') return { label: 'Receipt number, as T1-000124', type: asks.type };
		const label = effect.does === 'set-field' ? `New ${FIELD_WORDS[effect.field]}` : 'Value';
		const options = effect.does === 'set-field' ? fieldOptions(effect.field) : undefined;
		return options === undefined ? { label, type: asks.type } : { label, type: 'option', options };
	}

	/** Fields that are chosen, not typed. */
	function fieldOptions(field: keyof typeof FIELD_WORDS): NonNullable<ChoiceRow['asks']>['options'] {
		switch (field) {
			case 'tracked':
				return [
					{ value: 'true', label: 'Stock is counted' },
					{ value: 'false', label: 'Stock is not counted' },
				];
			case 'unit':
				return [
					{ value: 'each', label: UNIT_WORDS.each },
					{ value: 'kg', label: UNIT_WORDS.kg },
				];
			case 'taxRate':
				return settings.value('taxRates')?.map(({ id, name }) => ({ value: id, label: name }));
			default:
				return undefined;
		}
	}

	function effectText(effect: Effect): string {
		switch (effect.does) {
			case 'adjust':
				return effect.quantityMilli === 0
					? 'Nothing is missing any more; only the answer is recorded.'
					: `Add ${units(effect.sku, effect.quantityMilli)}, stock becomes ${units(effect.sku, effect.afterMilli)}.`;
			case 'owe': {
				const owed = effect.owed.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
				if (conflict.detail.kind === 'stale-price')
					return `Note that ${money(owed)} are owed to ${plural(effect.owed.length, 'customer')}. Sales and stock stay as they are.`;
				return effect.owed.length === 0
					? 'Nobody is owed anything any more.'
					: `Note that ${money(owed)} or the goods are owed to ${plural(effect.owed.length, 'customer')}. Stock stays as it is.`;
			}
			case 'adjust-lines':
				return effect.lines.length === 0
					? 'Stock stays as it is.'
					: `Stock changes by ${joinSome(effect.lines.map(({ sku, quantityMilli }) => `${quantityMilli > 0 ? '+' : ''}${units(sku, quantityMilli)} of ${productName(sku)}`))}.`;
			case 'adjust-branch':
				return `Stock there changes by ${joinSome(effect.lines.map(({ sku, quantityMilli }) => `${units(sku, quantityMilli)} of ${productName(sku)}`))}.${effect.branch === ledger.branch ? '' : ' It is written in that branch.'}`;
			case 'count':
				return 'Count the shelf; the count becomes the stock.';
			case 'nothing':
				if (conflict.detail.kind === 'stale-price') return 'What was paid stands.';
				return `Stock and money stay as they are${conflict.stake.minor > 0 ? `; ${money(conflict.stake.minor)} is lost` : ''}.`;
			case 'note-debt':
				return `Note that the customer owes ${money(effect.amountMinor)}.`;
			case 'renumber':
				return `Give ${joinSome(effect.devices.map(nameOf))} the next free number, from the next receipt on.`;
			case 'move-barcode':
				return `Only ${productName(effect.to)} has the code; ${joinSome(effect.from.map(productName))} ${effect.from.length === 1 ? 'loses' : 'lose'} it.`;
			case 'merge-products':
				return `${joinSome(effect.skus.map(productName))} ${effect.skus.length === 1 ? 'becomes' : 'become'} ${productName(effect.into)}, with the codes and what this branch has of it.`;
			case 'link-refund':
				return 'Say which receipt it is of: what was given back counts against that sale.';
			case 'restore-product':
				return `Offer ${productName(effect.sku)} again.`;
			case 'merge-customers':
				return `Make one customer of ${effect.customers.length + 1}: credit and history go together.`;
			case 'explain':
				return 'Say why; it stands as counted, with your words beside it.';
			case 'recount-drawer':
				return `Count the drawer again; ${money(effect.expectedMinor)} should be in it.`;
			case 'compensate':
				return `Take back what ${joinSome(effect.entries.map(whatShort))} did to stock and money.`;
			case 'set-field': {
				const taken =
					effect.takes === undefined || detail.kind !== 'product-edited' ? undefined : detail.values.find(({ entry }) => entry === effect.takes);
				return taken === undefined ? `Set another ${FIELD_WORDS[effect.field]}.` : `Set ${valueText(taken.value)} everywhere.`;
			}
			case 'ask-again':
				return effect.settles ? 'Ask every till and hub for it again.' : 'Ask every till and hub for them again.';
			case 'declare-lost':
				return `Stop waiting for ${plural(
					effect.gaps.reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0),
					'entry',
					'entries',
				)}. Should they come after all, they count.`;
			case 'let-count':
				return 'Let them count from now on, in your name.';
			case 'reject':
				return 'Leave them out for good; they stay on record.';
			case 'cut-off':
				return `Remove ${nameOf(effect.device)} from the shop.`;
			case 'let-stand':
				return 'Let them stand as they are.';
			case 'keep-devices':
				return effect.devices.length === 1
					? `${joinSome(effect.devices.map(nameOf))} stays; what it wrote against others holds.`
					: 'All stay; none of the removals holds.';
			case 'choose-answer':
				return `Let the answer of ${words.whoAndWhen(effect.entry)} hold; what the others made up beside it is void.`;
			case 'blame-clock':
				return `Times that ${nameOf(effect.device)} wrote down are not to be relied on. Set its clock right on that device.`;
			case 'fix-clock':
				return 'Set the clock right on the device itself; this notes that it was done.';
			case 'keep-till':
				return 'This one goes on as the till; the other must join anew.';
		}
	}

	function valueText(value: FieldValue): string {
		if (detail.kind === 'product-edited') {
			if (detail.field === 'price' && typeof value === 'number') return formatUnitPrice(value, currency);
			if (detail.field === 'tracked') return value === true ? '“stock is counted”' : '“stock is not counted”';
			if (detail.field === 'unit' && (value === 'each' || value === 'kg')) return `“${UNIT_WORDS[value]}”`;
			if (detail.field === 'category' && value === '') return 'no category';
			if (detail.field === 'taxRate') return `“${settings.value('taxRates')?.find(({ id }) => id === value)?.name ?? String(value)}”`;
		}
		if (value === null) return 'none';
		if (typeof value === 'object' && 'sku' in value) return `${units(value.sku, value.quantityMilli)} of ${productName(value.sku)}`;
		if (typeof value === 'object' && 'group' in value) return `“${value.label}” of “${value.group}”`;
		if (detail.kind === 'product-edited' && detail.field === 'deposit') return productName(value as Sku);
		return Array.isArray(value) ? (value.length === 0 ? 'no barcode' : value.join(', ')) : `“${String(value as string | number | boolean)}”`;
	}

	function authorOf(hash: EntryHash): string {
		const header = (memberOf(hash)?.entry ?? ledger.entry(hash))?.header;
		return header === undefined ? nameOf('' as DeviceId) : doerOf(header);
	}

	function whatShort(hash: EntryHash): string {
		const entry = memberOf(hash)?.entry ?? ledger.entry(hash);
		if (entry === undefined) return 'an entry that is not here';
		for (const fact of entry.facts) {
			if ('unknown' in fact || 'invalid' in fact) continue;
			if ('receipt' in fact) return printReceipt(fact.receipt);
		}
		return `what ${doerOf(entry.header)} did at ${clock(entry.header.at)}`;
	}

	function whatOf(facts: Member['entry']['facts']): string {
		const known = facts.filter((fact): fact is Fact => !('unknown' in fact) && !('invalid' in fact));
		const texts = known.flatMap((fact) => factText(fact) ?? []);
		return texts.length === 0 ? 'wrote something of a newer version' : texts.join(', ');
	}

	function factText(fact: Fact): string | undefined {
		switch (fact.type) {
			case 'sale.completed': {
				const milli = fact.lines.filter(({ sku }) => sku === subjectSku).reduce((sum, line) => sum + line.quantityMilli, 0);
				return subjectSku === undefined || milli === 0
					? `sold for ${money(fact.totalMinor)} · ${printReceipt(fact.receipt)}`
					: `sold ${units(subjectSku, milli)} · ${printReceipt(fact.receipt)}`;
			}
			case 'refund.completed':
				return `gave back ${money(fact.totalMinor)} · ${printReceipt(fact.receipt)}`;
			case 'exchange.completed':
				return `exchanged goods${fact.totalMinor === 0 ? '' : fact.totalMinor > 0 ? ` for ${money(fact.totalMinor)}` : `, gave back ${money(-fact.totalMinor)}`} · ${printReceipt(fact.receipt)}`;
			case 'stock.received':
				return 'received goods';
			case 'stock.adjusted':
				return `adjusted stock (${fact.reason})`;
			case 'stock.counted':
				return 'counted';
			case 'product.created':
				return `created ${fact.name}`;
			case 'product.edited':
				return `changed ${joinWords(Object.keys(fact.fields).map((field) => FIELD_WORDS[field as keyof typeof FIELD_WORDS]))}`;
			case 'price.changed':
				return `set the price to ${formatUnitPrice(fact.unitPriceE4, currency)}`;
			case 'product.retired':
				return 'retired the product';
			case 'refund.owed':
				return `noted ${money(fact.amountMinor)} as owed`;
			case 'correction.made':
				return 'took back what an earlier entry did';
			case 'setting.changed':
				return `changed the setting ${fact.setting.name}`;
			case 'conflict.resolved':
				return 'answered';
			case 'device.enrolled':
				return `enrolled ${fact.name}`;
			case 'device.revoked':
				return `removed ${nameOf(fact.device)}`;
			case 'entries.declaredLost':
				return 'declared entries lost';
			case 'relay.joined':
				return 'joined a relay';
			default:
				return FACT_WORDS[fact.type];
		}
	}

	const words: StoryWords = {
		...{ ledger, money, units, productName, deviceName: nameOf, clock, what: whatShort },
		whoAndWhen(hash) {
			const header = (memberOf(hash)?.entry ?? ledger.entry(hash))?.header;
			return header === undefined ? 'somebody who is not known here' : `${doerOf(header)} at ${clock(header.at)}`;
		},
	};
	return { about, summary, story, provisional, member, timeline, choice, words };
}

/** Facts whose figures matter to no conflict told here. */
const FACT_WORDS: Readonly<Partial<Record<Fact['type'], string>>> = {
	'product.restored': 'brought the product back',
	'product.merged': 'merged two products',
	'count.opened': 'opened a stock take',
	'count.closed': 'closed a stock take',
	'transfer.sent': 'sent goods to another branch',
	'transfer.received': 'received goods from another branch',
	'supplier.changed': 'changed a supplier',
	'supply.changed': 'changed what a supplier has',
	'levels.set': 'set when goods are ordered again',
	'order.placed': 'ordered goods',
	'order.changed': 'changed an order',
	'order.closed': 'closed an order',
	'refund.claimed': 'refunded a sale of another branch',
	'debt.noted': 'noted what a customer owes',
	'shift.opened': 'opened a shift',
	'cash.moved': 'moved cash',
	'drawer.opened': 'opened the drawer',
	'shift.closed': 'closed a shift',
	'z.closed': 'closed a Z',
	'day.reported': 'printed the report of a day',
	'customer.created': 'wrote down a customer',
	'customer.edited': 'changed a customer',
	'customer.merged': 'merged two customers',
	'customer.forgotten': 'forgot a customer',
	'credit.given': 'gave store credit',
	'credit.used': 'took store credit in payment',
	'person.added': 'added a person',
	'person.changed': 'changed a person',
	'person.pinReset': 'reset a PIN',
	'person.disabled': 'let a person go',
	'device.renamed': 'renamed a device',
};

const FIELD_WORDS = {
	name: 'name',
	category: 'category',
	unit: 'unit',
	gtins: 'barcodes',
	taxRate: 'tax rate',
	tracked: 'stock keeping',
	draws: 'contents',
	variant: 'variant',
	deposit: 'deposit',
	ageLimit: 'age limit',
	price: 'price',
} as const;
const UNIT_WORDS = { each: 'by the piece', kg: 'by weight' } as const;
const ROUTE_WORDS: Readonly<Record<string, string>> = {
	own: 'the own disk',
	lane: 'the live lane',
	document: 'document sync',
	'catch-up': 'catch-up',
	file: 'a file',
};

function isSale({ facts }: Member['entry']): boolean {
	return facts.some((fact) => fact.type === 'sale.completed');
}

function plural(count: number, one: string, many = `${one}s`, withCount = true): string {
	const word = count === 1 ? one : many;
	return withCount ? `${count} ${word}` : word;
}
