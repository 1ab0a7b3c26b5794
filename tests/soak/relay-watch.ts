/** What reached the relay, and when: read from its own disk and log while it runs, so that nobody's word is taken for it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { printReceipt } from '#core/receipt-number.ts';
import type { Change } from './takeovers.ts';

export interface RelayWatch {
	/** When each receipt was first seen on the relay's disk, by this machine's clock. */
	readonly seenAtMs: ReadonlyMap<string, number>;
	/** Reads the disk now; false: it did not answer, and says nothing. */
	look(): boolean;
	/** When who carried the branch changed, as the relay heard it. */
	takeovers(): readonly Change[];
	stop(): void;
}

const LOOK_EVERY_MS = 250;

export function watchRelay(folder: string): RelayWatch {
	const seenAtMs = new Map<string, number>();
	/** By device: up to here nothing is missing; what lies above came by the lane, before what lies between. */
	const wholeTo = new Map<string, number>();
	const above = new Map<string, Set<number>>();
	const timer = setInterval(look, LOOK_EVERY_MS);

	/** A disk that is busy, or not there yet, is looked at again. */
	function look(): boolean {
		const branches = join(folder, 'branches');
		try {
			for (const key of existsSync(branches) ? readdirSync(branches) : []) readNew(join(branches, key, 'entries.sqlite'));
			return true;
		} catch {
			return false;
		}
	}

	function readNew(file: string): void {
		const database = new DatabaseSync(file, { readOnly: true });
		try {
			const counts = database.prepare("SELECT device, COUNT(DISTINCT seq) AS held FROM heard WHERE scope = 'branch' GROUP BY device").all();
			for (const { device: name, held } of counts) {
				const device = String(name);
				const known = above.get(device) ?? new Set();
				let whole = wholeTo.get(device) ?? 0;
				if (Number(held) <= whole + known.size) continue;
				const rows = database.prepare("SELECT seq, sealed FROM heard WHERE device = ? AND scope = 'branch' AND seq > ?").all(device, whole);
				for (const { seq, sealed } of rows) {
					if (known.has(Number(seq))) continue;
					known.add(Number(seq));
					note(new Uint8Array(sealed as Uint8Array));
				}
				while (known.delete(whole + 1)) whole += 1;
				wholeTo.set(device, whole);
				above.set(device, known);
			}
		} finally {
			database.close();
		}
	}

	function note(sealed: Uint8Array): void {
		const parts = splitSealed(sealed);
		const entry = parts === undefined ? undefined : decodeBody(parts.body);
		if (entry === undefined || 'damaged' in entry) return;
		for (const fact of entry.facts) if ('receipt' in fact) seenAtMs.set(printReceipt(fact.receipt), Date.now());
	}

	return {
		seenAtMs,
		look,
		takeovers() {
			const file = join(folder, 'relay.log');
			const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
			return lines.flatMap((line) => {
				if (!line.includes('"event":"holder"')) return [];
				// A relay that was killed in the middle of a line leaves its half; the next one's line goes on behind it.
				const whole = line.slice(line.lastIndexOf('{"level"'));
				const { time, device } = JSON.parse(whole.includes('"event":"holder"') ? whole : '{}') as {
					readonly time?: string;
					readonly device?: string;
				};
				return time === undefined || device === undefined ? [] : [{ atMs: Date.parse(time), device }];
			});
		},
		stop() {
			clearInterval(timer);
		},
	};
}
