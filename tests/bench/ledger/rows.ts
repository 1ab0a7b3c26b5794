/** `npm run bench -- ledger`, in the order of its table. */
import type { Row } from '../row.ts';
import { fold, late, oneMore } from './fold.ts';

export const ledgerRows: readonly Row[] = [fold, oneMore, late];
