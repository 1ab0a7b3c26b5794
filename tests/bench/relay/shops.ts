/** The process with the shops, from its parent's side: each order is a promise. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Orders } from './shops-process.ts';

export interface Shops extends Orders {
	readonly pid: number;
	close(): void;
}

export function startShops(): Shops {
	const child = fork(fileURLToPath(new URL('./shops-process.ts', import.meta.url)), {
		serialization: 'advanced',
		execArgv: [...process.execArgv, ...(process.env['SHOPS_NODE_FLAGS']?.split(' ') ?? [])],
	});
	const waiting = new Map<number, PromiseWithResolvers<never>>();
	let last = 0;
	child.on('message', ({ id, answer, error }: { readonly id: number; readonly answer: never; readonly error?: string }) => {
		if (error === undefined) waiting.get(id)?.resolve(answer);
		else waiting.get(id)?.reject(new Error(error));
		waiting.delete(id);
	});
	child.once('exit', (code) => {
		for (const { reject } of waiting.values()) reject(new Error(`the process with the shops ended with ${code}`));
	});
	function order(name: keyof Orders, what?: unknown): Promise<never> {
		const answered = Promise.withResolvers<never>();
		waiting.set((last += 1), answered);
		child.send({ id: last, name, order: what });
		return answered.promise;
	}
	return {
		pid: child.pid ?? 0,
		seal: (what) => order('seal', what),
		link: (what) => order('link', what),
		rush: (what) => order('rush', what),
		pace: (what) => order('pace', what),
		enough: () => order('enough'),
		bring: (what) => order('bring', what),
		unlink: () => order('unlink'),
		// It ends by itself then, and writes what its flags asked for.
		close: () => {
			if (child.connected) child.disconnect();
		},
	};
}
