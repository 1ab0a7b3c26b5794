/** `npm run soak`: a shop of real tills, hubs and a relay, each on a host of its own, while everything goes wrong. */
import { launch } from '../../sync-server/launch/launch.mjs';
import { browserEnvironment } from '../support/browser-path.mjs';

await launch({ program: 'tests/soak/soak.ts', servesApp: true, more: browserEnvironment });
