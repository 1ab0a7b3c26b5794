/// <reference types="vite/client" />
/** Automerge's wasm in a browser or worker: a file of its own, which Vite names and the service worker keeps. 50–300 ms; call it once, before documents. */
import { initializeWasm } from '@automerge/automerge-repo/slim';
import wasmUrl from '@automerge/automerge/automerge.wasm?url';

export async function startAutomerge(): Promise<void> {
	await initializeWasm(new Request(wasmUrl));
}
