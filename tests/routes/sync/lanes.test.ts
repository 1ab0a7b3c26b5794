import { expect, test } from 'vitest';
import type { Timeline } from '#projections/rows.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { laneRows } from '../../../app/routes/sync/lanes.ts';

const [two, three] = ['2'.repeat(64), '3'.repeat(64)] as [DeviceId, DeviceId];
const devices = [
	{ device: two, name: 'Till 2' },
	{ device: three, name: 'Till 3' },
];
const seen = (timeline: Timeline) =>
	laneRows(timeline).map(({ atMs, lanes }) => [
		atMs,
		...lanes.map(({ apart, events }) => `${apart ? 'apart ' : ''}${events.map(({ text }) => text).join()}`),
	]);

test('invariant 1: what happened at one moment is one row, as each till saw it', () => {
	const events: Timeline['events'] = [
		{ device: three, atMs: 20, tone: 'did', text: 'sold' },
		{ device: two, atMs: 20, tone: 'apart', text: 'did not hear' },
		{ device: two, atMs: 10, tone: 'heard', text: 'heard: 1' },
		{ device: three, atMs: 10, tone: 'heard', text: 'heard: 1' },
	];
	expect(seen({ devices, events })).toEqual([
		[10, 'heard: 1', 'heard: 1'],
		[20, 'apart did not hear', 'sold'],
	]);
});

test('invariant 2: a lane is apart from what it missed to its own next deed, and whole again after it', () => {
	const events: Timeline['events'] = [
		{ device: two, atMs: 5, tone: 'did', text: 'received' },
		{ device: three, atMs: 10, tone: 'did', text: 'sold' },
		{ device: two, atMs: 10, tone: 'apart', text: 'did not hear' },
		{ device: three, atMs: 15, tone: 'did', text: 'sold more' },
		{ device: two, atMs: 20, tone: 'did', text: 'sold' },
		{ device: three, atMs: 30, tone: 'heard', text: 'heard till 2' },
	];
	expect(seen({ devices, events })).toEqual([
		[5, 'received', ''],
		[10, 'apart did not hear', 'sold'],
		[15, 'apart ', 'sold more'],
		[20, 'apart sold', ''],
		[30, '', 'heard till 2'],
	]);
});

test('a time-line without events has no rows', () => {
	expect(laneRows({ devices, events: [] })).toEqual([]);
});
