/** `npm run relay`: the durable record in the cloud, and the owner's pages. */
import { launch } from './launch.mjs';

await launch({ program: 'sync-server/relay.ts', servesApp: true });
