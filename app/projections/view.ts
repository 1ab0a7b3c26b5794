/** A value that screens subscribe to: told at once, then at every change. */
import type { View } from './views.ts';

export interface MutableView<Value> extends View<Value> {
	get(): Value;
	set(value: Value): void;
}

export function createView<Value>(initial: Value): MutableView<Value> {
	let value = initial;
	const listeners = new Set<(value: Value) => void>();
	return {
		get: () => value,
		set(next) {
			value = next;
			for (const listener of [...listeners]) listener(next);
		},
		subscribe(listener) {
			listeners.add(listener);
			listener(value);
			return () => {
				listeners.delete(listener);
			};
		},
	};
}
