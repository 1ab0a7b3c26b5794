/** `npm run relay`: the durable record in the cloud. It serves no app. */
import { launch } from './launch.mjs';

await launch({ program: 'sync-server/relay.ts', servesApp: false });
