/** `npm start`: the hub, which serves the app to the tills. */
import { launch } from './launch.mjs';

await launch({ program: 'sync-server/hub.ts', servesApp: true });
