/** A hub and a relay have processors of their own in a shop. Where they share those of the page that is measured, they run when it does not. */
import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** Each thread that the process has by now, for Linux counts them apart (sched(7)); on other systems the process alone. */
export function giveWay(pid: number): void {
	for (const thread of threadsOf(pid)) setPriority(thread, constants.priority.PRIORITY_LOW);
}

function threadsOf(pid: number): readonly number[] {
	try {
		return readdirSync(`/proc/${pid}/task`).map(Number);
	} catch {
		return [pid];
	}
}
