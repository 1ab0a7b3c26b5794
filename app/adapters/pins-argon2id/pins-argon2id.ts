/** The worker is started by the first PIN: a shop without people never loads it. */
import { wrap, type Remote } from 'comlink';
import type { Pins } from '#ports';
import type { PinWorker } from './argon2id.worker.ts';

export function createPins(): Pins {
	let worker: Remote<PinWorker> | undefined;
	const started = (): Remote<PinWorker> =>
		(worker ??= wrap<PinWorker>(new Worker(new URL('./argon2id.worker.ts', import.meta.url), { type: 'module', name: 'pins' })));
	return {
		hash: (pin, secret) => started().hash(pin, secret),
		check: (pin, hash, secrets) => started().check(pin, hash, [...secrets]),
	};
}
