/** What a till shows before its ledger is read is never older than it says. */
import { createCachedParts } from '#engine/cached-parts.ts';
import { expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';

/** Parts and head are the version of the rows that they are of. */
function openDisk() {
	const time = createManualTime();
	const disk = new Map<string, number>();
	const waiting: (() => void)[] = [];
	let [version, isSlow] = [0, false];
	const cache = createCachedParts({
		...{ timers: time.timers, afterMs: 1000, catchUp: () => true, onWritten: () => undefined },
		read: (parts) => [...parts.map((part) => [`part ${part}`, new Uint8Array([version])] as const), ['head', new Uint8Array([version])]],
		async setCache(name, bytes) {
			if (isSlow) await new Promise<void>((go) => waiting.push(go));
			disk.set(name, bytes[0] ?? 0);
		},
	});
	return {
		...{ disk, time },
		change(...parts: readonly number[]) {
			version += 1;
			for (const part of parts) cache.touch(part);
			cache.write();
		},
		slow() {
			isSlow = true;
		},
		/** The oldest write that the disk was asked for. */
		async one(): Promise<boolean> {
			const go = waiting.shift();
			go?.();
			for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setTimeout(next));
			return go !== undefined;
		},
	};
}

test('rows change while a slow disk writes those before: whenever it stops, no part is older than the head says', async () => {
	const { disk, time, change, slow, one } = openDisk();
	change(1, 2, 3, 4);
	await time.pass(1000);
	slow();
	change(2, 3, 4);
	void time.pass(1000);
	await Promise.resolve();
	change(2);
	void time.pass(1000);
	const newestOf: Record<string, number> = { 'part 2': 3, 'part 3': 2, 'part 4': 2 };
	while (await one()) {
		const head = disk.get('head') ?? 0;
		for (const [part, newest] of Object.entries(newestOf))
			expect(disk.get(part), `${part} under head ${head}`).toBeGreaterThanOrEqual(Math.min(head, newest));
	}
	expect(Object.fromEntries(disk)).toEqual({ 'part 1': 1, 'part 2': 3, 'part 3': 2, 'part 4': 2, head: 3 });
});

test('a part that was not written is among those of the next write', async () => {
	const time = createManualTime();
	const disk: string[] = [];
	let isFull = true;
	const cache = createCachedParts({
		...{ timers: time.timers, afterMs: 1000, catchUp: () => true, onWritten: () => undefined },
		read: (parts) => [...parts.map((part) => [`part ${part}`, new Uint8Array()] as const), ['head', new Uint8Array()]],
		setCache: (name) => (isFull ? Promise.reject(new Error('full')) : Promise.resolve(void disk.push(name))),
	});
	cache.touch(7);
	cache.write();
	await expect(time.pass(1000)).rejects.toThrow('full');
	isFull = false;
	cache.write();
	await time.pass(1000);
	expect(disk).toEqual(['part 7', 'head']);
});
