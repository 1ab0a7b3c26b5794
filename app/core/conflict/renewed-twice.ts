/**
 * Renewed twice: one key of a device was given up for two others, each countersigned by a device that had not heard of the other. Somebody has a copy of that
 * key, and who it is no computer can say. The key that was countersigned first rules meanwhile (`core/entry/renewals.ts`), and what the other signed is put aside.
 *
 * 1. One item a device, in the store's scope, as soon as entries show both renewals, in whatever order. It ends when the device is out of the shop.
 * 2. Members are entries that show a renewal of a key that was given up twice, one for each new key: the first in ledger order, or one that an answer has named. So
 *    whoever shows the same renewal once more asks nobody again, and a third one does.
 * 3. A till alone removes no hub: of a hub the choice is to keep the first.
 * 4. A relay's key that was given up for two others is the same to people: that hubs wrote into the record what the relay's address showed them stands for the
 *    countersign, and the one that was written down first rules (`core/entry/successions.ts`). The choice is to keep it.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { SignedRenewal } from '#core/entry/certificate.ts';
import { conflictKey } from '#core/ledger/answers.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { Role } from '#schemas/certificate.ts';
import type { DeviceId, SigningKey } from '#schemas/ids.ts';
import type { Choice, Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';

/** What is asked of a renewal here. */
type Renewing = Pick<SignedRenewal, 'countersigner' | 'atMs'> & { readonly renewal: Pick<SignedRenewal['renewal'], 'before' | 'key' | 'generation'> };

export interface Renewed<One extends Renewing = Renewing> {
	readonly device: DeviceId;
	readonly role: Role | 'relay';
	readonly line: { readonly inForce: readonly One[]; readonly rivals: readonly One[] };
	/** Every renewal that an entry shows, with that entry. */
	readonly shown: readonly { readonly record: EntryRecord; readonly renewals: readonly One[] }[];
}

export const RENEWED_TWICE = 'renewed-twice';

export function findRenewedTwice({ device, role, line, shown }: Renewed, context: ConflictContext): Conflict | undefined {
	const settled = context.settled(conflictKey({ kind: RENEWED_TWICE, subject: device }));
	const evidence = contested(line, shown).flatMap((signed) => {
		const by = shown
			.filter(({ renewals }) => renewals.some(({ renewal }) => renewal.key === signed.renewal.key))
			.map(({ record }) => record)
			.sort(compareEntries);
		const record = by.find(({ hash }) => settled?.has(hash) === true) ?? by[0];
		return record === undefined ? [] : [{ signed, record }];
	});
	const inForce = new Set(line.inForce.map(({ renewal }) => renewal.key));
	return openConflict(
		{
			subject: device,
			ofStore: true,
			urgency: 'high',
			members: evidence.map(({ record }) => record),
			detail: {
				kind: RENEWED_TWICE,
				device,
				role,
				renewals: evidence.map(({ signed: { renewal, countersigner, atMs }, record }) => ({
					...{ entry: record.hash, key: renewal.key, generation: renewal.generation, countersigner, atMs },
					isInForce: inForce.has(renewal.key),
				})),
			},
			stake: () => ({ unitsMilli: 0, minor: 0 }),
			choices: () => [
				...(role === 'till' ? [{ id: 'remove-device', label: 'Remove the device', effect: { does: 'remove-device', device } } satisfies Choice] : []),
				{ id: 'keep-first', label: 'Keep the first', effect: { does: 'keep-first-keys', device } },
			],
		},
		context,
	);
}

/** Each new key once, by who countersigned it first; of those in force only what was given up for another, too. */
function contested({ inForce, rivals }: Renewed['line'], shown: Renewed['shown']): readonly Renewing[] {
	const givenUp = new Set(rivals.map(({ renewal }) => renewal.before));
	const unasked = new Set(inForce.flatMap(({ renewal }) => (givenUp.has(renewal.before) ? [] : [renewal.key])));
	const byKey = new Map<SigningKey, Renewing>();
	for (const one of shown.flatMap(({ renewals }) => renewals)) {
		if (unasked.has(one.renewal.key)) continue;
		const known = byKey.get(one.renewal.key);
		if (known === undefined || compareWhen(one, known) < 0) byKey.set(one.renewal.key, one);
	}
	return [...byKey.values()].sort((a, b) => a.renewal.generation - b.renewal.generation || compareWhen(a, b));
}

function compareWhen(a: Renewing, b: Renewing): number {
	return a.atMs - b.atMs || (textOf(a) < textOf(b) ? -1 : 1);
}

function textOf({ renewal, countersigner }: Renewing): string {
	return `${renewal.key} ${countersigner}`;
}
