/** SvelteKit's options. They lie at the repository's root while Vite's root is `app/`, so `vite.config.ts` passes them on by hand. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import adapter from '@sveltejs/adapter-static';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Wasm without the names of its functions, which are for its own developers: a fifth of Automerge's.
 * @param {Buffer} wasm
 */
function withoutNames(wasm) {
	const kept = [wasm.subarray(0, 8)];
	let at = 8;
	const number = () => {
		let value = 0;
		for (let shift = 1; ; shift *= 128) {
			const byte = wasm.readUInt8(at++);
			value += (byte & 127) * shift;
			if (byte < 128) return value;
		}
	};
	while (at < wasm.length) {
		const from = at;
		const kind = wasm.readUInt8(at++);
		const size = number();
		const end = at + size;
		const isNames = kind === 0 && wasm.subarray(at, at + 5).toString('latin1') === '\u0004name';
		if (!isNames) kept.push(wasm.subarray(from, end));
		at = end;
	}
	return Buffer.concat(kept);
}

/**
 * Kit's manifest lists what the page loads, but not what a worker loads: its chunks and Automerge's wasm. The service worker keeps those by this list.
 * @param {import('@sveltejs/kit').Adapter} adapter
 * @returns {import('@sveltejs/kit').Adapter}
 */
function listingWorkerFiles(adapter) {
	return {
		...adapter,
		async adapt(builder) {
			const client = builder.getClientDirectory();
			for (const name of readdirSync(client, { recursive: true, encoding: 'utf8' }))
				if (name.endsWith('.wasm')) writeFileSync(join(client, name), withoutNames(readFileSync(join(client, name))));
			await adapter.adapt(builder);
			const folder = join(at('build'), '_app/immutable/workers');
			// Compressed copies are how a file goes over the wire, and no files of their own.
			const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name));
			const paths = names.map((entry) => join(entry.parentPath, entry.name).slice(at('build').length).replaceAll('\\', '/'));
			writeFileSync(join(at('build'), '_app/worker-files.json'), JSON.stringify(paths.sort()));
		},
	};
}

/** @type {Parameters<typeof import("@sveltejs/kit/vite").sveltekit>[0]} */
export default {
	adapter: listingWorkerFiles(adapter({ pages: at('build'), assets: at('build'), fallback: 'index.html', precompress: true })),
	outDir: at('.svelte-kit'),
	env: { dir: at('.') },
	files: { src: at('app'), assets: at('static') },
	// The hub sends the policy as a header for everything it serves; the app has no inline script but Kit's own start, which this hash list covers.
	csp: { mode: 'hash', directives: { 'script-src': ['self', 'wasm-unsafe-eval'] } },
};
