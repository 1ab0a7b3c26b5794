/**
 * The browser's local network permission: whether a page that came from the internet may reach devices of the network it is in. The hub is one.
 *
 * Chromium has asked since 2025, for `local-network-access`; later it told `local-network` and `loopback-network` (this very machine) apart. Other browsers do
 * not know the permission, and let WebRTC through or ask in a way that a page cannot see.
 *
 * 1. Asking never throws: a browser that does not know the permission answers `unknown`.
 * 2. The newest name that the browser knows counts; the older one sums several up.
 */
import type { LocalNetwork } from '#ports';

const OLDER = 'local-network-access';
const NAMES = { network: ['local-network', OLDER], 'this-machine': ['loopback-network', OLDER] } as const;

export function createLocalNetwork({ permissions }: { readonly permissions?: Pick<Permissions, 'query'> } = navigator): LocalNetwork {
	const statusOf = async (name: string): Promise<PermissionStatus | undefined> =>
		permissions?.query({ name: name as PermissionName }).catch(() => undefined);

	return {
		async access(where) {
			for (const name of NAMES[where]) {
				const status = await statusOf(name);
				if (status !== undefined) return status.state;
			}
			return 'unknown';
		},
		onChange(listener) {
			for (const name of new Set([...NAMES.network, ...NAMES['this-machine']]))
				void statusOf(name).then((status) => {
					status?.addEventListener('change', listener);
				});
		},
	};
}
