/** `npm run soak:properties`: random shops with new seeds. */
import { launch } from '../../../sync-server/launch/launch.mjs';

await launch({ program: 'tests/support/properties/soak.ts', servesApp: false });
