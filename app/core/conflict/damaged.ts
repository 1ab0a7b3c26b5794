/**
 * Damaged: bytes that do not verify. They are ignored and occupy no place in a chain; document and route are named, never a culprit, for in a
 * shared document nobody can prove who added bytes. About what this peer holds: the finding is given from outside.
 *
 * One item for a document and route. Its members are no entries but the hashes of the bytes. The carrier can be cut off only where it is known
 * that nobody else could have brought them.
 */
import { conflictKey } from '#core/ledger/answers.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { Choice, Conflict, ConflictContext, DamagedFound } from './conflict.ts';

export function findDamaged(found: readonly DamagedFound[], context: ConflictContext): readonly Conflict[] {
	const groups = new Map<string, DamagedFound[]>();
	for (const one of found) {
		const subject = `${one.route}:${one.document}`.slice(0, 240);
		const list = groups.get(subject);
		if (list === undefined) groups.set(subject, [one]);
		else list.push(one);
	}
	return [...groups].flatMap(([subject, list]) => {
		const id = { kind: 'damaged', subject, branch: context.branch } as const;
		const key = conflictKey(id);
		const settled = context.settled(key);
		const unsettled = [...new Set(list.map(memberOf))].filter((hash) => settled?.has(hash) !== true).slice(0, 2000);
		if (unsettled.length === 0) return [];
		const first = list[0];
		const carrier = list.every((one) => one.carrier === first?.carrier) ? first?.carrier : undefined;
		const choices: Choice[] = [{ id: 'ask-again', label: 'Ask again', effect: { does: 'ask-again', settles: true } }];
		if (carrier !== undefined) choices.push({ id: 'cut-off', label: 'Cut the carrier off', effect: { does: 'cut-off', device: carrier } });
		return {
			id,
			key,
			kind: 'damaged',
			urgency: 'low',
			members: [],
			unsettled,
			stake: { unitsMilli: 0, minor: 0 },
			detail: { kind: 'damaged', document: first?.document ?? '', route: first?.route ?? '', found: list, carrier },
			choices,
			newestMs: Math.max(...list.map(({ atMs }) => atMs)),
		} satisfies Conflict;
	});
}

/** What could not be read at all has no bytes to hash: its name and reason stand in for them (FNV-1a, eight times, each with its own start). */
function memberOf({ hash, document, route, reason }: DamagedFound): EntryHash {
	if (/^[0-9a-f]{64}$/.test(hash)) return hash;
	const text = `${route}\n${document}\n${reason}`;
	let hex = '';
	for (let part = 0; part < 8; part += 1) {
		let sum = (0x811c9dc5 ^ part) >>> 0;
		for (let i = 0; i < text.length; i += 1) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193) >>> 0;
		hex += sum.toString(16).padStart(8, '0');
	}
	return hex as EntryHash;
}
