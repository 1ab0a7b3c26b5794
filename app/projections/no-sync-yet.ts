/** The Sync row of a till that has just begun: by itself, for the page shows it before the worker has folded anything. */
import { m } from '#languages/compiled/messages.js';
import type { SyncRow } from './rows.ts';

/** What is shown before the ledger stands: every figure in it is none. */
export function noSyncYet(): SyncRow {
	return {
		...{ starting: true, sentence: m.shell_starting(), calm: { tone: 'kelp', words: m.shell_starting() }, workingAlone: false },
		till: { sales: 0 },
		shop: { linked: false, tills: 0, hubs: 0, waiting: 0, words: '' },
		cloud: { known: false, linked: false, sales: 0, waiting: 0, words: '' },
		...{ peers: [], duplicates: 0, quarantined: 0, damaged: 0, updateNeeded: false, recalculating: false, full: [], log: [] },
	};
}
