/**
 * A till's journal that was carried to the hub as a file: posted by a page on this machine (`schemas/wire/journal-brought.ts`), or named at the start.
 *
 * 1. It is read on the hub's own machine alone: what it holds proves itself, but reading it takes memory and time.
 * 2. A hub without a shop, or whose record is on its way back, takes none: `--recover` has a way of its own (`recovery/`).
 */
import type { HubRefusalName } from '#core/hub-refusals.ts';
import { bringIn } from '#engine/bring-in.ts';
import type { BadJournal, BroughtIn } from '#engine/journal-file.ts';
import type { Digest } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
import type { HubRefusal } from '#schemas/wire/hub-refusal.ts';
import { MOST_JOURNAL_BYTES, type JournalBrought } from '#schemas/wire/journal-brought.ts';
import type { Branch } from './branch.ts';
import type { ShopFile } from './enrolment/shop.ts';
import { refuse } from './http/refuse.ts';
import { isSameMachine } from './http/same-machine.ts';
import type { Answer, FileHandler } from './http/server.ts';

export const BAD_JOURNAL: Readonly<Record<BadJournal, HubRefusalName>> = {
	'no-journal': 'journal-unreadable',
	'newer-version': 'journal-newer',
	'other-shop': 'journal-of-another-shop',
};

interface OpenShop {
	readonly file: ShopFile;
	readonly branch: Branch;
}

export interface JournalDesk {
	readonly route: FileHandler;
	bringIn(bytes: Uint8Array): Promise<BroughtIn | { readonly refused: string }>;
}

export function createJournalDesk({
	shop,
	self,
	digest,
	log,
}: {
	/** Or why there is none. */
	readonly shop: () => OpenShop | Answer;
	readonly self: DeviceId;
	readonly digest: Digest;
	readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}): JournalDesk {
	async function take(bytes: Uint8Array): Promise<BroughtIn | Answer> {
		const into = shop();
		if ('body' in into) return into;
		const { ledger, replica, verifier, entryStore } = into.branch;
		const outcome = await bringIn(bytes, { ...{ store: into.file.store, ledger, replica, verifier, entryStore }, self, digest });
		if ('problem' in outcome) return refuse(400, BAD_JOURNAL[outcome.problem]);
		const { added, known, refused } = outcome;
		log('a journal was brought in', { added, known, refused });
		return outcome;
	}

	return {
		route: {
			mostBytes: MOST_JOURNAL_BYTES,
			refuses(request) {
				if (!isSameMachine(request)) return refuse(403, 'another-machine');
				const into = shop();
				return 'body' in into ? into : undefined;
			},
			async take(bytes) {
				const outcome = await take(bytes);
				return 'body' in outcome ? outcome : { body: outcome satisfies JournalBrought };
			},
		},
		async bringIn(bytes) {
			const outcome = await take(bytes);
			return 'body' in outcome ? { refused: (outcome.body as HubRefusal).error } : outcome;
		},
	};
}
