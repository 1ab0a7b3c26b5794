/** Hashes off the page. */
import { expose } from 'comlink';
import { checkPin, hashPin } from './argon2id.ts';

const api = { hash: hashPin, check: checkPin };
export type PinWorker = typeof api;

expose(api);
