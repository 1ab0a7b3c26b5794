/** The drawer was opened and nothing was sold. */
import * as v from 'valibot';
import { defineFact, words } from './define.ts';
import { shiftNumber } from './sale-completed.ts';

export const drawerOpened = defineFact({
	type: 'drawer.opened',
	version: 1,
	scope: 'branch',
	right: 'sell',
	fields: { shift: v.optional(shiftNumber), reason: v.optional(words(200)) },
});
export type DrawerOpened = v.InferOutput<typeof drawerOpened.schema>;
