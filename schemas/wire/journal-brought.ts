/**
 * A till's journal, brought in at a hub on its own machine. Over HTTP:
 *
 *   POST /journal   the file as it is, application/octet-stream   → journalBrought
 *   → 4xx `hub-refusal.ts`
 */
import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const JOURNAL_PATH = '/journal';
/** A till with 35 days of 1,500 sales a day in it, 1.3 KB each as sealed, comes to 140 MB in hex. */
export const MOST_JOURNAL_BYTES = 512 * 1024 * 1024;
export const journalBrought = v.strictObject({ added: count, known: count, refused: count, code: v.exactOptional(v.string()) });
export type JournalBrought = v.InferOutput<typeof journalBrought>;
