/**
 * The auditor: from the bytes alone, and nobody's server. It asks nothing of the fold; what it knows is chains, hashes, vectors and receipts.
 *
 * 1. Whatever was altered, removed, reordered, inserted or cut off is named exactly, as far as the bytes that are left can tell.
 * 2. An untouched ledger, whatever happened in its shop, gives no finding but forks, which are what they are.
 * 3. Findings are in order of chain and place: two audits of the same bytes read the same.
 */
import { compareText } from '#core/entry/order.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash, Scope } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import { checkChains } from './checks/chains.ts';
import { checkClocks } from './checks/clocks.ts';
import { createPlaces } from './checks/places.ts';
import { checkReceipts } from './checks/receipts.ts';
import type { Finding } from './finding.ts';

/** One piece as it was stored, and what reading it gave. */
export interface Piece {
	/** Where it lay, for the findings: `entries.cbor, 12`. */
	readonly at: string;
	/** What its container says that it is, where it does (the key of a database row). */
	readonly key?: { readonly device: string; readonly scope: string; readonly seq: number; readonly hash: string };
	readonly read:
		| { readonly entry: Entry }
		| { readonly damaged: string; readonly claims?: { readonly device: DeviceId; readonly scope: Scope; readonly seq: number } }
		| { readonly unknownDevice: DeviceId };
}

export interface AuditInput {
	/** The container keeps (device, scope, seq, hash) order. */
	readonly isSorted: boolean;
	/** What others say that the chains reach to: watermarks, a manifest. */
	readonly witnesses: readonly { readonly by: string; readonly marks: readonly Mark[] }[];
	/** How people call a device. */
	nameOf(device: DeviceId): string;
}

export interface Audit {
	/** In the order in which they were stored. Of a piece nothing is kept but its entry. */
	take(piece: Piece): void;
	end(): Audited;
}

export interface Audited {
	readonly findings: readonly Finding[];
	/** How many pieces there were, whatever they are. */
	readonly stored: number;
	readonly chains: readonly {
		readonly device: DeviceId;
		readonly scope: Scope;
		readonly entries: number;
		readonly lastSeq: number;
		readonly lastHash: EntryHash;
	}[];
	readonly entries: readonly Entry[];
}

export function openAudit(input: AuditInput): Audit {
	const byHash = new Map<EntryHash, Entry>();
	const found: Finding[] = [];
	const places = createPlaces(input);
	let stored = 0;
	return {
		take(piece) {
			stored += 1;
			for (const finding of [...damageOf(piece, input), ...places.take(piece)]) found.push(finding);
			if ('entry' in piece.read) byHash.set(piece.read.entry.hash, piece.read.entry);
		},
		end: () => ({ ...auditChains([...byHash.values()], found, input), stored }),
	};
}

function auditChains(entries: readonly Entry[], found: readonly Finding[], input: AuditInput): Omit<Audited, 'stored'> {
	const chains = chainsOf(entries);
	const findings = [...found, ...checkChains(chains, input), ...checkClocks(chains, input), ...checkReceipts(chains, input)];
	return {
		findings: findings.sort(compareFindings),
		chains: chains.map(({ device, scope, places }) => {
			const last = [...places.keys()].reduce((most, seq) => Math.max(most, seq), 0);
			const [end] = places.get(last) ?? [];
			if (end === undefined) throw new Error(`a chain without entries: ${device} ${scope}`);
			return { device, scope, entries: [...places.values()].flat().length, lastSeq: last, lastHash: end.hash };
		}),
		entries,
	};
}

export interface AuditedChain {
	readonly device: DeviceId;
	readonly scope: Scope;
	/** By seq; more than one entry where the chain forks, in order of hash. */
	readonly places: ReadonlyMap<number, readonly Entry[]>;
}

function chainsOf(entries: readonly Entry[]): readonly AuditedChain[] {
	const chains = new Map<string, { device: DeviceId; scope: Scope; places: Map<number, Entry[]> }>();
	for (const entry of [...entries].sort((a, b) => a.header.seq - b.header.seq || compareText(a.hash, b.hash))) {
		const { device, scope, seq } = entry.header;
		const id = `${device}:${scope}`;
		const chain = chains.get(id) ?? { device, scope, places: new Map<number, Entry[]>() };
		chains.set(id, chain);
		chain.places.set(seq, [...(chain.places.get(seq) ?? []), entry]);
	}
	return [...chains].sort(([a], [b]) => compareText(a, b)).map(([, chain]) => chain);
}

function damageOf({ at, key, read }: Piece, { nameOf }: AuditInput): readonly Finding[] {
	if ('entry' in read) return [];
	if ('unknownDevice' in read) return [{ kind: 'not-certified', device: read.unknownDevice, why: { is: 'of-unknown-device', at } }];
	const claims = read.claims ?? keyOf(key);
	if (claims === undefined) return [{ kind: 'altered', why: { is: 'unreadable', at, damage: read.damaged } }];
	return [
		{
			...{ kind: 'altered', ...claims },
			why: { is: 'altered', at, damage: read.damaged, entry: { seq: claims.seq, name: nameOf(claims.device), scope: claims.scope } },
		},
	];
}

function keyOf(key: Piece['key']): { readonly device: DeviceId; readonly scope: Scope; readonly seq: number } | undefined {
	return key && { device: key.device as DeviceId, scope: key.scope as Scope, seq: key.seq };
}

function compareFindings(a: Finding, b: Finding): number {
	return (
		compareText(a.device ?? '', b.device ?? '') ||
		compareText(a.scope ?? '', b.scope ?? '') ||
		(a.seq ?? 0) - (b.seq ?? 0) ||
		compareText(a.kind, b.kind)
	);
}
