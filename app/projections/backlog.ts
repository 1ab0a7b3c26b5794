/**
 * How far a backlog has drained: from the most sales that waited since nothing did.
 *
 * 1. Nothing waits: there is no backlog, and the next one begins anew.
 * 2. What is sold meanwhile makes it longer, and never makes what has gone less.
 */

export interface Backlog {
	readonly waiting: number;
	/** Have gone since it began. */
	readonly sent: number;
}

export function nextBacklog(before: Backlog | undefined, waiting: number): Backlog | undefined {
	if (waiting === 0) return undefined;
	if (before === undefined) return { waiting, sent: 0 };
	return { waiting, sent: before.sent + Math.max(0, before.waiting - waiting) };
}
