/**
 * An archive of a branch: one .zip with everything that an auditor needs, and nobody's server. Entries and certificates as bytes, the same in tables for
 * people, and a manifest with the hash of every file and the mark that each chain ended in.
 *
 * The .zip is fflate's work (8 kB, MIT, no dependency, the same in Node and browsers): any computer opens it without us.
 */
import type { Finding } from '#core/audit/finding.ts';
import type { Digest } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import { branchId, storeId, type BranchId, type StoreId } from '#schemas/ids.ts';
import { mark, type Mark } from '#schemas/mark.ts';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import * as v from 'valibot';
import type { AuditSource } from './audit.ts';

const manifestSchema = v.strictObject({
	kind: v.literal('holdfast archive'),
	v: v.literal(1),
	store: storeId,
	branch: branchId,
	storeName: v.string(),
	madeAt: v.string(),
	entries: v.pipe(v.number(), v.safeInteger()),
	marks: v.array(mark),
	files: v.record(v.string(), v.strictObject({ bytes: v.number(), sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
});

export interface ArchiveContent {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly storeName: string;
	readonly madeAtMs: number;
	readonly marks: readonly Mark[];
	readonly certificates: readonly Uint8Array[];
	/** In order of (device, scope, seq, hash). */
	readonly sealed: readonly Uint8Array[];
	/** Tables for people, by name; not looked at when the archive is verified, but for their hashes. */
	readonly tables: Readonly<Record<string, string>>;
}

/** An archive is read whole into memory: ten years of a busy branch are some 2 GB, more is no archive of ours. */
const MOST_BYTES = 4 * 1024 ** 3;
const ENTRIES = 'entries.cbor';
const CERTIFICATES = 'certificates.cbor';
const MANIFEST = 'manifest.json';

export async function writeArchive(content: ArchiveContent, digest: Pick<Digest, 'sha256'>): Promise<Uint8Array<ArrayBuffer>> {
	const files: Record<string, Uint8Array> = {
		[ENTRIES]: encode(content.sealed.map(hexOf)),
		[CERTIFICATES]: encode(content.certificates.map(hexOf)),
	};
	for (const [name, text] of Object.entries(content.tables)) files[name] = strToU8(text);
	const hashes: Record<string, { bytes: number; sha256: string }> = {};
	for (const [name, bytes] of Object.entries(files)) hashes[name] = { bytes: bytes.length, sha256: hexOf(await digest.sha256(bytes)) };
	const manifest: v.InferOutput<typeof manifestSchema> = {
		...{ kind: 'holdfast archive', v: 1, store: content.store, branch: content.branch, storeName: content.storeName },
		...{ madeAt: new Date(content.madeAtMs).toISOString(), entries: content.sealed.length, marks: [...content.marks], files: hashes },
	};
	return zipSync({ ...files, [MANIFEST]: strToU8(`${JSON.stringify(manifest, undefined, '\t')}\n`) }, { mtime: new Date(content.madeAtMs) });
}

export interface Archive {
	readonly branch: BranchId;
	readonly storeName: string;
	readonly madeAt: string;
	readonly source: AuditSource;
}

/** The archive in these bytes as something to audit, or in one sentence why they are none. */
/** `no-archive`: no .zip, or cut short. `no-manifest`: a .zip of something else, or of a newer version. */
export type BadArchive = 'no-archive' | 'no-manifest';

export async function readArchive(bytes: Uint8Array, digest: Pick<Digest, 'sha256'>): Promise<Archive | { readonly problem: BadArchive }> {
	const files = unzipped(bytes);
	if (files === undefined) return { problem: 'no-archive' };
	const parsed = v.safeParse(manifestSchema, jsonOf(files[MANIFEST]));
	if (!parsed.success) return { problem: 'no-manifest' };
	const manifest = parsed.output;
	const findings: Finding[] = [];
	for (const [name, { sha256, bytes: length }] of Object.entries(manifest.files)) {
		const file = files[name];
		if (file === undefined) findings.push({ kind: 'manifest', why: { is: 'file-missing', file: name } });
		else if (file.length !== length || hexOf(await digest.sha256(file)) !== sha256)
			findings.push({ kind: 'manifest', why: { is: 'file-changed', file: name } });
	}
	for (const name of Object.keys(files))
		if (name !== MANIFEST && !Object.hasOwn(manifest.files, name)) findings.push({ kind: 'manifest', why: { is: 'file-added', file: name } });
	const [sealed, certificates] = [listOf(files[ENTRIES]), listOf(files[CERTIFICATES])];
	if (sealed === undefined) findings.push({ kind: 'manifest', why: { is: 'file-unreadable', file: ENTRIES } });
	else if (sealed.length !== manifest.entries)
		findings.push({ kind: 'manifest', why: { is: 'miscounted', said: manifest.entries, held: sealed.length } });
	return {
		...{ branch: manifest.branch, storeName: manifest.storeName, madeAt: manifest.madeAt },
		source: {
			...{ store: manifest.store, certificates: certificates ?? [], isSorted: true, findings },
			...{ stored: (sealed ?? []).map((one, place) => ({ at: `${ENTRIES}, ${place + 1}`, sealed: one })), count: sealed?.length ?? 0 },
			witnesses: [{ by: 'the manifest', marks: manifest.marks }],
		},
	};
}

function unzipped(bytes: Uint8Array): Readonly<Record<string, Uint8Array>> | undefined {
	let total = 0;
	try {
		return unzipSync(bytes, {
			filter: ({ originalSize }) => {
				total += originalSize;
				return total <= MOST_BYTES;
			},
		});
	} catch {
		return undefined;
	}
}

function jsonOf(bytes: Uint8Array | undefined): unknown {
	try {
		return bytes === undefined ? undefined : (JSON.parse(strFromU8(bytes)) as unknown);
	} catch {
		return undefined;
	}
}

/** Pieces that are no entry at all are entries that were altered, and are found as that. */
function listOf(bytes: Uint8Array | undefined): readonly Uint8Array[] | undefined {
	const value = bytes === undefined ? undefined : decode(bytes);
	return Array.isArray(value)
		? value.map((item) => (typeof item === 'string' && /^(?:[0-9a-f]{2})*$/.test(item) ? bytesOfHex(item) : new Uint8Array()))
		: undefined;
}
