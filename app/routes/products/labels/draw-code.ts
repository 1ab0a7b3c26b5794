/** Pictures of codes. By the names of its parts, so that the build leaves the hundred codes that no shelf has out of what every till keeps on its disk. */
import { code128, drawingSVG, ean13, ean8, itf14, qrcode } from 'bwip-js/browser';
import type { LabelCode } from '#core/labels.ts';

const DRAW = { code128, ean13, ean8, itf14, qrcode } satisfies Record<LabelCode['symbology'], unknown>;

/** An SVG document. */
export function drawCode({ symbology, text }: LabelCode): string {
	const isQr = symbology === 'qrcode';
	const options = { bcid: symbology, text, includetext: !isQr, textxalign: 'center' as const, ...(isQr ? {} : { height: 9 }) };
	return DRAW[symbology](options, drawingSVG());
}
