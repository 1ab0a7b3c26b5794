/**
 * In the built app a file says in its name what it is part of, by which the service worker knows when to keep it: `language-de.HASH.js` is for who speaks it,
 * `later.HASH.js` no till needs before it sells, `owner.HASH.js` no till needs at all.
 */
import type { Plugin } from 'vite';

interface Chunk {
	readonly name: string;
	readonly facadeModuleId: string | null;
	readonly moduleIds: readonly string[];
}
type FileNames = string | ((chunk: Chunk) => string);
interface Output {
	chunkFileNames?: FileNames;
	entryFileNames?: FileNames;
}

const MESSAGES = /\/languages\/compiled\/messages\/(\w+)\.js$/;
/**
 * Codes of labels are drawn, codes before the camera are read, and an archive is verified in the middle of no sale; a printer on a cable or in the network has
 * first to be chosen in the settings; nor does a sale or a shift wait for orders, transfers, labels, prices from a date, reports or the list of people.
 */
const LATER = new RegExp(
	[
		'/node_modules/(bwip-js|barcode-detector|zxing-wasm|@point-of-sale|@canvas|canvas-dither|canvas-flatten|resize-image-data|fflate)/',
		'/routes/products/labels/draw-code\\.ts$',
		'/adapters/printer-escpos/(encode-paper|draw-line)\\.ts$',
		'/core/audit/|/engine/(archive|audit|check-archive)\\.ts$',
		'/routes/(stock/(orders|transfers|low)|products/(labels|prices)|reports|people|verify)/|/ui/column-chart\\.svelte',
		'/projections/(order-papers|report-csv|finding-words)\\.ts$|/core/(labels|unit-price|import/supplies-csv)\\.ts$',
		'/icons/shield-(alert|check)\\.svelte$',
	].join('|'),
);
const OWNERS = /\/routes\/owner\/|\/adapters\/owner-http\//;
/** What Kit and Vite put round a page's own modules. */
const ROUND_THEM = /\/generated\/|^\0/;

/** After Kit's, whose names all other files keep. */
export const partFiles: Plugin = {
	name: 'part-files',
	enforce: 'post',
	config(config) {
		const outputs = [config.environments?.['client']?.build?.rolldownOptions?.output, config.worker?.rolldownOptions?.output];
		for (const output of outputs) if (output !== undefined && !Array.isArray(output)) nameParts(output as Output);
	},
};

function nameParts(output: Output): void {
	if (output.chunkFileNames !== undefined) output.chunkFileNames = naming(output.chunkFileNames);
	if (output.entryFileNames !== undefined) output.entryFileNames = naming(output.entryFileNames);
}

function naming(usual: FileNames): FileNames {
	return (chunk) => {
		const name = typeof usual === 'string' ? usual : usual(chunk);
		const part = partOf(chunk);
		return part === undefined ? name : name.replace('[hash]', `${part}.[hash]`);
	};
}

function partOf({ facadeModuleId, moduleIds }: Chunk): string | undefined {
	const language = MESSAGES.exec(facadeModuleId ?? '')?.[1];
	if (language !== undefined) return `language-${language}`;
	const own = moduleIds.filter((id) => !ROUND_THEM.test(id));
	if (own.length === 0) return undefined;
	if (own.every((id) => LATER.test(id))) return 'later';
	return own.every((id) => OWNERS.test(id)) ? 'owner' : undefined;
}
