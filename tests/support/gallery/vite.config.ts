/** The real routes with a made-up till behind them: what the layout imports as `boot.ts` is `fixture-boot.ts` here. */
import { fileURLToPath } from 'node:url';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';
import { compileLanguages } from '../../../app/languages/compile.ts';
import { plainIcons } from '../../../plain-icons.ts';
import config from '../../../svelte.config.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

await compileLanguages();

export const GALLERY_BUILD = at('../../../test-results/gallery-build');

const instead: Plugin = {
	name: 'gallery-fixtures',
	enforce: 'pre',
	resolveId(source, importer) {
		if (source === '../boot.ts' && importer?.includes('routes/+layout.svelte')) return at('fixture-boot.ts');
		if (source === 'node:crypto' && importer?.endsWith('ledger-builder.ts')) return at('crypto-stand-in.ts');
		return undefined;
	},
};

export default defineConfig({
	root: at('../../../app'),
	plugins: [
		instead,
		plainIcons,
		sveltekit({
			...config,
			adapter: adapter({ pages: GALLERY_BUILD, assets: GALLERY_BUILD, fallback: 'index.html', precompress: false }),
			outDir: at('../../../.svelte-kit/gallery'),
			// A worker that keeps the app would show the pictures of the day before.
			serviceWorker: { register: false },
		}),
	],
	worker: { format: 'es' },
	build: { target: 'es2024', chunkSizeWarningLimit: 1_500, minify: false },
});
