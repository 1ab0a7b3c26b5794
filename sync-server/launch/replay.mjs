/** `npm run replay`: real past sales through the real engine. */
import { launch } from './launch.mjs';

await launch({ program: 'sync-server/replay.ts', servesApp: false });
