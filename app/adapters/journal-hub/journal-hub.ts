/** The hub that served this page takes a till's journal in, on its own machine (`schemas/wire/journal-brought.ts`). What goes wrong is its refusal, or that it does not answer. */
import { hubRefusalWords } from '#core/hub-refusals.ts';
import { hubRefusal, type HubRefusal } from '#schemas/wire/hub-refusal.ts';
import { JOURNAL_PATH, journalBrought, type JournalBrought } from '#schemas/wire/journal-brought.ts';
import * as v from 'valibot';

const HUB_SILENT: HubRefusal = { why: 'hub-silent', error: hubRefusalWords('hub-silent') };
/** A month of a large shop is verified entry by entry. */
const ANSWER_MS = 600_000;

export async function bringToHub(
	fetch: (path: string, init?: RequestInit) => Promise<Response>,
	file: Uint8Array<ArrayBuffer>,
): Promise<JournalBrought | { readonly problem: HubRefusal }> {
	try {
		const answer = await fetch(JOURNAL_PATH, {
			...{ method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: file, signal: AbortSignal.timeout(ANSWER_MS) },
		});
		const said: unknown = await answer.json();
		if (answer.ok) return v.parse(journalBrought, said);
		return { problem: v.is(hubRefusal, said) ? said : HUB_SILENT };
	} catch {
		return { problem: HUB_SILENT };
	}
}
