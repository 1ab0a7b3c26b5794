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
interface Built {
	readonly fileName: string;
	readonly imports?: readonly string[];
}

const MESSAGES = /\/languages\/compiled\/messages\/(\w+)\.js$/;
/**
 * Codes of labels are drawn, codes before the camera are read, and an archive is verified in the middle of no sale; a printer on a cable or in the network has
 * first to be chosen in the settings; nor does a sale or a shift wait for lists from a file, orders, transfers, labels, prices from a date, reports or the list of people.
 */
const LATER = new RegExp(
	[
		'/node_modules/(bwip-js|csv-parse|barcode-detector|zxing-wasm|@point-of-sale|@canvas|canvas-dither|canvas-flatten|resize-image-data|fflate)/',
		'/routes/products/labels/draw-code\\.ts$',
		'/adapters/printer-escpos/(encode-paper|draw-line)\\.ts$',
		'/core/audit/|/engine/(archive|audit|check-archive)\\.ts$',
		'/routes/(stock/(orders|transfers|low)/|products/(labels|prices)/|reports/|people/(?!new-pin)|verify/(?!check-context))',
		'/routes/(products|customers)/import-dialog|/ui/(bad-rows|import-file|import-words|read-csv)\\.|/core/(import/customers-csv|customer/contact)\\.ts$',
		'/projections/(order-papers|report-csv|finding-words)\\.ts$|/core/(labels|unit-price|import/supplies-csv)\\.ts$',
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
	...wholeParts(),
};

/** For the worker's files, which are named by `partFiles`. */
export const wholePartsOfWorker = (): Plugin => ({ name: 'whole-parts', ...wholeParts() });

/** Ends a build in which a file could not run with what a till is promised to have by then: a static import that comes later, or never. */
function wholeParts(): Pick<Plugin, 'generateBundle'> {
	return {
		generateBundle(_, bundle) {
			if (this.environment.name !== 'client') return;
			for (const { fileName, imports = [] } of Object.values<Built>(bundle)) {
				const missing = imports.find((path) => rankOf(path) > rankOf(fileName));
				if (missing !== undefined)
					this.error(`${fileName} cannot run without ${missing}, which a till has later or never: see LATER and OWNERS in part-files.ts`);
			}
		},
	};
}

function rankOf(path: string): number {
	return /[./]owner\./.test(path) ? 2 : /[./]later\./.test(path) ? 1 : 0;
}

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
