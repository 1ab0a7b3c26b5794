/** Each entry's clock is after that of the entry before it and of every entry it names as seen: time was not turned back in any chain. */
import { chainKey } from '#core/entry/codec.ts';
import { compareHlc } from '#core/entry/hlc.ts';
import type { Entry } from '#schemas/entry.ts';
import type { AuditedChain, AuditInput } from '../audit.ts';
import type { Finding } from '../finding.ts';

export function checkClocks(chains: readonly AuditedChain[], { nameOf }: AuditInput): readonly Finding[] {
	const byKey = new Map(chains.map((chain) => [chainKey(chain.device, chain.scope), chain]));
	const findings: Finding[] = [];
	for (const { places } of chains)
		for (const entry of [...places.values()].flat()) {
			const earlier = seenBy(entry, places, byKey).find(({ header }) => compareHlc(header.hlc, entry.header.hlc) >= 0);
			if (earlier === undefined) continue;
			const { device, scope, seq } = entry.header;
			findings.push({
				...{ kind: 'clock', device, scope, seq, hash: entry.hash, witness: earlier.hash },
				why: {
					is: 'not-later',
					entry: { seq, name: nameOf(device), scope },
					than: { seq: earlier.header.seq, name: nameOf(earlier.header.device), scope: earlier.header.scope },
				},
			});
		}
	return findings;
}

function seenBy(entry: Entry, places: AuditedChain['places'], byKey: ReadonlyMap<string, AuditedChain>): readonly Entry[] {
	const before = places.get(entry.header.seq - 1)?.filter(({ hash }) => hash === entry.header.prev) ?? [];
	const named = entry.header.seen.flatMap(([device, scope, seq, start]) =>
		(byKey.get(`${device}:${scope}`)?.places.get(seq) ?? []).filter(({ hash }) => hash.startsWith(start)),
	);
	return [...before, ...named];
}
