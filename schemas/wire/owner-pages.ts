/** What the owner's pages and the relay that serves them say to each other, beside the read API (`GET /api`). */
import * as v from 'valibot';

export const SESSION_PATH = '/api/owner/session';
export const SIGN_OUT_PATH = '/api/owner/sign-out';
export const LIVE_PATH = '/api/owner/live';

/** Rows of a page of the read API, at most. */
export const MOST_ROWS = 1_000;
/** Sums have one page, and are few columns: an hour each of a day of four hundred branches. */
export const MOST_SUMS = 10_000;

/** A row of a view of the reports, as `docs/database.md` describes it. */
export const recordRow = v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()])));
export type RecordRow = v.InferOutput<typeof recordRow>;

/** `next`: there is a page after it. `more`: of sums, which have one page, there are others. */
export const recordPage = v.object({ rows: v.array(recordRow), next: v.optional(v.string()), more: v.optional(v.boolean()) });
export type RecordPage = v.InferOutput<typeof recordPage>;

/** `text`: a code of a sign-in link, or a token. */
export const signInBody = v.strictObject({ text: v.pipe(v.string(), v.maxLength(200)) });

export const live = v.object({
	/** Whose token it is. */
	name: v.string(),
	/** The relay's clock. */
	nowMs: v.number(),
	/** Of the views `branches` and `tills`, without marks. */
	branches: v.array(recordRow),
	tills: v.array(recordRow),
});
export type Live = v.InferOutput<typeof live>;
