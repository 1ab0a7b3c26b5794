/** What tills and hubs do among each other. */
import type { Row } from '../row.ts';
import { converge, takeover } from './lan.ts';
import { record } from './record.ts';

export const lanRows: readonly Row[] = [record, takeover, converge];
