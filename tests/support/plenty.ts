import type { DayBounds } from '#engine/day-budget.ts';

/** More bytes a day than any test writes. */
export const PLENTY: DayBounds = { deviceBytes: 1e6, branchBytes: 1e7, shareBytes: 1e6 };
