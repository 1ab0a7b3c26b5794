import { fileURLToPath } from 'node:url';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { compileLanguages } from './app/languages/compile.ts';
import { partFiles, wholePartsOfWorker } from './app/languages/part-files.ts';
import { plainIcons } from './plain-icons.ts';
import config from './svelte.config.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

await compileLanguages();

export default defineConfig({
	root: at('app'),
	plugins: [plainIcons, sveltekit(config), partFiles],
	worker: { format: 'es', plugins: () => [wholePartsOfWorker()] },
	build: { target: 'es2024', chunkSizeWarningLimit: 1_500 },
	server: { fs: { allow: [at('.')] }, port: 4410, strictPort: true },
});
