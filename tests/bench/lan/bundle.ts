/** A page of a row, with everything that it imports, as one script. */
import { fileURLToPath } from 'node:url';
import { build, type Rollup } from 'vite';

export async function bundle(input: string, format: 'es' | 'iife'): Promise<string> {
	const built = await build({
		...{ configFile: false, logLevel: 'error', root: fileURLToPath(new URL('../../..', import.meta.url)) },
		build: {
			...{ write: false, target: 'es2024', minify: false },
			rollupOptions: { input, output: { format, entryFileNames: 'page.js' } },
		},
	});
	const { output } = (Array.isArray(built) ? built[0] : built) as Rollup.RollupOutput;
	const chunk = output.find((one) => one.type === 'chunk');
	if (chunk === undefined) throw new Error('nothing was bundled');
	return chunk.code;
}
