import { createServer, connect } from 'node:net';
import { createTurns } from '#adapters/clock-system/turns-node.ts';
import { expect, test } from 'vitest';

test('whoever has a thousand slices gets every second turn while another has any', async () => {
	const turns = createTurns();
	const order: string[] = [];
	const work = async (who: string, slices: number): Promise<void> => {
		for (let n = 0; n < slices; n += 1) {
			await turns.take(() => order.push(who));
		}
	};
	const long = work('long', 1_000);
	await work('short', 3);
	expect(order.join(' ')).toBe('long short long short long short');
	await long;
	expect(order).toHaveLength(1_003);
});

test('what comes by a socket is looked at between two slices', async () => {
	const turns = createTurns();
	const server = createServer((socket) => socket.pipe(socket));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const socket = connect((server.address() as { readonly port: number }).port, '127.0.0.1');
	const answered = new Promise((resolve) => socket.once('data', resolve));
	let slices = 0;
	let isAnswered = false;
	void answered.then(() => {
		isAnswered = true;
	});
	socket.write('a sale');
	while (!isAnswered) {
		await turns.take(() => {
			slices += 1;
		});
	}
	expect(slices).toBeGreaterThan(1);
	socket.destroy();
	server.close();
});

test('a slice that waits for something keeps the next one waiting; one that fails is its own affair', async () => {
	const turns = createTurns();
	const gate = Promise.withResolvers<undefined>();
	const order: string[] = [];
	const slow = turns.take(async () => {
		await gate.promise;
		order.push('slow');
	});
	const failing = turns.take(() => {
		throw new Error('none of yours');
	});
	const last = turns.take(() => order.push('last'));
	await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
	expect(order).toEqual([]);
	gate.resolve(undefined);
	await slow;
	await expect(failing).rejects.toThrow('none of yours');
	await last;
	expect(order).toEqual(['slow', 'last']);
});

test('one alone that asks again and again, and after a pause, is never forgotten', async () => {
	const turns = createTurns();
	const order: number[] = [];
	for (let n = 0; n < 5; n += 1) {
		await turns.take(async () => {
			await Promise.resolve();
			order.push(n);
		});
		if (n === 2) await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
	}
	expect(order).toEqual([0, 1, 2, 3, 4]);
});
