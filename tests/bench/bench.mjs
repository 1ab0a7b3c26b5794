/** `npm run bench -- ledger`: how fast and how small, against an anchor in the same run. */
import { launch } from '../../sync-server/launch/launch.mjs';

await launch({ program: 'tests/bench/bench.ts', servesApp: process.argv.includes('till') });
