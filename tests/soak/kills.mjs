/** `npm run soak:kills`: a till killed again and again between the tap of Pay and the receipt. */
import { launch } from '../../sync-server/launch/launch.mjs';
import { browserEnvironment } from '../support/browser-path.mjs';

await launch({ program: 'tests/soak/kills.ts', servesApp: true, more: browserEnvironment });
