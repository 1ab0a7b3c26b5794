/** What finds codes in a picture: zxing as wasm, from the same place as the app. Loaded when a camera is opened, and never before. */
export interface Detector {
	detect(source: HTMLVideoElement | ImageBitmap | ImageData | Blob): Promise<readonly { readonly rawValue: string }[]>;
}

/** EAN and UPC on goods, GS1-128 and DataBar on fresh ones, DataMatrix and QR where more is said. */
const FORMATS = ['ean_13', 'ean_8', 'upc_a', 'upc_e', 'code_128', 'databar', 'databar_expanded', 'data_matrix', 'qr_code', 'code_39', 'itf'] as const;

/**
 * Not the browser's own, even where it has one: some take FNC1 out of a GS1 code, and what is left cannot be read any more. zxing writes such a code as it
 * is printed, `(01)…(10)…`.
 */
export async function createDetector(): Promise<Detector> {
	const [{ BarcodeDetector, prepareZXingModule }, { default: wasm }] = await Promise.all([
		import('barcode-detector/ponyfill'),
		import('zxing-wasm/reader/zxing_reader.wasm?url'),
	]);
	prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasm : prefix + path) } });
	return new BarcodeDetector({ formats: [...FORMATS] });
}
