/** In the built app a language's file says whose it is, `language-de.HASH.js`: the service worker keeps those that are spoken here. */
import type { Plugin } from 'vite';

interface Chunk {
	readonly facadeModuleId: string | null;
}
interface Output {
	chunkFileNames?: string | ((chunk: Chunk) => string);
}

const MESSAGES = /\/languages\/compiled\/messages\/(\w+)\.js$/;

/** After Kit's, whose names all other files keep. */
export const languageFiles: Plugin = {
	name: 'language-files',
	enforce: 'post',
	config(config) {
		const outputs = [config.environments?.['client']?.build?.rolldownOptions?.output, config.worker?.rolldownOptions?.output];
		for (const output of outputs) if (output !== undefined && !Array.isArray(output)) nameLanguages(output as Output);
	},
};

function nameLanguages(output: Output): void {
	const usual = output.chunkFileNames;
	if (usual === undefined) return;
	output.chunkFileNames = (chunk) => {
		const name = typeof usual === 'string' ? usual : usual(chunk);
		const language = MESSAGES.exec(chunk.facadeModuleId ?? '')?.[1];
		return language === undefined ? name : name.replace('[hash]', `language-${language}.[hash]`);
	};
}
