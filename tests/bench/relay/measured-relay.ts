/** A relay in a process of its own, as an operator starts it, that says what it has used. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';
import { serve } from '../../support/shop-processes.ts';

export interface Figures {
	/** Of the processor, since its start. */
	readonly cpuMs: number;
	/** What its JavaScript holds after collecting its garbage. */
	readonly heapBytes: number;
	/** Automerge's wasm memory, which never becomes less, and buffers. */
	readonly externalBytes: number;
	/** As the system counts it. */
	readonly residentBytes: number;
}

export interface MeasuredRelay {
	/** `ws://…` */
	readonly url: string;
	figures(): Promise<Figures>;
	close(): Promise<void>;
}

const TELLS = fileURLToPath(new URL('./tell-figures.mjs', import.meta.url));

export interface RelayPlan {
	/** Absent: SQLite. */
	readonly database?: string | undefined;
	/** Of several processes on one PostgreSQL, which tell devices each other's address. */
	readonly keys?: string;
	/** In place of ten minutes. */
	readonly restAfterSeconds?: number;
}

export async function startMeasuredRelay({ database, keys, restAfterSeconds }: RelayPlan): Promise<MeasuredRelay> {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-relay-'));
	const port = String(await freePort());
	const url = `ws://127.0.0.1:${port}`;
	let said = Promise.withResolvers<Figures>();
	let rest = '';
	const served = await serve(
		'relay',
		{
			...{ data: folder, port },
			...(database === undefined ? {} : { database }),
			...(restAfterSeconds === undefined ? {} : { 'rest-after': String(restAfterSeconds) }),
			...(keys === undefined ? {} : { keys, 'public-url': url, 'peer-url': `http://127.0.0.1:${port}` }),
		},
		(text) => {
			const lines = (rest + text).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) if (line.startsWith('figures ')) said.resolve(JSON.parse(line.slice('figures '.length)) as Figures);
		},
		['--expose-gc', '--import', TELLS, ...(process.env['RELAY_NODE_FLAGS']?.split(' ') ?? [])],
	);
	return {
		url,
		async figures() {
			said = Promise.withResolvers();
			process.kill(served.pid, 'SIGUSR2');
			return await said.promise;
		},
		async close() {
			await served.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
