import type { RelayStorage, ReportCell, ReportRow } from '#ports';
import type { StoreId } from '#schemas/ids.ts';
import { MOST_ROWS } from '#schemas/wire/owner-pages.ts';
import { REPORTS } from './plan.ts';

/** However many pages they are: four hundred branches have more tills than a page has rows. */
export async function allRows(record: Pick<RelayStorage, 'report'>, view: 'branches' | 'tills', store: StoreId): Promise<readonly ReportRow[]> {
	const order = REPORTS.views.find(({ name }) => name === view)?.order;
	if (order === undefined) throw new Error(`no view is named ${view}`);
	const rows: ReportRow[] = [];
	let after: readonly ReportCell[] | undefined;
	for (;;) {
		const page = await record.report({ view, store, limit: MOST_ROWS, ...(after === undefined ? {} : { after }) });
		rows.push(...page);
		const last = page.at(-1);
		if (last === undefined || page.length < MOST_ROWS) return rows;
		after = order.map((column) => last[column] ?? null);
	}
}
