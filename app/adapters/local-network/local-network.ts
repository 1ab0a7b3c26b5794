/**
 * The browser's local network permission: whether a page that came from the internet may reach devices of the network it is in. The hub is one.
 *
 * Chromium has asked since 2025 (as `local-network-access`, later `local-network`); other browsers do not know the permission and let WebRTC through, or ask
 * in a way that a page cannot see.
 *
 * 1. Asking never throws: a browser that does not know the permission answers `unknown`.
 * 2. `denied` only where the browser says so for every name that it knows.
 */
import type { LocalNetwork, LocalNetworkAccess } from '#ports';

/** The newest first. */
const NAMES = ['local-network', 'local-network-access'] as const;

export function createLocalNetwork({ permissions }: { readonly permissions?: Pick<Permissions, 'query'> } = navigator): LocalNetwork {
	async function statuses(): Promise<readonly PermissionStatus[]> {
		const asked = NAMES.map(async (name) => permissions?.query({ name: name as PermissionName }).catch(() => undefined));
		return (await Promise.all(asked)).filter((status) => status !== undefined);
	}

	async function access(): Promise<LocalNetworkAccess> {
		const states = (await statuses()).map(({ state }) => state);
		if (states.includes('granted')) return 'granted';
		if (states.includes('prompt')) return 'prompt';
		return states.includes('denied') ? 'denied' : 'unknown';
	}

	return {
		access,
		onChange(listener) {
			void statuses().then((all) => {
				for (const status of all) status.addEventListener('change', () => void access().then(listener));
			});
		},
	};
}
