/**
 * Properties hold for the same random shops in every run of `npm test`: what is red today is red tomorrow, and for everybody. `npm run soak:properties` takes
 * new seeds and more runs, for as long as it is let.
 */
import fc from 'fast-check';

const SEED = 20_261_123;

fc.configureGlobal({ seed: Number(process.env['HOLDFAST_PROPERTY_SEED'] ?? SEED) });
