/** Where things lie: each under its own name, once, in the order that its container keeps. */
import { compareText } from '#core/entry/order.ts';
import type { Entry } from '#schemas/entry.ts';
import type { AuditInput } from '../audit.ts';
import type { Finding } from '../finding.ts';

export function checkPlaces({ pieces, isSorted, nameOf }: AuditInput): readonly Finding[] {
	const findings: Finding[] = [];
	const seen = new Set<string>();
	let before: Entry | undefined;
	for (const { at, key, read } of pieces) {
		if (!('entry' in read)) continue;
		const { entry } = read;
		const { device, scope, seq } = entry.header;
		const named = { device, scope, seq, hash: entry.hash };
		const who = `entry ${seq} of ${nameOf(device)} (${scope})`;
		if (seen.has(entry.hash)) findings.push({ kind: 'doubled', ...named, words: `${at}: ${who} is here twice.` });
		seen.add(entry.hash);
		if (key !== undefined && (key.device !== device || key.scope !== scope || key.seq !== seq || key.hash !== entry.hash))
			findings.push({
				kind: 'misplaced',
				...named,
				words: `${at}: ${who} lies where entry ${key.seq} of ${key.device.slice(0, 8)} (${key.scope}) belongs.`,
			});
		if (isSorted && before !== undefined && compareStored(before, entry) > 0)
			findings.push({
				kind: 'misplaced',
				...named,
				words: `${at}: ${who} comes after entry ${before.header.seq} of ${nameOf(before.header.device)}, though it belongs before it.`,
			});
		before = entry;
	}
	return findings;
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
