/** `npm run ledger`: a ledger as it lies on a disk, looked at, checked, carried away, compared. */
import { launch } from './launch.mjs';

await launch({ program: 'sync-server/ledger.ts', servesApp: false });
