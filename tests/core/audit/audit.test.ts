/** Invariants of `core/audit/audit.ts`: every kind of damage on every entry of a ledger with real signatures is named exactly. */
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { compareStored } from '#core/audit/checks/places.ts';
import type { Finding } from '#core/audit/finding.ts';
import { joinSealed, splitSealed } from '#core/entry/codec.ts';
import { readArchive, writeArchive } from '#engine/archive.ts';
import { auditSource, type AuditSource } from '#engine/audit.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Mark } from '#schemas/mark.ts';
import { expect, test } from 'vitest';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { seenKey, seenOfMark } from '#core/entry/seen.ts';
import { latestHlc, NO_HLC } from '#core/entry/hlc.ts';
import { findingWords } from '#server/ledger/finding-words.ts';
import { openSealingShop, type SealingTill } from '../../support/sealing-till.ts';

const digest = createDigest();
const shop = await openSealingShop();

/** Two tills that hear each other before every sale: each entry but the very last two is seen by another device. */
async function openDay(sales: number): Promise<{ readonly entries: readonly Entry[]; readonly tills: readonly SealingTill[] }> {
	const tills: SealingTill[] = [];
	let nowMs = 1_800_000_000_000;
	for (const other of [1, 0]) {
		tills.push(
			await shop.till({
				...{ vault: createMemoryVault(), nowMs: () => nowMs },
				seen() {
					const last = tills[other]?.told.at(-1);
					if (last === undefined) return { vector: new Map(), hlc: NO_HLC };
					const mark = seenOfMark({ device: last.header.device, scope: last.header.scope, seq: last.header.seq, hash: last.hash });
					return { vector: new Map([[seenKey(mark), mark]]), hlc: latestHlc(NO_HLC, last.header.hlc) };
				},
			}),
		);
	}
	for (let n = 0; n < sales; n += 1) {
		nowMs += 60_000;
		for (const till of tills) await till.sell(`${till.signer.device.slice(0, 8)}-${n}`);
	}
	return { tills, entries: tills.flatMap(({ told }) => told).sort(compareStored) };
}

const { entries, tills } = await openDay(6);
const certificates = tills.map(({ chain }) => chain);
const ends = (of: readonly Entry[]): readonly Mark[] =>
	tills.flatMap(({ signer }) => {
		const last = of.filter(({ header }) => header.device === signer.device).at(-1);
		return last === undefined ? [] : [{ device: signer.device, scope: 'branch' as const, seq: last.header.seq, hash: last.hash }];
	});

async function findingsIn(sealed: readonly Uint8Array[], changes: Partial<AuditSource> = {}): Promise<readonly Finding[]> {
	const source: AuditSource = {
		...{ store: shop.store, certificates, isSorted: true, findings: [], witnesses: [{ by: 'the manifest', marks: ends(entries) }] },
		stored: sealed.map((one, place) => ({ at: `piece ${place + 1}`, sealed: one })),
		...changes,
	};
	return (await auditSource(source, digest)).findings;
}

const sealedOf = (list: readonly Entry[]): readonly Uint8Array[] => list.map(({ sealed }) => sealed);
const named = ({ header }: Entry): Partial<Finding> => ({ device: header.device, scope: header.scope, seq: header.seq });

test('2: an untouched ledger gives no finding', async () => {
	expect(await findingsIn(sealedOf(entries))).toEqual([]);
});

test('1: one bit flipped anywhere in any entry is named as that entry, or as a piece that is none', async () => {
	for (const [index, entry] of entries.entries())
		for (const at of [3, 40, 90, 150, entry.sealed.length - 1]) {
			const flipped = entry.sealed.map((byte, place) => (place === at ? byte ^ 1 : byte));
			const found = await findingsIn(sealedOf(entries).map((one, place) => (place === index ? flipped : one)));
			expect(
				found.some(({ kind, why }) => kind === 'altered' && 'at' in why && why.at === `piece ${index + 1}`),
				`${index} at ${at}`,
			).toBe(true);
			expect(
				found.some((finding) => finding.seq === entry.header.seq && finding.device === entry.header.device),
				`${index} at ${at}`,
			).toBe(true);
		}
});

test('1: any entry that is taken out is named with its hash, or where it was the last, by how many are gone', async () => {
	for (const entry of entries) {
		const found = await findingsIn(sealedOf(entries.filter((one) => one !== entry)));
		const isLast = entry.header.seq === 6;
		expect(found).toContainEqual(expect.objectContaining({ kind: isLast ? 'cut-off' : 'missing', ...named(entry), hash: entry.hash }));
	}
});

test('1: a tail that was cut off is witnessed by the other till’s entries, without any manifest', async () => {
	const [till, other] = tills;
	const left = entries.filter(({ header }) => header.device !== till?.signer.device || header.seq <= 3);
	const found = await findingsIn(sealedOf(left), { witnesses: [] });
	expect(found).toHaveLength(1);
	expect(found[0]).toMatchObject({ kind: 'cut-off', device: till?.signer.device, scope: 'branch', seq: 6 });
	expect(other?.told.map(({ hash }) => hash)).toContain(found[0]?.witness);
});

test('1: two entries that changed places are named, and a row under another’s key', async () => {
	for (let index = 0; index + 1 < entries.length; index += 1) {
		const swapped = [...sealedOf(entries)];
		[swapped[index], swapped[index + 1]] = [swapped[index + 1] ?? new Uint8Array(), swapped[index] ?? new Uint8Array()];
		expect(await findingsIn(swapped)).toEqual([expect.objectContaining({ kind: 'misplaced', ...named(entries[index]!) })]);
	}
	const [first, second] = entries;
	const keyOf = ({ header, hash }: Entry) => ({ device: header.device, scope: header.scope, seq: header.seq, hash });
	const stored = entries.map((entry) => ({
		at: 'row',
		sealed: (entry === first ? second : entry === second ? first : entry)!.sealed,
		key: keyOf(entry),
	}));
	expect((await findingsIn([], { stored, isSorted: false })).map(({ kind }) => kind)).toEqual(['misplaced', 'misplaced']);
});

test('1: the same entry twice, a forged one, one of a stranger and one that the till itself wrote beside its chain are named', async () => {
	const [entry] = entries;
	if (entry === undefined) throw new Error('no entry');
	expect((await findingsIn([...sealedOf(entries), entry.sealed], { isSorted: false })).map(({ kind }) => kind)).toEqual(['doubled']);

	const parts = splitSealed(entry.sealed);
	if (parts === undefined) throw new Error('no entry');
	const forged = joinSealed(
		parts.body,
		parts.signature.map((byte) => byte ^ 0xff),
	);
	expect(await findingsIn([...sealedOf(entries), forged], { isSorted: false })).toMatchObject([{ kind: 'altered', ...named(entry) }]);

	const stranger = await shop.till({ vault: createMemoryVault() });
	await stranger.sell('by-a-stranger');
	expect((await findingsIn([...sealedOf(entries), ...sealedOf(stranger.told)], { isSorted: false })).map(({ kind }) => kind)).toEqual([
		'not-certified',
	]);

	const copy = await shop.till({ vault: createMemoryVault(), signer: tills[0]!.signer });
	await copy.sell('inserted-by-itself');
	const found = await findingsIn([...sealedOf(entries), ...sealedOf(copy.told)], { isSorted: false });
	expect(found).toContainEqual(expect.objectContaining({ kind: 'forked', device: tills[0]!.signer.device, seq: 1 }));
});

test('1: of a long gap the first hundred are named, and the rest by where it ends', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	for (let n = 1; n <= 130; n += 1) await till.sell(`sale-of-many-${n}`);
	const left = till.told.filter(({ header }) => header.seq === 1 || header.seq > 125);
	const found = await findingsIn(sealedOf(left), { certificates: [till.chain], witnesses: [] });
	expect(found.map(({ kind, seq }) => [kind, seq])).toEqual(Array.from({ length: 101 }, (_, place) => ['missing', place + 2]));
	expect(found.at(-1)?.why).toMatchObject({ is: 'missing-up-to', last: 125 });
	expect(findingWords(found.at(-1)!)).toBe('Entry 102 of Till 1 (branch) is missing, and so are all up to entry 125.');
});

test('1: receipt numbers that skip are named', async () => {
	const vault = createMemoryVault();
	const till = await shop.till({ vault });
	await till.sell('number-one');
	const skipping = await till.commit({
		key: 'number-three' as never,
		decide: () => ({ branch: [{ ...(till.told[0]!.facts[0] as object), receipt: { till: 1, number: 3 } } as never], store: [], takesReceipt: false }),
	});
	expect('entries' in skipping).toBe(true);
	const found = await findingsIn(sealedOf(till.told), { certificates: [till.chain], witnesses: [] });
	expect(found).toEqual([
		expect.objectContaining({
			kind: 'receipts',
			seq: 2,
			why: expect.objectContaining({ is: 'receipt', bears: 'T1-000003', expected: 'T1-000002' }) as unknown,
		}),
	]);
});

test('an archive is read as it was written; what was changed, added or taken out of it is named', async () => {
	const content = {
		...{ store: shop.store, branch: shop.branch, storeName: 'Corner', madeAtMs: 1_800_000_000_000, marks: ends(entries), certificates },
		...{ sealed: sealedOf(entries), tables: { 'README.txt': 'hello' } },
	};
	const bytes = await writeArchive(content, digest);
	const read = async (file: Uint8Array): Promise<readonly Finding[]> => {
		const archive = await readArchive(file, digest);
		if ('problem' in archive) throw new Error(archive.problem);
		return (await auditSource(archive.source, digest)).findings;
	};
	expect(await read(bytes)).toEqual([]);
	// One entry less, with a manifest that still knows the end of its chain.
	expect((await read(await writeArchive({ ...content, sealed: content.sealed.slice(0, -1) }, digest))).map(({ kind }) => kind)).toEqual(['cut-off']);
	expect(await readArchive(bytes.slice(0, 100), digest)).toHaveProperty('problem');
	expect(await readArchive(new TextEncoder().encode('no zip'), digest)).toHaveProperty('problem');
	const { unzipSync, zipSync } = await import('fflate');
	const files = unzipSync(bytes);
	const words = async (changed: Record<string, Uint8Array>): Promise<string> => (await read(zipSync(changed))).map(findingWords).join(' ');
	expect(await words({ ...files, 'README.txt': new TextEncoder().encode('hallo') })).toContain('README.txt is not what it was');
	expect(await words({ ...files, 'more.txt': new Uint8Array(1) })).toContain('more.txt was added');
	const { 'README.txt': _gone, ...without } = files;
	expect(await words(without)).toContain('README.txt, which is not in the archive');
});
