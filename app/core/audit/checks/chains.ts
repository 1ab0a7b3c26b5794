/**
 * Each chain is whole: every entry's `prev` is here, nothing is here twice at one place, and it reaches at least as far as anybody has seen it.
 *
 * A removed entry is named by the `prev` of the one after it. A tail that was cut off is named by whoever saw it: other devices' vectors, the device's own
 * other chain, watermarks, a manifest. A tail that nobody saw cannot be missed by anybody.
 */
import { chainKey } from '#core/entry/codec.ts';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { AuditedChain, AuditInput } from '../audit.ts';
import type { Finding, NamedEntry } from '../finding.ts';

/** Of a longer gap so many are named one by one, and the rest by where they end: one entry may say that it is the 9,000,000,000th. */
const MOST_NAMED = 100;

export function checkChains(chains: readonly AuditedChain[], input: AuditInput): readonly Finding[] {
	return [...chains.flatMap((chain) => [...missingIn(chain, input), ...forksOf(chain, input)]), ...cutOff(chains, input)];
}

function missingIn({ device, scope, places }: AuditedChain, { nameOf }: AuditInput): readonly Finding[] {
	const findings: Finding[] = [];
	const seqs = [...places.keys()].sort((a, b) => a - b);
	let before = 0;
	for (const seq of seqs) {
		const [next] = places.get(seq) ?? [];
		for (let missing = before + 1; missing < seq; missing += 1) {
			const entry = { seq: missing, name: nameOf(device), scope };
			const rest = missing - before > MOST_NAMED && missing < seq - 1 ? { is: 'missing-up-to' as const, entry, last: seq - 1 } : undefined;
			findings.push({
				...{ kind: 'missing', device, scope, seq: missing },
				...(missing === seq - 1 && next?.header.prev !== undefined ? { hash: next.header.prev } : {}),
				...(next === undefined ? {} : { witness: next.hash }),
				why: rest ?? { is: 'missing', entry, next: seq },
			});
			if (rest !== undefined) break;
		}
		if (before === seq - 1 && seq > 1)
			for (const entry of places.get(seq) ?? []) {
				const { prev } = entry.header;
				if (prev === undefined || places.get(seq - 1)?.some(({ hash }) => hash === prev) === true) continue;
				findings.push({
					...{ kind: 'missing', device, scope, seq: seq - 1, hash: prev, witness: entry.hash },
					why: { is: 'after-another', entry: { seq, name: nameOf(device), scope } },
				});
			}
		before = seq;
	}
	return findings;
}

function forksOf({ device, scope, places }: AuditedChain, { nameOf }: AuditInput): readonly Finding[] {
	return [...places].flatMap(([seq, entries]): readonly Finding[] => {
		const [first, ...others] = entries;
		if (first === undefined) return [];
		const siblings = others.filter(({ header }) => header.prev === first.header.prev);
		return siblings.map(({ hash }) => ({
			...{ kind: 'forked', device, scope, seq, hash, witness: first.hash },
			why: { is: 'forked', entry: { seq, name: nameOf(device), scope }, times: entries.length } as const,
		}));
	});
}

interface Farthest {
	readonly seq: number;
	readonly hash: string;
	readonly by: NamedEntry | { readonly witness: string };
	readonly witness?: EntryHash;
}

function cutOff(chains: readonly AuditedChain[], { witnesses, nameOf }: AuditInput): readonly Finding[] {
	const farthest = new Map<string, Farthest>();
	const note = (key: string, seen: Farthest): void => {
		const before = farthest.get(key);
		if (before === undefined || seen.seq > before.seq) farthest.set(key, seen);
		// Who knows the whole hash names it better; who knew it first is the witness.
		else if (seen.seq === before.seq && seen.hash.startsWith(before.hash)) farthest.set(key, { ...before, hash: seen.hash });
	};
	const all: readonly Entry[] = chains.flatMap(({ places }) => [...places.values()].flat());
	for (const { header, hash } of all)
		for (const [device, scope, seq, start] of header.seen)
			note(`${device}:${scope}`, { seq, hash: start, by: { seq: header.seq, name: nameOf(header.device), scope: header.scope }, witness: hash });
	for (const { by, marks } of witnesses)
		for (const { device, scope, seq, hash } of marks) note(chainKey(device, scope), { seq, hash, by: { witness: by } });
	const here = new Map(chains.map((chain) => [chainKey(chain.device, chain.scope), chain]));
	return [...farthest].flatMap(([key, { seq, hash, by, witness }]): readonly Finding[] => {
		const chain = here.get(key);
		const last = chain === undefined ? 0 : [...chain.places.keys()].reduce((most, one) => Math.max(most, one), 0);
		if (seq <= last) return [];
		const [device = '', letter] = key.split(':');
		const scope = letter === 'b' ? 'branch' : 'store';
		const name = chain === undefined ? device : nameOf(chain.device);
		return [
			{
				...{ kind: 'cut-off', scope, seq, hash },
				...(chain === undefined ? {} : { device: chain.device }),
				...(witness === undefined ? {} : { witness }),
				why: { is: 'cut-off', chain: { name, scope }, last, seen: seq, by },
			},
		];
	});
}
