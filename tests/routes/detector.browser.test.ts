/** The camera's eye in a real browser: pictures of codes as goods carry them, drawn by another program. `app/routes/scan/detector.ts`. */
import { expect, test } from 'vitest';
import { toCanvas } from 'bwip-js/browser';
import { readCode } from '#core/codes/read-code.ts';
import { createDetector } from '../../app/routes/scan/detector.ts';

async function seen(bcid: string, text: string): Promise<string> {
	const canvas = document.createElement('canvas');
	toCanvas(canvas, {
		bcid,
		text,
		scale: 3,
		...(/^(ean13|gs1-128)$/.test(bcid) ? { height: 14 } : {}),
		paddingwidth: 12,
		paddingheight: 12,
		backgroundcolor: 'FFFFFF',
	});
	const detector = await createDetector();
	const [code] = await detector.detect(await createImageBitmap(canvas));
	return code?.rawValue ?? '';
}

test('a code on a package, a GS1-128 with a weight, a GS1 DataMatrix and a Digital Link are read as what they say', async () => {
	expect(readCode(await seen('ean13', '5000169005170'))).toMatchObject({ gtins: ['5000169005170'] });
	expect(readCode(await seen('gs1-128', '(01)09506000134352(3103)000840(10)L-7'))).toMatchObject({
		gtins: ['9506000134352'],
		weight: { value: 840, decimals: 3 },
		batch: 'L-7',
	});
	expect(readCode(await seen('gs1datamatrix', '(01)09506000134352(10)ABC123(17)270101'))).toMatchObject({ batch: 'ABC123', lastDay: '2027-01-01' });
	expect(readCode(await seen('qrcode', 'https://id.gs1.org/01/09506000134352/10/ABC123'))).toMatchObject({
		gtins: ['9506000134352'],
		batch: 'ABC123',
	});
});
