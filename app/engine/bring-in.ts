/**
 * A till's journal that was carried here as a file, and what lets that till go.
 *
 * 1. Nothing in the file is believed: it goes through the same door as everything from others.
 * 2. The code is of the file's bytes, and shown only by another device, which by then has every entry of the file's own till on its disk.
 * 3. The till that saved the file takes the code for just what had been recorded when it saved that file. What came after is still nowhere else.
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Digest, EntryStore, Vault } from '#ports';
import { encode, hexOf } from '#schemas/cbor.ts';
import { SCOPES, type DeviceId, type EntryHash, type Scope, type StoreId } from '#schemas/ids.ts';
import * as v from 'valibot';
import { decodeJournal, type BadJournal, type BroughtIn } from './journal-file.ts';
import type { Replica } from './replicate.ts';
import type { Verifier } from './verify.ts';

export interface BringInDeps {
	readonly store: StoreId;
	readonly self: DeviceId;
	readonly ledger: Pick<Ledger, 'size'>;
	readonly replica: Pick<Replica, 'takeChain' | 'take' | 'idle' | 'findings'>;
	readonly verifier: Pick<Verifier, 'unproven'>;
	readonly entryStore: Pick<EntryStore, 'chain'>;
	readonly digest: Digest;
}

export async function bringIn(bytes: Uint8Array, deps: BringInDeps): Promise<BroughtIn | { readonly problem: BadJournal }> {
	const { ledger, replica } = deps;
	const journal = decodeJournal(bytes, deps.store);
	if ('problem' in journal) return journal;
	const [held, damaged] = [ledger.size(), replica.findings().damaged.length];
	for (const chain of journal.chains) await replica.takeChain(chain);
	replica.take(journal.sealed.map((sealed) => ({ bytes: sealed, route: 'file', source: 'a journal' })));
	await replica.idle();
	const added = ledger.size() - held;
	const refused = replica.findings().damaged.length - damaged;
	const isSafe = journal.device !== deps.self && (await holdsAllOf(journal, deps));
	return {
		...{ added, refused, known: Math.max(0, journal.sealed.length - added - refused) },
		...(isSafe ? { code: await codeOf(bytes, deps.digest) } : {}),
	};
}

const PAGE = 500;

/** Every entry that the file's own till wrote. One that cannot be read is held by nobody. */
async function holdsAllOf(
	{ device, sealed }: { readonly device: DeviceId; readonly sealed: readonly Uint8Array[] },
	{ verifier, entryStore }: BringInDeps,
): Promise<boolean> {
	const missing = new Map<EntryHash, { readonly scope: Scope; readonly seq: number }>();
	for (const bytes of sealed) {
		const entry = await verifier.unproven(bytes);
		if (!('header' in entry)) return false;
		if (entry.header.device === device) missing.set(entry.hash, entry.header);
	}
	if (missing.size === 0) return false;
	for (const scope of SCOPES) {
		let fromSeq = [...missing.values()].reduce((first, one) => (one.scope === scope ? Math.min(first, one.seq) : first), Infinity);
		while (fromSeq < Infinity) {
			const page = await entryStore.chain(device, scope, fromSeq, PAGE);
			let last = fromSeq;
			for (const entry of await Promise.all(page.map((one) => verifier.unproven(one)))) {
				if (!('header' in entry)) continue;
				missing.delete(entry.hash);
				last = Math.max(last, entry.header.seq);
			}
			// A place of a fork may lie across two pages: it is read again.
			fromSeq = page.length < PAGE || last === fromSeq ? Infinity : last;
		}
	}
	return missing.size === 0;
}

/** No I, L, O and U: what is read aloud is not mistaken (Crockford's base 32). */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 40 bits: who guesses one code a second for a year hits one file in 35,000. */
const CODE_LETTERS = 8;

/** `K7PM-3QXD`. */
async function codeOf(bytes: Uint8Array, digest: Pick<Digest, 'sha256'>): Promise<string> {
	const file = hexOf(await digest.sha256(bytes));
	const letters = [...(await digest.sha256(encode(['holdfast journal brought in', file])))]
		.slice(0, CODE_LETTERS)
		.map((byte) => LETTERS[byte % LETTERS.length]);
	return `${letters.slice(0, CODE_LETTERS / 2).join('')}-${letters.slice(CODE_LETTERS / 2).join('')}`;
}

/** As people type it: small letters, spaces, and what looks like another letter. */
function readCode(text: string): string {
	return text
		.toUpperCase()
		.replaceAll(/[^0-9A-Z]/g, '')
		.replaceAll('O', '0')
		.replaceAll(/[IL]/g, '1');
}

type Seqs = { readonly [scope in Scope]: number };

/** On the till that leaves. */
export interface Carried {
	/** The file was saved, with everything up to these places. */
	saved(bytes: Uint8Array, upTo: Seqs): Promise<void>;
	/** False: no file that this till saved has this code. Throws `StorageError` where it cannot be kept. */
	confirm(code: string): Promise<boolean>;
	/** Own entries up to here are on another device. */
	upTo(): Promise<Seqs>;
}

const CARRIED = 'journal carried';
const MOST_FILES = 20;

const seqs = v.object({ branch: v.number(), store: v.number() });
const kept = v.object({ files: v.array(v.object({ code: v.string(), upTo: seqs })), upTo: seqs });
type Kept = v.InferOutput<typeof kept>;
const NOTHING: Kept = { files: [], upTo: { branch: 0, store: 0 } };

export function createCarried(vault: Pick<Vault, 'getValue' | 'setValue'>, ownership: () => number, digest: Pick<Digest, 'sha256'>): Carried {
	async function read(): Promise<Kept> {
		const parsed = v.safeParse(kept, await vault.getValue(CARRIED));
		return parsed.success ? parsed.output : NOTHING;
	}

	return {
		async saved(bytes, upTo) {
			const { files, ...rest } = await read();
			const code = await codeOf(bytes, digest);
			await vault.setValue(
				CARRIED,
				{ ...rest, files: [...files.filter((file) => file.code !== code), { code, upTo }].slice(-MOST_FILES) },
				ownership(),
			);
		},
		async confirm(code) {
			const { files, upTo } = await read();
			const file = files.find((one) => readCode(one.code) === readCode(code));
			if (file === undefined) return false;
			const next = { branch: Math.max(upTo.branch, file.upTo.branch), store: Math.max(upTo.store, file.upTo.store) };
			return (await vault.setValue(CARRIED, { files, upTo: next }, ownership())) === 'saved';
		},
		upTo: async () => (await read()).upTo,
	};
}
