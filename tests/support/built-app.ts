/** The app as `npm run build` leaves it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BUILD = fileURLToPath(new URL('../../build', import.meta.url));

/** Throws where it is not there. */
export function hasApp(): void {
	if (!existsSync(join(BUILD, 'index.html'))) throw new Error('the app is not built: npm run build');
}
