/**
 * `GET /metrics`, on a listener of its own.
 *
 * 1. It is off until somebody asks for it, and then on this machine alone unless an address is given.
 * 2. On loopback it answers to names of this machine alone: a page elsewhere whose name was made to resolve to us (DNS rebinding) reads nothing.
 */
import type { AddressInfo } from 'node:net';
import { isLocalName, hostnameOf } from '../http/same-machine.ts';
import { closeHttp, createHttp, policyOf } from '../http/server.ts';
import type { Flag } from '../flags.ts';
import type { Log } from '../log.ts';
import type { Meters } from './meters.ts';

export interface MetricsPlace {
	readonly host: string;
	readonly port: number;
}

export const metricsFlag: Flag<MetricsPlace | undefined> = {
	...{ hint: '[ADDRESS:]PORT|off', help: 'Where Prometheus reads GET /metrics; a port alone is for this machine', initial: undefined },
	initialWords: 'off',
	parse(text) {
		if (text === 'off') return { value: undefined };
		const [, host, port] = /^(?:(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/.exec(text) ?? [];
		const number = Number(port);
		if (port === undefined || number < 1 || number > 65_535) return { wrong: 'expected a port, an address with a port like 0.0.0.0:9464, or off' };
		return { value: { host: host?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port: number } };
	},
};

export interface MetricsDoor {
	readonly port: number;
	close(): Promise<void>;
}

export async function openMetrics(meters: Meters, { host, port }: MetricsPlace, log: Log): Promise<MetricsDoor> {
	const isForUsAlone = isLocalName(host.includes(':') ? `[${host}]` : host);
	const server = createHttp({
		routes: {
			'GET /metrics': async ({ headers }) => {
				if (isForUsAlone && !isLocalName(hostnameOf(headers.host ?? ''))) return { status: 421, body: 'This is for programs of this machine.\n' };
				return { body: await meters.text(), type: meters.contentType };
			},
		},
		...{ upgrades: {}, contentSecurityPolicy: policyOf([]) },
		onError: (error) => {
			log('request failed', { error: String(error) });
		},
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			server.off('error', reject);
			resolve();
		});
	});
	return {
		get port() {
			return (server.address() as AddressInfo).port;
		},
		close: () => closeHttp(server),
	};
}
