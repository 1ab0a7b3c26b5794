/** `npm run sim` and `npm run soak:sim`: a shop from a seed. */
import { launch } from '../../sync-server/launch/launch.mjs';

await launch({ program: 'tests/sim/sim.ts', servesApp: false });
