/** Built once, whichever and however many of its screens are looked at. */
import { test } from 'playwright/test';
import { buildGallery } from '../support/gallery/build.ts';

test('the gallery is built from the real routes', async () => {
	await buildGallery();
});
