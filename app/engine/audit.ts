/** Bytes as they lie somewhere, read and verified for the audit. The same in a terminal and in a browser that was handed a file. */
import { openAudit, type Audited, type Piece } from '#core/audit/audit.ts';
import type { Finding } from '#core/audit/finding.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { zProblems } from '#core/shift/z.ts';
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import type { Digest } from '#ports';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import { chainsIn, createVerifier, provenBy, type Verifier } from './verify.ts';

export interface Stored {
	readonly at: string;
	readonly sealed: Uint8Array;
	readonly key?: Piece['key'];
}

export interface AuditSource {
	readonly store: StoreId;
	readonly certificates: readonly Uint8Array[];
	/** Read once, to its end, as the audit comes to it. In place of what cannot be read stands the finding. */
	readonly stored: Iterable<Stored | Finding> | AsyncIterable<Stored | Finding>;
	/** How many are stored, as far as the container tells: for the progress. */
	readonly count?: number;
	readonly isSorted: boolean;
	readonly witnesses: readonly { readonly by: string; readonly marks: readonly Mark[] }[];
	/** Found while the container was opened. */
	readonly findings: readonly Finding[];
}

export interface AuditReport extends Audited {
	readonly verifier: Verifier;
}

/** The audit, and what the entries that verify fold to: Zs that do not add up are found too. */
export async function auditBranch(
	source: AuditSource & { readonly branch: BranchId },
	digest: Digest,
	onProgress?: (done: number, of: number) => void,
): Promise<AuditReport & { readonly ledger: Ledger }> {
	const report = await auditSource(source, digest, onProgress);
	const { verifier } = report;
	for (const chain of chainsIn(report.entries)) await verifier.chain(chain);
	const ledger = createLedger({ store: source.store, branch: source.branch, ...provenBy(verifier) });
	ledger.add(report.entries);
	const currency = ledger.state.settings.value('currency') ?? { code: 'XXX', digits: 2 };
	const zs = zProblems(ledger).map(({ device, entry, z, fault, waits }): Finding => {
		const seq = ledger.entry(entry)?.header.seq;
		const name = verifier.certificateOf(device)?.name ?? device.slice(0, 8);
		return {
			...{ kind: 'z', device, scope: 'branch', ...(seq === undefined ? {} : { seq }), hash: entry },
			why: { is: 'z', name, z: z === 0 ? undefined : z, fault, currency, waits },
		};
	});
	return { ...report, ledger, findings: [...report.findings, ...zs] };
}

/** At most so many signatures are checked at once; between two lots somebody may look at the progress. */
const LOT = 256;

export async function auditSource(
	source: AuditSource,
	digest: Digest,
	onProgress: (done: number, of: number) => void = () => undefined,
): Promise<AuditReport> {
	const verifier = createVerifier({ digest, store: source.store });
	const findings: Finding[] = [...source.findings];
	for (const [place, chain] of source.certificates.entries())
		if ((await verifier.chain(chain)) === undefined) findings.push({ kind: 'not-certified', why: { is: 'certificate', number: place + 1 } });
	const nameOf = (device: DeviceId): string => verifier.certificateOf(device)?.name ?? device.slice(0, 8);
	const audit = openAudit({ isSorted: source.isSorted, witnesses: source.witnesses, nameOf });
	let done = 0;
	for await (const lot of lotsOf(source.stored)) {
		findings.push(...lot.filter(isFinding));
		for (const piece of await Promise.all(lot.filter(isStored).map((stored) => readPiece(stored, verifier)))) audit.take(piece);
		done += lot.length;
		onProgress(done, Math.max(done, source.count ?? 0));
	}
	const audited = audit.end();
	return { ...audited, findings: [...findings, ...audited.findings], verifier };
}

function isStored(one: Stored | Finding): one is Stored {
	return 'sealed' in one;
}

function isFinding(one: Stored | Finding): one is Finding {
	return !isStored(one);
}

async function* lotsOf(stored: AuditSource['stored']): AsyncGenerator<readonly (Stored | Finding)[]> {
	let lot: (Stored | Finding)[] = [];
	for await (const one of stored) {
		lot.push(one);
		if (lot.length < LOT) continue;
		yield lot;
		lot = [];
	}
	if (lot.length > 0) yield lot;
}

async function readPiece({ at, sealed, key }: Stored, verifier: Verifier): Promise<Piece> {
	const entry = await verifier.entry(sealed);
	const where = { at, ...(key === undefined ? {} : { key }) };
	if ('header' in entry) return { ...where, read: { entry } };
	if ('unknownDevice' in entry) return { ...where, read: entry };
	const claims = claimsOf(sealed);
	return { ...where, read: { damaged: entry.damaged, ...(claims === undefined ? {} : { claims }) } };
}

/** What altered bytes say that they are: no proof of anything, and the best there is to look for them by. */
function claimsOf(sealed: Uint8Array): { readonly device: DeviceId; readonly scope: 'branch' | 'store'; readonly seq: number } | undefined {
	const body = splitSealed(sealed)?.body;
	const decoded = body === undefined ? undefined : decodeBody(body);
	if (decoded === undefined || 'damaged' in decoded) return undefined;
	const { device, scope, seq } = decoded.header;
	return { device, scope, seq };
}
