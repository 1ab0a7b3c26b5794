/** Automerge's wasm in Node: the file of the package, about 50 ms. Importing this file is enough: it runs when the import resolves. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Automerge, initializeWasm } from '@automerge/automerge-repo/slim';

export async function startAutomerge(): Promise<void> {
	if (Automerge.isWasmInitialized()) return;
	await initializeWasm(await readFile(createRequire(import.meta.url).resolve('@automerge/automerge/automerge.wasm')));
}

await startAutomerge();
