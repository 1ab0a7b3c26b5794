/** A customer's personal fields, as they are encrypted whole under the customer's key: CBOR of this. What was added later may be absent. */
import * as v from 'valibot';

const words = (most: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(most));

export const customerFields = v.strictObject({
	v: v.literal(1),
	name: words(120),
	/** As it was typed. */
	phone: v.optional(words(40)),
	email: v.optional(words(254)),
	card: v.optional(words(64)),
	note: v.optional(words(500)),
});
export type CustomerFields = v.InferOutput<typeof customerFields>;
