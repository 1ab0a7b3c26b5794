/** The browser's local network permission, as browsers of several years tell it (`adapters/local-network`). */
import { expect, test } from 'vitest';
import { createLocalNetwork } from '#adapters/local-network/local-network.ts';

type States = Readonly<Record<string, PermissionState>>;

function browser(states: States) {
	const listeners: (() => void)[] = [];
	const query = ({ name }: { readonly name: string }): Promise<PermissionStatus> => {
		const state = states[name];
		if (state === undefined) return Promise.reject(new TypeError(`'${name}' is not a valid enum value of type PermissionName`));
		const status = { state, addEventListener: (_: string, listener: () => void) => void listeners.push(listener) };
		return Promise.resolve(status as unknown as PermissionStatus);
	};
	return { permissions: { query: query as Permissions['query'] }, change: () => listeners.forEach((listener) => listener()) };
}

test.each<[string, States, string, string]>([
	['Chromium of now', { 'local-network': 'granted', 'loopback-network': 'denied', 'local-network-access': 'denied' }, 'granted', 'denied'],
	['Chromium of 2025', { 'local-network-access': 'prompt' }, 'prompt', 'prompt'],
	['one that does not know it', { camera: 'granted' }, 'unknown', 'unknown'],
])('%s', async (_, states, network, here) => {
	const local = createLocalNetwork(browser(states));
	expect([await local.access('network'), await local.access('this-machine')]).toEqual([network, here]);
});

test('a browser without the Permissions API knows nothing, and a change is heard', async () => {
	expect(await createLocalNetwork({}).access('network')).toBe('unknown');
	const asking = browser({ 'local-network': 'prompt' });
	let heard = 0;
	createLocalNetwork(asking).onChange(() => (heard += 1));
	await new Promise((resolve) => setTimeout(resolve, 0));
	asking.change();
	expect(heard).toBe(1);
});
