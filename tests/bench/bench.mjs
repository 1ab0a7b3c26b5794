/** `npm run bench -- ledger`: how fast and how small, against an anchor in the same run. */
import { launch } from '../../sync-server/launch/launch.mjs';
import { browserEnvironment } from '../support/browser-path.mjs';

const opensBrowser = ['till', 'lan'].some((name) => process.argv.includes(name)) && !process.argv.includes('--list');
await launch({ program: 'tests/bench/bench.ts', servesApp: opensBrowser, ...(opensBrowser ? { more: browserEnvironment } : {}) });
