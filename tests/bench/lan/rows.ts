/** What tills and hubs do among each other. */
import type { Row } from '../row.ts';
import { converge, takeover } from './lan.ts';
import { month } from './month.ts';
import { record } from './record.ts';
import { neighbour, reconnect, weight } from './wire.ts';

export const lanRows: readonly Row[] = [record, neighbour, takeover, weight, reconnect, converge, month];
