/** `npm run backup`: a copy of a data folder, made while its process runs. */
import { launch } from './launch.mjs';

await launch({ program: 'sync-server/backup.ts', servesApp: false, args: ['backup', ...process.argv.slice(2)] });
