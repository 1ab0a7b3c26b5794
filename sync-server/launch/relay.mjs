/** `npm run relay`: the durable record in the cloud, and the owner's pages. */
import { launch } from './launch.mjs';
import { RELAY_ENVIRONMENT, RELAY_NODE_FLAGS } from './relay-node-flags.mjs';

await launch({ program: 'sync-server/relay.ts', servesApp: true, nodeFlags: RELAY_NODE_FLAGS, more: (_, env) => ({ ...RELAY_ENVIRONMENT, ...env }) });
