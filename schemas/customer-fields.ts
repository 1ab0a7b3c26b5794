/** A customer's personal fields, as they are encrypted whole under the customer's key: CBOR of this. What was added later may be absent. */
import * as v from 'valibot';

/** Of each field. */
export const MOST_CHARACTERS = { name: 120, phone: 40, email: 254, card: 64, note: 500 } as const;

const words = (most: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(most));

export const customerFields = v.strictObject({
	v: v.literal(1),
	name: words(MOST_CHARACTERS.name),
	/** As it was typed. */
	phone: v.optional(words(MOST_CHARACTERS.phone)),
	email: v.optional(words(MOST_CHARACTERS.email)),
	card: v.optional(words(MOST_CHARACTERS.card)),
	note: v.optional(words(MOST_CHARACTERS.note)),
});
export type CustomerFields = v.InferOutput<typeof customerFields>;
