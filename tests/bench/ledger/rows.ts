/** `npm run bench -- ledger`, in the order of its table. */
import type { Row } from '../row.ts';
import { fold, late, oneMore } from './fold.ts';
import { products, words } from './products.ts';
import { append, bytes, load } from './segments.ts';
import { memory, startRow, startRows } from './year.ts';

export const ledgerRows: readonly Row[] = [fold, oneMore, late, startRow, startRows, bytes, append, load, memory, products, words];
