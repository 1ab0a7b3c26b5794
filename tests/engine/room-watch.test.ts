import { expect, test } from 'vitest';
import { createRoomWatch, type RoomNow } from '#engine/room-watch.ts';

function openWatch(answer = false) {
	let [persisted, asked, usedBytes] = [false, 0, 10];
	const told: RoomNow[] = [];
	let lookAgain = (): unknown => undefined;
	const watch = createRoomWatch(
		{
			isPersisted: () => Promise.resolve(persisted),
			persist() {
				asked += 1;
				persisted = answer;
				return Promise.resolve(answer);
			},
			estimate: () => Promise.resolve({ usedBytes, quotaBytes: 100 }),
		},
		{
			every(_ms, task) {
				lookAgain = task;
				return () => undefined;
			},
		},
		(now) => told.push(now),
	);
	return { watch, told, asked: () => asked, use: (bytes: number) => (usedBytes = bytes), later: async () => lookAgain() };
}

const turns = async (): Promise<void> => {
	for (let n = 0; n < 10; n += 1) await Promise.resolve();
};

test('nothing is asked of the browser before there is something to lose, then once, and the answer is told', async () => {
	const { watch, told, asked } = openWatch(true);
	await watch.look();
	expect(asked()).toBe(0);
	expect(told.at(-1)).toMatchObject({ persisted: false });
	for (let n = 0; n < 3; n += 1) watch.hasSomethingToLose();
	await turns();
	expect(asked()).toBe(1);
	expect(told.at(-1)).toMatchObject({ persisted: true });
});

test('a browser that said no is not asked again in this session', async () => {
	const { watch, told, asked } = openWatch(false);
	for (let n = 0; n < 3; n += 1) {
		watch.hasSomethingToLose();
		await turns();
	}
	expect(asked()).toBe(1);
	expect(told.at(-1)).toMatchObject({ persisted: false });
});

test('room is looked at from time to time, and is never less than nothing', async () => {
	const { told, use, later } = openWatch();
	use(60);
	await later();
	expect(told.at(-1)).toMatchObject({ leftBytes: 40, usedBytes: 60 });
	use(130);
	await later();
	expect(told.at(-1)).toMatchObject({ leftBytes: 0 });
});

test('a full disk is told at once, and over with the next write that worked', async () => {
	const { watch, told } = openWatch();
	watch.wrote('recorded');
	await turns();
	expect(told).toEqual([]);
	watch.wrote('full');
	await turns();
	expect(told.at(-1)).toMatchObject({ full: true });
	watch.wrote('recorded');
	await turns();
	expect(told.at(-1)).toMatchObject({ full: false });
});
