/** What people call a branch: each further one is opened with a name of its own, and the store's first has the name that was given with the store. */
import type { LedgerState } from '#core/ledger/state.ts';
import type { BranchId } from '#schemas/ids.ts';

export function branchName({ settings }: Pick<LedgerState, 'settings'>, branch: BranchId): string | undefined {
	return (settings.at('branchName', branch) ?? settings.at('branchName'))?.value;
}
