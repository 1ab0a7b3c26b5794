/**
 * What the shop must believe, said a second time by somebody who has not read the fold.
 *
 * Plain and slow on purpose: every question is answered from the list of entries, by walking from hash to hash. It imports nothing of `core/ledger` and
 * `core/conflict`, and knows only the facts that the simulator's people write; to teach it a new one, add it to `RIGHTS` and to the part that it changes.
 *
 * 1. An entry's past is what its chain says through `prev`, and what the marks in `seen` along that chain cover.
 * 2. What counts: entries within their rights, whose figures agree, whose clock is after all they saw; and those that somebody let count.
 * 3. On hand is the last count that stands, and every movement that is not in it.
 */
import type { DecodedFact, Header } from '#schemas/entry.ts';
import type { Fact, FactType } from '#schemas/facts/registry.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { Hlc, Mark } from '#schemas/mark.ts';

export interface ModelEntry {
	readonly hash: EntryHash;
	readonly header: Header;
	readonly facts: readonly DecodedFact[];
}

export interface Prediction {
	/** By SKU. */
	readonly products: Readonly<Record<string, PredictedProduct>>;
	/** Thousandths by SKU, of every SKU that anything moved. */
	readonly onHandMilli: Readonly<Record<string, number>>;
	/** By entry. */
	readonly sales: Readonly<Record<string, { readonly counts: boolean; readonly isTakenBack: boolean; readonly refundedMilli: readonly number[] }>>;
	/** Refunds that count and were not taken back. */
	readonly refunds: readonly string[];
	/** By kind of tender: what came in less what went out. */
	readonly takingsMinor: Readonly<Record<string, number>>;
	/** By entry, with the reason. */
	readonly quarantined: Readonly<Record<string, string>>;
}

export interface PredictedProduct {
	readonly name: string;
	readonly category: string;
	readonly tracked: boolean;
	readonly unitPriceE4: number | undefined;
	/** Of this branch alone. */
	readonly ownPriceE4: number | null | undefined;
	readonly isRetired: boolean;
}

export interface ModelShop {
	readonly branch: string;
	/** What each device's certificate grants. */
	readonly rightsOf: (device: string) => readonly string[] | undefined;
	readonly isHub: (device: string) => boolean;
}

const RIGHTS: { readonly [Type in FactType]?: readonly [right: string, scope: 'branch' | 'store' | 'either'] } = {
	'product.created': ['products', 'store'],
	'product.edited': ['products', 'store'],
	'product.retired': ['products', 'store'],
	'price.changed': ['products', 'store'],
	'branchPrice.changed': ['products', 'store'],
	'stock.received': ['stock', 'branch'],
	'stock.adjusted': ['stock', 'branch'],
	'stock.counted': ['stock', 'branch'],
	'sale.completed': ['sell', 'branch'],
	'refund.completed': ['refund', 'branch'],
	'exchange.completed': ['refund', 'branch'],
	'refund.claimed': ['refund', 'store'],
	'refund.owed': ['resolve', 'branch'],
	'correction.made': ['resolve', 'branch'],
	'conflict.resolved': ['resolve', 'either'],
	'setting.changed': ['settings', 'store'],
	'device.enrolled': ['enrol', 'store'],
	'device.revoked': ['revoke', 'store'],
	'entries.declaredLost': ['declare-lost', 'either'],
	'relay.joined': ['join-relay', 'store'],
};

export function predict(entries: readonly ModelEntry[], { branch, rightsOf, isHub }: ModelShop): Prediction {
	const ordered = [...entries].sort(inLedgerOrder);
	const past = pastOf(ordered);

	// ——— who is heard

	const problems = new Map<EntryHash, string>();
	for (const entry of ordered) {
		const broken = brokenWords(entry);
		if (broken !== undefined) problems.set(entry.hash, 'broken-fact');
		else if (past.named(entry).some(({ header }) => compareHlc(header.hlc, entry.header.hlc) >= 0)) problems.set(entry.hash, 'clock');
	}
	const revocations = ordered
		.filter(({ hash, header }) => !problems.has(hash) && rightsOf(header.device)?.includes('revoke') === true)
		.flatMap((by) => factsOf(by.facts, 'device.revoked').map((fact) => ({ ...fact, by })))
		.filter(({ device, by }) => isHub(by.header.device) || !isHub(device));
	for (const entry of ordered) {
		const { device } = entry.header;
		const isBeyond = revocations.some(
			(one) => one.device === device && !past.saw(one.by, entry) && !one.marks.some((mark) => past.isCoveredBy(mark, entry)),
		);
		const lacks = knownFacts(entry).some(({ type }) => RIGHTS[type] !== undefined && rightsOf(device)?.includes(RIGHTS[type][0]) === false);
		// A till neither removes nor enrols a hub, whatever it may otherwise.
		const reaches = factsOf(entry.facts, 'device.revoked')
			.concat(factsOf(entry.facts, 'device.enrolled') as never[])
			.some((fact) => isHub(fact.device));
		const isTooFar = reaches && !isHub(device);
		if (isBeyond) problems.set(entry.hash, 'revoked');
		else if ((lacks || isTooFar) && !problems.has(entry.hash)) problems.set(entry.hash, 'no-right');
	}

	// ——— what people answered

	const settledBy = new Map<string, ModelEntry>();
	const overtaken = new Set<EntryHash>();
	const verdicts = new Map<EntryHash, { readonly by: ModelEntry; readonly choice: string }>();
	for (const entry of ordered) {
		const answers = factsOf(entry.facts, 'conflict.resolved').filter(
			({ conflict }) => conflict.branch === (entry.header.scope === 'store' ? undefined : branch),
		);
		if (answers.length === 0 || problems.has(entry.hash)) continue;
		const before = answers.flatMap(({ conflict, members }) =>
			members.map((member) => settledBy.get(`${conflict.kind}|${conflict.branch ?? ''}|${conflict.subject}|${member}`)),
		);
		if (before.every((one) => one !== undefined) && before.some((one) => one !== undefined && !past.saw(entry, one))) overtaken.add(entry.hash);
		for (const { conflict, members, choice } of answers) {
			for (const member of [...members, entry.hash]) {
				const name = `${conflict.kind}|${conflict.branch ?? ''}|${conflict.subject}|${member}`;
				if (!settledBy.has(name)) settledBy.set(name, entry);
				const verdict = verdicts.get(member);
				if (conflict.kind === 'not-allowed' && (verdict === undefined || past.saw(entry, verdict.by))) verdicts.set(member, { by: entry, choice });
			}
		}
	}
	const counts = (entry: ModelEntry): boolean => !problems.has(entry.hash) || verdicts.get(entry.hash)?.choice === 'accept';
	const counting = ordered.filter(counts);
	const isVoid = ({ hash }: ModelEntry): boolean => overtaken.has(hash);
	const takenBack = new Set(
		counting.filter((entry) => !isVoid(entry)).flatMap(({ facts }) => factsOf(facts, 'correction.made').map((fact) => fact.corrects)),
	);

	// ——— money

	const sales: Record<string, Prediction['sales'][string]> = {};
	const refunds: string[] = [];
	const takingsMinor: Record<string, number> = {};
	for (const entry of ordered) {
		const stands = counts(entry) && !takenBack.has(entry.hash);
		for (const fact of [...factsOf(entry.facts, 'sale.completed'), ...factsOf(entry.facts, 'exchange.completed')]) {
			const refundedMilli = fact.lines.map((_, index) =>
				sum(
					counting
						.filter(({ hash }) => !takenBack.has(hash))
						.flatMap(({ facts }) => [
							...factsOf(facts, 'refund.completed'),
							...factsOf(facts, 'refund.claimed').filter(({ home }) => home === branch),
							...factsOf(facts, 'exchange.completed').map(({ sale, returned }) => ({ sale, lines: returned })),
						])
						.filter(({ sale }) => sale === entry.hash)
						.flatMap(({ lines }: { readonly lines: readonly { readonly saleLine?: number | undefined; readonly quantityMilli: number }[] }) =>
							lines.filter(({ saleLine }) => saleLine === index).map(({ quantityMilli }) => quantityMilli),
						),
				),
			);
			sales[entry.hash] = { counts: counts(entry), isTakenBack: takenBack.has(entry.hash), refundedMilli };
			if (stands) for (const { type, amountMinor } of fact.tenders) takingsMinor[type] = (takingsMinor[type] ?? 0) + amountMinor;
		}
		for (const fact of factsOf(entry.facts, 'refund.completed')) {
			if (!stands) continue;
			refunds.push(entry.hash);
			for (const { type, amountMinor } of fact.tenders) takingsMinor[type] = (takingsMinor[type] ?? 0) - amountMinor;
		}
	}

	return {
		products: predictProducts(
			counting.filter((entry) => !isVoid(entry)),
			past,
			branch,
		),
		onHandMilli: predictStock({ ordered, counting, isVoid, takenBack, past }),
		...{ sales, refunds: refunds.sort(), takingsMinor },
		quarantined: Object.fromEntries(ordered.filter((entry) => !counts(entry)).map(({ hash }) => [hash, problems.get(hash) ?? ''])),
	};
}

// ——— stock

function predictStock({
	ordered,
	counting,
	isVoid,
	takenBack,
	past,
}: {
	readonly ordered: readonly ModelEntry[];
	readonly counting: readonly ModelEntry[];
	readonly isVoid: (entry: ModelEntry) => boolean;
	readonly takenBack: ReadonlySet<EntryHash>;
	readonly past: Past;
}): Record<string, number> {
	const onHandMilli: Record<string, number> = {};
	for (const sku of new Set(ordered.flatMap(skusOf))) {
		const standing = counting.filter(({ hash }) => !takenBack.has(hash));
		const lastCount = standing.flatMap((entry) =>
			factsOf(entry.facts, 'stock.counted').flatMap(({ lines }) => lines.filter((line) => line.sku === sku).map((line) => ({ entry, line }))),
		);
		const count = lastCount.at(-1);
		const isInCount = (entry: ModelEntry): boolean => {
			if (count === undefined) return false;
			if (entry === count.entry) return true;
			const { asOf } = count.line;
			if (asOf.marks.some((mark) => past.isCoveredBy(mark, entry))) return true;
			if (past.saw(count.entry, entry) || past.saw(entry, count.entry)) return false;
			return compareHlc(entry.header.hlc, asOf.hlc) <= 0 && inLedgerOrder(entry, count.entry) < 0;
		};
		const moved = standing.filter((entry) => !isInCount(entry)).map((entry) => movedBy(entry, sku, isVoid(entry)));
		onHandMilli[sku] = (count?.line.quantityMilli ?? 0) + sum(moved);
	}
	return onHandMilli;
}

/** What an answer that came second had made up is void; what it counted and sold is not. */
function movedBy({ facts }: ModelEntry, sku: string, isOvertaken: boolean): number {
	const of = (lines: readonly { readonly sku?: string | undefined; readonly quantityMilli: number }[]): number =>
		sum(lines.filter((line) => line.sku === sku).map(({ quantityMilli }) => quantityMilli));
	return sum(
		facts.map((fact) => {
			if ('unknown' in fact || 'invalid' in fact) return 0;
			switch (fact.type) {
				case 'stock.received':
					return of(fact.lines);
				case 'stock.adjusted':
					return isOvertaken ? 0 : of(fact.lines);
				case 'sale.completed':
					return -of(offShelf(fact.lines));
				case 'exchange.completed':
					return of(fact.returned.filter(({ restock }) => restock)) - of(offShelf(fact.lines));
				case 'refund.completed':
					return of(fact.lines.filter(({ restock }) => restock));
				default:
					return 0;
			}
		}),
	);
}

/** Goods that lie with the returned ones are on no shelf. */
function offShelf<Line extends { readonly resaleOf?: unknown }>(lines: readonly Line[]): readonly Line[] {
	return lines.filter(({ resaleOf }) => resaleOf === undefined);
}

function skusOf({ facts }: ModelEntry): readonly string[] {
	return facts.flatMap((fact) => {
		if ('unknown' in fact || 'invalid' in fact) return [];
		switch (fact.type) {
			case 'stock.received':
			case 'stock.adjusted':
			case 'stock.counted':
				return fact.lines.map(({ sku }) => sku as string);
			case 'sale.completed':
				return offShelf(fact.lines).flatMap(({ sku }) => (sku === undefined ? [] : [sku as string]));
			case 'exchange.completed':
				return [...offShelf(fact.lines), ...fact.returned.filter(({ restock }) => restock)].flatMap(({ sku }) =>
					sku === undefined ? [] : [sku as string],
				);
			case 'refund.completed':
				return fact.lines.flatMap(({ sku, restock }) => (sku === undefined || !restock ? [] : [sku as string]));
			default:
				return [];
		}
	});
}

// ——— products

function predictProducts(entries: readonly ModelEntry[], past: Past, branch: string): Record<string, PredictedProduct> {
	const products: Record<string, PredictedProduct> = {};
	const creations = entries.flatMap((entry) => factsOf(entry.facts, 'product.created').map((fact) => ({ entry, fact })));
	for (const sku of new Set(creations.map(({ fact }) => fact.sku as string))) {
		const made = creations.filter(({ fact }) => fact.sku === sku);
		const edits = entries.flatMap((entry) => factsOf(entry.facts, 'product.edited').flatMap((fact) => (fact.sku === sku ? [{ entry, fact }] : [])));
		const prices = entries.flatMap((entry) =>
			factsOf(entry.facts, 'price.changed').flatMap((fact) => (fact.sku === sku && !isPlanned(entry, fact) ? [{ entry, fact }] : [])),
		);
		const retirements = entries.filter(({ facts }) => factsOf(facts, 'product.retired').some((fact) => fact.sku === sku));
		const field = <Value>(which: 'name' | 'category' | 'tracked'): Value =>
			standing([
				...made.map(({ entry, fact }) => ({ entry, value: fact[which] as Value, replaces: (other: ModelEntry) => past.saw(entry, other) })),
				...edits.flatMap(({ entry, fact }) => {
					const edit = fact.fields[which] as { readonly value: Value; readonly replaces: readonly EntryHash[] } | undefined;
					return edit === undefined ? [] : [{ entry, value: edit.value, replaces: (other: ModelEntry) => edit.replaces.includes(other.hash) }];
				}),
			]) as Value;
		products[sku] = {
			...{ name: field<string>('name'), category: field<string>('category'), tracked: field<boolean>('tracked') },
			unitPriceE4: standing(
				prices.map(({ entry, fact }) => ({
					...{ entry, value: fact.unitPriceE4 },
					replaces: (other: ModelEntry) => (fact.replaces as readonly string[]).includes(other.hash),
				})),
			),
			ownPriceE4: standing(
				entries.flatMap((entry) =>
					factsOf(entry.facts, 'branchPrice.changed')
						.filter((fact) => fact.sku === sku && fact.branch === branch && !isPlanned(entry, fact))
						.map((fact) => ({
							...{ entry, value: fact.unitPriceE4 },
							replaces: (other: ModelEntry) => (fact.replaces as readonly string[]).includes(other.hash),
						})),
				),
			),
			isRetired: retirements.some((retirement) => !made.some(({ entry }) => past.saw(entry, retirement))),
		};
	}
	return products;
}

/** A price for later stands nowhere yet. */
function isPlanned({ header: { at } }: ModelEntry, { fromMs }: Readonly<Record<string, unknown>>): boolean {
	return typeof fromMs === 'number' && fromMs > at;
}

/** Of what nobody replaced the last in ledger order. */
function standing<Value>(
	said: readonly { readonly entry: ModelEntry; readonly value: Value; readonly replaces: (other: ModelEntry) => boolean }[],
): Value | undefined {
	return said
		.filter((one) => !said.some((other) => other.entry !== one.entry && other.replaces(one.entry)))
		.sort((a, b) => inLedgerOrder(a.entry, b.entry))
		.at(-1)?.value;
}

// ——— what is wrong with an entry by itself

function brokenWords({ facts, header }: ModelEntry): string | undefined {
	let receipts = 0;
	for (const fact of facts) {
		if ('unknown' in fact) continue;
		if ('invalid' in fact) return fact.invalid;
		const scope = RIGHTS[fact.type]?.[1];
		if (scope !== undefined && scope !== 'either' && scope !== header.scope) return 'the wrong scope';
		if (fact.type !== 'sale.completed' && fact.type !== 'refund.completed' && fact.type !== 'exchange.completed') continue;
		receipts += 1;
		if (receipts > 1) return 'two receipts';
		const backMinor = fact.type === 'exchange.completed' ? sum(fact.returned.map((line) => line.totalMinor)) : 0;
		if (sum(fact.lines.map((line) => line.totalMinor)) - backMinor + fact.roundingMinor !== fact.totalMinor) return 'lines are not the total';
		if (sum(fact.tenders.map(({ amountMinor }) => amountMinor)) !== fact.totalMinor) return 'tenders are not the total';
	}
	return undefined;
}

// ——— who had seen what

interface Past {
	/** Whether the author of `a` had seen `b`. */
	saw(a: ModelEntry, b: ModelEntry): boolean;
	/** The entries that this one names as seen by itself: the one before it, and the marks that it writes. */
	named(entry: ModelEntry): readonly ModelEntry[];
	isCoveredBy(mark: Mark, entry: ModelEntry): boolean;
}

function pastOf(entries: readonly ModelEntry[]): Past {
	const byHash = new Map(entries.map((entry) => [entry.hash, entry]));
	const chains = new Map<string, ModelEntry[]>();
	for (const entry of entries) chains.set(chainOf(entry.header), [...(chains.get(chainOf(entry.header)) ?? []), entry]);
	const ancestors = new Map<EntryHash, ReadonlySet<EntryHash>>();
	const vectors = new Map<EntryHash, ReadonlyMap<string, readonly [seq: number, hashStart: string]>>();

	function before(entry: ModelEntry): ModelEntry | undefined {
		return entry.header.prev === undefined ? undefined : byHash.get(entry.header.prev);
	}

	/** Itself and all before it on its side of the chain. */
	function lineOf(entry: ModelEntry): ReadonlySet<EntryHash> {
		let line = ancestors.get(entry.hash);
		if (line === undefined) {
			const walked: EntryHash[] = [];
			for (let one: ModelEntry | undefined = entry; one !== undefined; one = before(one)) walked.push(one.hash);
			ancestors.set(entry.hash, (line = new Set(walked)));
		}
		return line;
	}

	function vectorOf(entry: ModelEntry): ReadonlyMap<string, readonly [number, string]> {
		let vector = vectors.get(entry.hash);
		if (vector === undefined) {
			const line: ModelEntry[] = [];
			for (let one: ModelEntry | undefined = entry; one !== undefined; one = before(one)) line.unshift(one);
			const grown = new Map<string, readonly [number, string]>();
			for (const { header } of line) for (const [device, scope, seq, hashStart] of header.seen) grown.set(`${device}:${scope}`, [seq, hashStart]);
			vectors.set(entry.hash, (vector = grown));
		}
		return vector;
	}

	function isUpTo(entry: ModelEntry, seq: number, hashStart: string): boolean {
		if (entry.header.seq > seq) return false;
		if (entry.header.seq === seq) return entry.hash.startsWith(hashStart);
		const chain = chains.get(chainOf(entry.header)) ?? [];
		const end = chain.find((one) => one.header.seq === seq && one.hash.startsWith(hashStart));
		if (end !== undefined) return lineOf(end).has(entry.hash);
		// The mark's own entry is not here: below the first place where sides part, both have it in common.
		const firstFork = Math.min(
			...chain.filter((one) => chain.some((other) => other !== one && other.header.seq === one.header.seq)).map((one) => one.header.seq),
		);
		return entry.header.seq < firstFork;
	}

	return {
		saw(a, b) {
			if (a === b) return false;
			if (chainOf(a.header) === chainOf(b.header)) return lineOf(a).has(b.hash);
			const mark = vectorOf(a).get(chainOf(b.header));
			return mark !== undefined && isUpTo(b, mark[0], mark[1]);
		},
		named(entry) {
			const seen = entry.header.seen.flatMap(([device, scope, seq, hashStart]) =>
				(chains.get(`${device}:${scope}`) ?? []).filter(({ header, hash }) => header.seq === seq && hash.startsWith(hashStart)),
			);
			return [before(entry), ...seen].filter((one) => one !== undefined);
		},
		isCoveredBy: (mark, entry) => mark.device === entry.header.device && mark.scope === entry.header.scope && isUpTo(entry, mark.seq, mark.hash),
	};
}

function chainOf({ device, scope }: Header): string {
	return `${device.slice(0, 16)}:${scope === 'branch' ? 'b' : 's'}`;
}

// ——— small things

function inLedgerOrder(a: ModelEntry, b: ModelEntry): number {
	return (
		compareHlc(a.header.hlc, b.header.hlc) || compare(a.header.device, b.header.device) || a.header.seq - b.header.seq || compare(a.hash, b.hash)
	);
}

function compareHlc(a: Hlc, b: Hlc): number {
	return a[0] - b[0] || a[1] - b[1];
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

function knownFacts({ facts }: ModelEntry): readonly Fact[] {
	return facts.filter((fact): fact is Fact => !('unknown' in fact) && !('invalid' in fact));
}

function factsOf<Type extends FactType>(facts: readonly DecodedFact[], type: Type): readonly Extract<Fact, { readonly type: Type }>[] {
	return facts.filter((fact): fact is Extract<Fact, { readonly type: Type }> => !('unknown' in fact) && !('invalid' in fact) && fact.type === type);
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((all, one) => all + one, 0);
}
