/** `npm run restore`: a copy of a data folder, checked and put back. */
import { launch } from './launch.mjs';

await launch({ program: 'sync-server/backup.ts', servesApp: false, args: ['restore', ...process.argv.slice(2)] });
