import { expect, test } from 'vitest';
import { createFramePorts } from '#adapters/lan-libp2p/same-process.ts';

test('1: messages arrive in their order, both ways, and never inside the call that posts them', async () => {
	const [repo, lan] = createFramePorts();
	const heard: string[] = [];
	lan.addEventListener('message', ({ data }) => {
		heard.push(`lan ${String(data)}`);
		if (data === 'a') {
			lan.postMessage('answer', []);
			heard.push('posted');
		}
	});
	repo.addEventListener('message', ({ data }) => heard.push(`repo ${String(data)}`));
	repo.postMessage('a', []);
	repo.postMessage('b', []);
	expect(heard).toEqual([]);
	await Promise.resolve();
	await Promise.resolve();
	expect(heard).toEqual(['lan a', 'posted', 'lan b', 'repo answer']);
});

test('2: what is posted before anybody listens is kept', async () => {
	const [repo, lan] = createFramePorts();
	repo.postMessage(1, []);
	await Promise.resolve();
	const heard: unknown[] = [];
	lan.addEventListener('message', ({ data }) => heard.push(data));
	await Promise.resolve();
	expect(heard).toEqual([1]);
});
