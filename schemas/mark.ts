/**
 * A mark says "this far, on this chain": a bare `seq` lies as soon as a till is restored from a backup.
 */
import * as v from 'valibot';
import { deviceId, entryHash, scope } from './ids.ts';

export const mark = v.strictObject({ device: deviceId, scope, seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), hash: entryHash });
export type Mark = v.InferOutput<typeof mark>;

const hex8 = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));

/**
 * One change of the `seen` vector against the entry before on the same chain: [first 8 bytes of the device, 'b' or 's', seq, first 8 bytes of the hash].
 * Eight bytes are enough to tell honest marks apart; a dishonest collision only hides its author's own entries from its author.
 */
export const seenChange = v.strictTuple([hex8, v.picklist(['b', 's']), v.pipe(v.number(), v.safeInteger(), v.minValue(1)), hex8]);
export type SeenChange = v.InferOutput<typeof seenChange>;

/** [milliseconds since 1970, counter]: a hybrid logical clock (Kulkarni et al., 2014). */
export const hlc = v.strictTuple([
	v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(4_102_444_800_000, 'later than the year 2100')),
	v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(0xffff_ffff)),
]);
export type Hlc = v.InferOutput<typeof hlc>;
