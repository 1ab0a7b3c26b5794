/**
 * The long tasks of a page's main thread: by the clock, and how much of that it had a processor. On two cores that a browser, a hub and a relay share, a task
 * waits for one in the middle of its work, and the clock goes on.
 */
import type { Page } from 'playwright/test';

export interface LongTask {
	readonly clockMs: number;
	readonly processorMs: number;
}

export interface TaskWatch {
	/** Of all that began since. */
	stop(): Promise<readonly LongTask[]>;
}

interface TraceEvent {
	readonly name: string;
	readonly pid: number;
	readonly tid: number;
	/** Microseconds, by the clock and of the thread. */
	readonly dur?: number;
	readonly tdur?: number;
	readonly args: { readonly name?: string };
}

const BUFFER_KB = 400_000;

/** By Chromium's own trace, which costs the page little: what is told of tasks alone, without a profile. */
export async function watchTasks(page: Page, overMs: number): Promise<TaskWatch> {
	const session = await page.context().newCDPSession(page);
	const long: TraceEvent[] = [];
	const mains = new Set<string>();
	const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
	session.on('Tracing.dataCollected', ({ value }) => {
		for (const event of value as unknown as readonly TraceEvent[]) {
			if (event.name === 'thread_name' && event.args.name === 'CrRendererMain') mains.add(threadOf(event));
			else if (event.name === 'ThreadControllerImpl::RunTask' && (event.dur ?? 0) > 1_000 * overMs) long.push(event);
		}
	});
	await session.send('Tracing.start', {
		transferMode: 'ReportEvents',
		traceConfig: { recordMode: 'recordUntilFull', traceBufferSizeInKb: BUFFER_KB, includedCategories: ['toplevel'], excludedCategories: ['*'] },
	});
	return {
		async stop() {
			const whole = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
			await session.send('Tracing.end');
			await whole;
			await session.detach();
			return long.filter((event) => mains.has(threadOf(event))).map(({ dur = 0, tdur = 0 }) => ({ clockMs: dur / 1_000, processorMs: tdur / 1_000 }));
		},
	};
}
