/** `npm run alarms`: lawful and planted shop days. */
import { launch } from '../../../sync-server/launch/launch.mjs';

await launch({ program: 'tests/support/shop-days/alarms.ts', servesApp: false });
