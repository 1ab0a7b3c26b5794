/** Where things lie: each under its own name, once, in the order that its container keeps. */
import { compareText } from '#core/entry/order.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Scope } from '#schemas/ids.ts';
import type { AuditInput, Piece } from '../audit.ts';
import type { Finding } from '../finding.ts';

export function createPlaces({ isSorted, nameOf }: AuditInput): { take(piece: Piece): readonly Finding[] } {
	const seen = new Set<string>();
	let before: Entry | undefined;
	return {
		take({ at, key, read }) {
			if (!('entry' in read)) return [];
			const findings: Finding[] = [];
			const { entry } = read;
			const { device, scope, seq } = entry.header;
			const named = { device, scope, seq, hash: entry.hash };
			const who = { seq, name: nameOf(device), scope };
			if (seen.has(entry.hash)) findings.push({ kind: 'doubled', ...named, why: { is: 'twice', at, entry: who } });
			seen.add(entry.hash);
			if (key !== undefined && (key.device !== device || key.scope !== scope || key.seq !== seq || key.hash !== entry.hash))
				findings.push({
					kind: 'misplaced',
					...named,
					why: { is: 'misplaced', at, entry: who, place: { seq: key.seq, name: key.device.slice(0, 8), scope: key.scope as Scope } },
				});
			if (isSorted && before !== undefined && compareStored(before, entry) > 0)
				findings.push({
					kind: 'misplaced',
					...named,
					why: {
						...{ is: 'out-of-order', at, entry: who },
						before: { seq: before.header.seq, name: nameOf(before.header.device), scope: before.header.scope },
					},
				});
			before = entry;
			return findings;
		},
	};
}

/** The order of every container of ours. */
export function compareStored(a: Entry, b: Entry): number {
	return (
		compareText(a.header.device, b.header.device) ||
		compareText(a.header.scope, b.header.scope) ||
		a.header.seq - b.header.seq ||
		compareText(a.hash, b.hash)
	);
}
