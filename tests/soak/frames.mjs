/** `npm run attack -- --seed 1 --frames 100000`: hostile frames at a hub and a relay while a till sells. */
import { launch } from '../../sync-server/launch/launch.mjs';

await launch({ program: 'tests/soak/frames.ts', servesApp: false });
