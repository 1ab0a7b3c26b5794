/** `npm run reports`: tokens for the read API of a relay, and views as files. */
import { launch } from './launch.mjs';

await launch({ program: 'sync-server/reports.ts', servesApp: false });
