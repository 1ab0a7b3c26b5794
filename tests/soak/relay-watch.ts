/** What reached the relay, and when: read from its own disk and log while it runs, so that nobody's word is taken for it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { printReceipt } from '#core/receipt-number.ts';

export interface RelayWatch {
	/** When each receipt was first seen on the relay's disk, by this machine's clock. */
	readonly seenAtMs: ReadonlyMap<string, number>;
	/** When who carried the branch changed, as the relay heard it. */
	takeovers(): readonly { readonly atMs: number; readonly device: string }[];
	stop(): void;
}

const LOOK_EVERY_MS = 250;

export function watchRelay(folder: string): RelayWatch {
	const seenAtMs = new Map<string, number>();
	const upTo = new Map<string, number>();
	const timer = setInterval(look, LOOK_EVERY_MS);

	/** A disk that is busy, or not there yet, is looked at again. */
	function look(): void {
		const branches = join(folder, 'branches');
		for (const key of existsSync(branches) ? readdirSync(branches) : [])
			try {
				readNew(join(branches, key, 'entries.sqlite'));
			} catch {
				continue;
			}
	}

	function readNew(file: string): void {
		const database = new DatabaseSync(file, { readOnly: true });
		try {
			const ends = database.prepare("SELECT device, MAX(seq) AS seq FROM heard WHERE scope = 'branch' GROUP BY device").all();
			for (const { device, seq } of ends) {
				const from = upTo.get(String(device)) ?? 0;
				if (Number(seq) <= from) continue;
				const rows = database.prepare("SELECT sealed FROM heard WHERE device = ? AND scope = 'branch' AND seq > ?").all(String(device), from);
				for (const { sealed } of rows) note(new Uint8Array(sealed as Uint8Array));
				upTo.set(String(device), Number(seq));
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
		takeovers() {
			const file = join(folder, 'relay.log');
			const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
			return lines.flatMap((line) => {
				if (!line.includes('"msg":"holder"')) return [];
				const { time, device } = JSON.parse(line) as { readonly time: string; readonly device: string };
				return [{ atMs: Date.parse(time), device }];
			});
		},
		stop() {
			clearInterval(timer);
		},
	};
}
