/**
 * The room on this device's disk, in words: early, calm, and once more whenever it gets worse.
 *
 * 1. A level is announced when it is reached from above; the same level is not announced twice, a worse one is.
 * 2. What a write has found (full) counts more than what the browser estimates.
 */
import { m } from '#languages/compiled/messages.js';
import { formatCount } from '#languages/figures.ts';
import type { RoomLevel, RoomRow } from './rows.ts';

export interface RoomFacts {
	readonly persisted: boolean;
	/** What the browser answers; undefined: it does not know. */
	readonly leftBytes: number | undefined;
	readonly usedBytes: number | undefined;
	/** The last write found the disk full. */
	readonly full: boolean;
}

/** A sale is about 900 bytes in each of two copies, and as much again in its document and the database's own logs. */
const BYTES_A_SALE = 4_000;
/** 50,000 sales: some months of a busy till, so that there is time to do something in a quiet hour. */
const LOW_BYTES = 200_000_000;
/** 10,000 sales. */
const VERY_LOW_BYTES = 40_000_000;
/** 2,000 sales: some days. */
const NEARLY_FULL_BYTES = 8_000_000;

const ORDER: readonly RoomLevel[] = ['plenty', 'low', 'very-low', 'nearly-full', 'full'];

export function isWorse(level: RoomLevel, than: RoomLevel): boolean {
	return ORDER.indexOf(level) > ORDER.indexOf(than);
}

export function roomRow(facts: RoomFacts): RoomRow {
	const level = levelOf(facts);
	const words = wordsOf(level, facts.leftBytes ?? 0);
	return {
		level,
		...(words === undefined ? {} : { words }),
		persisted: facts.persisted,
		...(facts.usedBytes === undefined ? {} : { usedBytes: facts.usedBytes }),
		keeping: facts.persisted ? m.room_promised() : m.room_may_clear(),
	};
}

function levelOf({ leftBytes, full }: RoomFacts): RoomLevel {
	if (full) return 'full';
	if (leftBytes === undefined || leftBytes >= LOW_BYTES) return 'plenty';
	if (leftBytes >= VERY_LOW_BYTES) return 'low';
	return leftBytes >= NEARLY_FULL_BYTES ? 'very-low' : 'nearly-full';
}

function wordsOf(level: RoomLevel, leftBytes: number): string | undefined {
	const sales = formatCount(roundedDown(leftBytes / BYTES_A_SALE));
	switch (level) {
		case 'plenty':
			return undefined;
		case 'low':
			return m.room_low({ sales });
		case 'very-low':
			return m.room_very_low({ sales });
		case 'nearly-full':
			return m.room_nearly_full({ sales });
		case 'full':
			return m.room_full();
	}
}

/** One figure that counts: an estimate looks like one. */
function roundedDown(count: number): number {
	if (count < 1) return 0;
	const unit = 10 ** Math.floor(Math.log10(count));
	return Math.floor(count / unit) * unit;
}
