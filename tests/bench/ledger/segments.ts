/** Rows about a closed segment: its bytes, and what it costs to write and read 1,000 sealed sales, beside four others that hold the same bytes. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { brotliCompressSync, deflateRawSync } from 'node:zlib';
import { Automerge as A } from '@automerge/automerge-repo/slim';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { closeSegment, openClosedSegment } from '#engine/closed-segment.ts';
import { sameBytes } from '#schemas/cbor.ts';
import type { SegmentDocument } from '#schemas/documents/segment.ts';
import { LoroDoc, type LoroList } from 'loro-crdt';
import * as Y from 'yjs';
import { digits, interleaved, ms, type Row, type Side } from '../row.ts';
import { sealedSales, type SealedSales } from './sealed-sales.ts';

/** Something that holds a list of byte strings: appended one by one and saved, or loaded from what was saved. */
interface Holder {
	readonly name: string;
	/** `oneByOne`: each entry when it is made, as a till does; else all together, as a file is written. */
	append(sales: SealedSales, oneByOne: boolean): Uint8Array | Promise<Uint8Array>;
	load(bytes: Uint8Array): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
	/** What else its bytes could be. */
	least?(sales: SealedSales): number;
}

const digest = createNodeDigest();

const ours: Holder = {
	name: 'ours',
	async append({ name, sealed }) {
		const closed = await closeSegment(digest, name, sealed);
		if ('refused' in closed) throw new Error(closed.refused);
		return closed.bytes;
	},
	async load(bytes) {
		const opened = await openClosedSegment(digest, bytes);
		if ('refused' in opened) throw new Error(opened.refused);
		return opened.sealed;
	},
};

const automerge: Holder = {
	name: 'Automerge',
	append({ sealed }, oneByOne) {
		let document = A.from<{ items: Uint8Array[] }>({ items: [] });
		for (const some of oneByOne ? sealed.map((one) => [one]) : [sealed])
			document = A.change(document, ({ items }) => {
				items.push(...some);
			});
		return A.save(document);
	},
	load: (bytes) => A.load<SegmentDocument>(bytes).items,
};

const yjs: Holder = {
	name: 'Yjs',
	append({ sealed }, oneByOne) {
		const document = new Y.Doc();
		const items = document.getArray<Uint8Array>('items');
		if (oneByOne) for (const one of sealed) items.push([one]);
		else items.push([...sealed]);
		return Y.encodeStateAsUpdateV2(document);
	},
	load(bytes) {
		const document = new Y.Doc();
		Y.applyUpdateV2(document, bytes);
		return document.getArray<Uint8Array>('items').toArray();
	},
	least({ sealed }) {
		const document = new Y.Doc();
		document.getArray<Uint8Array>('items').push([...sealed]);
		return Y.encodeStateAsUpdate(document).length;
	},
};

const loro: Holder = {
	name: 'Loro',
	append({ sealed }, oneByOne) {
		const document = new LoroDoc();
		const items = document.getList('items') as LoroList<Uint8Array>;
		for (const one of sealed) {
			items.push(one);
			if (oneByOne) document.commit();
		}
		document.commit();
		return document.export({ mode: 'snapshot' });
	},
	load(bytes) {
		const document = new LoroDoc();
		document.import(bytes);
		return (document.getList('items') as LoroList<Uint8Array>).toArray() as Uint8Array[];
	},
	least({ sealed }) {
		const document = new LoroDoc();
		const items = document.getList('items') as LoroList<Uint8Array>;
		for (const one of sealed) items.push(one);
		document.commit();
		return Math.min(
			document.export({ mode: 'update' }).length,
			document.export({ mode: 'shallow-snapshot', frontiers: document.frontiers() }).length,
		);
	},
};

/** A file: its bytes are the answer's length, and nothing else is read of them. */
function sqlite(folder: string): Holder & { readonly file: () => string } {
	let files = 0;
	const file = (): string => join(folder, `${files}.sqlite`);
	return {
		name: 'SQLite',
		file,
		append({ sealed }, oneByOne) {
			files += 1;
			const database = new DatabaseSync(file());
			// A transaction an entry, without waiting for the disk: the others do not wait for it either.
			database.exec('PRAGMA synchronous = OFF; CREATE TABLE entries (seq INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT');
			const insert = database.prepare('INSERT INTO entries VALUES (?, ?)');
			if (!oneByOne) database.exec('BEGIN');
			for (const [index, one] of sealed.entries()) insert.run(index + 1, one);
			if (!oneByOne) database.exec('COMMIT');
			database.exec('VACUUM');
			database.close();
			return new Uint8Array(statSync(file()).size);
		},
		load() {
			const database = new DatabaseSync(file(), { readOnly: true });
			const rows = database.prepare('SELECT sealed FROM entries ORDER BY seq').all();
			database.close();
			return rows.map((row) => row['sealed'] as Uint8Array);
		},
	};
}

async function withHolders<Answer>(work: (holders: readonly Holder[]) => Promise<Answer>): Promise<Answer> {
	await startAutomerge();
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
	try {
		return await work([ours, automerge, yjs, loro, sqlite(folder)]);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

export const bytes: Row = {
	name: 'bytes',
	what: 'bytes of a closed segment, a signed 5-line sale',
	against: 'the same sealed bytes',
	reach: 'the least of all',
	run: async ({ quick, tell }) =>
		withHolders(async (holders) => {
			const count = quick ? 100 : 1_000;
			tell(`sealing ${count} sales`);
			const sales = await sealedSales(count);
			const sizes: Record<string, number> = {};
			for (const holder of holders) {
				const [one, together] = [await holder.append(sales, true), await holder.append(sales, false)];
				const back = await holder.load(together);
				if (back.length !== count || !back.every((sealed, index) => sameBytes(new Uint8Array(sealed), sales.sealed[index]!)))
					throw new Error(`${holder.name} gives other entries back`);
				sizes[holder.name] = Math.min(one.length, together.length, holder.least?.(sales) ?? Infinity) / count;
			}
			const { ours: own = Infinity, ...others } = sizes;
			const least = Math.min(...Object.values(others));
			const all = new Uint8Array(Buffer.concat(sales.sealed));
			const [sealed, deflated, brotli] = [all.length, deflateRawSync(all, { level: 9 }).length, brotliCompressSync(all).length];
			return {
				ours: `${digits(own)} B`,
				anchor: Object.entries(others)
					.map(([name, size]) => `${name} ${digits(size)} B`)
					.join(', '),
				ratio: own / least,
				ok: own < least,
				numbers: {
					sales: count,
					sealedBytes: sealed / count,
					deflatedBytes: deflated / count,
					brotliBytes: brotli / count,
					...named(sizes, 'Bytes'),
				},
				note: `sealed it is ${digits(sealed / count)} B; all ${count} in one piece are ${digits(deflated / count)} B a sale deflated and ${digits(brotli / count)} B by Brotli. 80 B of each are noise that no form can spare: the signature and the intent's key. Each of the others in its smallest form, one change or many.`,
			};
		}),
};

function named(numbers: Readonly<Record<string, number>>, unit: string): Readonly<Record<string, number>> {
	return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`${name.toLowerCase()}${unit}`, value]));
}

function timesRow(name: 'append' | 'load', what: string): Row {
	return {
		...{ name, what, against: 'the same five', reach: 'stated' },
		run: async ({ quick, tell }) =>
			withHolders(async (holders) => {
				const count = quick ? 100 : 1_000;
				tell(`sealing ${count} sales`);
				const sales = await sealedSales(count);
				const sides: Record<string, Side<Uint8Array>> = {};
				for (const holder of holders) {
					const saved = await holder.append(sales, true);
					sides[holder.name] = {
						prepare: () => saved,
						work: (from) => (name === 'append' ? holder.append(sales, true) : holder.load(from)),
					};
				}
				const times: Readonly<Record<string, number>> = await interleaved(sides, {
					rounds: quick ? 1 : 5,
					warmups: quick ? 0 : 2,
				});
				const { ours: own = Number.NaN, ...others } = times;
				return {
					ours: ms(own),
					anchor: Object.entries(others)
						.map(([other, time]) => `${other} ${ms(time)}`)
						.join(', '),
					numbers: { entries: count, ...named(times, 'Ms') },
				};
			}),
	};
}

export const append = timesRow('append', '1,000 sealed sales one by one and saved (ours: closed in one go, read again to be sure)');
export const load = timesRow('load', '1,000 sealed sales loaded, each as its bytes');
