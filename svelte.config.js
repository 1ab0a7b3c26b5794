/** SvelteKit's options. They lie at the repository's root while Vite's root is `app/`, so `vite.config.ts` passes them on by hand. */
import { fileURLToPath } from 'node:url';
import adapter from '@sveltejs/adapter-static';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** @type {Parameters<typeof import("@sveltejs/kit/vite").sveltekit>[0]} */
export default {
	adapter: adapter({ pages: at('build'), assets: at('build'), fallback: 'index.html', precompress: false }),
	outDir: at('.svelte-kit'),
	env: { dir: at('.') },
	files: { src: at('app'), assets: at('static') },
	// The hub sends the policy as a header for everything it serves; the app has no inline script but Kit's own start, which this hash list covers.
	csp: { mode: 'hash', directives: { 'script-src': ['self', 'wasm-unsafe-eval'] } },
};
