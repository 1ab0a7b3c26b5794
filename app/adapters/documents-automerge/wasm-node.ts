/** Automerge's wasm in Node: the file of the package. About 50 ms; call it once, before documents. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initializeWasm } from '@automerge/automerge-repo/slim';

export async function startAutomerge(): Promise<void> {
	await initializeWasm(await readFile(createRequire(import.meta.url).resolve('@automerge/automerge/automerge.wasm')));
}
