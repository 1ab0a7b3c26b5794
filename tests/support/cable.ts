/** A cable between two programs of this machine, by TCP: what is plugged into its port reaches `to`, until it is cut or pulled. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Cable {
	readonly port: number;
	/** Nothing passes any more, and nobody is told. */
	cut(): void;
	/** Whoever is connected is told, and nobody else gets in: as a program that is not there. */
	pull(): void;
	mend(): void;
	stop(): Promise<void>;
}

export async function layCable(to: number): Promise<Cable> {
	const sockets = new Set<Socket>();
	let state: 'whole' | 'cut' | 'pulled' = 'whole';
	const server = createServer((near) => {
		if (state === 'pulled') {
			near.on('error', () => undefined).destroy();
			return;
		}
		const far = connect(to, '127.0.0.1');
		for (const [from, into] of [
			[near, far],
			[far, near],
		] as const) {
			sockets.add(from);
			from.on('data', (bytes) => {
				if (state === 'whole') into.write(bytes);
			});
			from.on('error', () => undefined);
			from.on('close', () => {
				sockets.delete(from);
				if (state !== 'cut') into.destroy();
			});
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const end = (): void => {
		for (const socket of sockets) socket.destroy();
	};
	return {
		port: (server.address() as AddressInfo).port,
		cut: () => void (state = 'cut'),
		pull() {
			state = 'pulled';
			end();
		},
		mend: () => void (state = 'whole'),
		async stop() {
			end();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
