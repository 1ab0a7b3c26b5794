/**
 * `GET /api`: the views of the reports by HTTP, as JSON, JSON Lines or CSV, in bounded pages; described in OpenAPI 3.1 at `/api`.
 *
 * Invariants:
 * 1. Without a token of the store, or a session that was begun with one (`sessions.ts`), nothing of it is answered; those of one store never open another.
 * 2. A page is at most 1,000 rows (10,000 of sums, which have one page and say when that is not all), and few are read at once: whoever asks much waits or is told to, the
 *    branches and other stores do not. Who has no token is not among them.
 * 3. No text in a CSV is run as a formula (`core/csv.ts`).
 */
import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { csvText } from '#core/csv.ts';
import { BadQuestion, StorageError, type RelayStorage, type ReportCell, type ReportRow } from '#ports';
import { branchId, tradingDay, type StoreId } from '#schemas/ids.ts';
import { MOST_ROWS, MOST_SUMS } from '#schemas/wire/owner-pages.ts';
import type { Answer, Handler } from '../http/server.ts';
import { REPORTS } from './plan.ts';
import type { Sessions } from './sessions.ts';

/** Of one store, so that whoever asks much for one keeps no other waiting; and of all together. */
const MOST_OF_STORE = 4;
const MOST_AT_ONCE = 8;

const number = v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number), v.minValue(1), v.maxValue(MOST_SUMS));
const cursor = v.pipe(
	v.string(),
	v.maxLength(2_000),
	v.transform((text): unknown => {
		try {
			return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
		} catch {
			return undefined;
		}
	}),
	v.array(v.union([v.string(), v.number(), v.boolean()])),
);
const day = v.pipe(
	tradingDay,
	v.check((text) => isDay(text), 'no calendar has that day'),
);
const question = v.strictObject({
	branch: v.optional(branchId),
	from: v.optional(day),
	to: v.optional(day),
	find: v.optional(
		v.pipe(
			v.string(),
			v.maxLength(100),
			v.check((text) => !text.includes('\0'), 'no text has a zero byte'),
		),
	),
	by: v.optional(
		v.pipe(
			v.string(),
			v.maxLength(200),
			v.transform((text) => text.split(',')),
		),
	),
	most: v.optional(v.string()),
	order: v.optional(v.picklist(['first', 'last']), 'first'),
	after: v.optional(cursor),
	limit: v.optional(number, '100'),
	format: v.optional(v.picklist(['json', 'jsonl', 'csv']), 'json'),
});

export interface ApiDeps {
	readonly record: Pick<RelayStorage, 'report' | 'reportColumns'>;
	readonly sessions: Pick<Sessions, 'readerOf'>;
}

export function apiRoutes({ record, sessions }: ApiDeps): Readonly<Record<string, Handler>> {
	/** The stores that are being answered, once for each question. */
	const running: StoreId[] = [];

	async function answer(view: (typeof REPORTS.views)[number], request: IncomingMessage): Promise<Answer> {
		try {
			const token = await sessions.readerOf(request);
			if (token === undefined)
				return { status: 401, body: { error: 'Send a token of the store: Authorization: Bearer …' }, headers: { 'WWW-Authenticate': 'Bearer' } };
			const { store } = token;
			if (running.length >= MOST_AT_ONCE || running.filter((one) => one === store).length >= MOST_OF_STORE)
				return { status: 429, body: { error: 'Too many questions at once. Ask again in a moment.' }, headers: { 'Retry-After': '1' } };
			running.push(store);
			try {
				return await page(view, store, request);
			} finally {
				running.splice(running.indexOf(store), 1);
			}
		} catch (error) {
			if (error instanceof BadQuestion)
				return {
					status: 400,
					body: {
						error:
							error.why === 'too-much'
								? 'This takes longer than a question may. Ask for fewer days, or for one branch.'
								: 'A value is none that this view could have. Take after from the page before.',
					},
				};
			if (!(error instanceof StorageError)) throw error;
			return { status: 503, body: { error: 'The record behind this relay does not answer. Ask again later.' }, headers: { 'Retry-After': '5' } };
		}
	}

	async function page(view: (typeof REPORTS.views)[number], store: StoreId, request: IncomingMessage): Promise<Answer> {
		const url = new URL(request.url ?? '/', 'http://relay');
		const asked = v.safeParse(question, Object.fromEntries(url.searchParams));
		if (!asked.success) {
			const [issue] = asked.issues;
			return { status: 400, body: { error: `${issue.path?.map(({ key }) => String(key)).join('.') ?? 'The question'}: ${issue.message}` } };
		}
		const { branch, from, to, find, by, most, order, after, limit, format } = asked.output;
		if ((from ?? to) !== undefined && !view.order.includes('trading_day'))
			return { status: 400, body: { error: `${view.name} has no days: leave from and to out.` } };
		if (by === undefined && limit > MOST_ROWS)
			return { status: 400, body: { error: `limit: at most ${MOST_ROWS} rows; ${MOST_SUMS} of what is added up.` } };
		const unknown = by?.find((column) => view.groups?.includes(column) !== true);
		if (unknown !== undefined)
			return {
				status: 400,
				body: { error: `by: ${view.name} is added up by ${view.groups?.join(', ') ?? 'nothing'}; "${unknown}" is not among them.` },
			};
		if (most !== undefined && (by === undefined || view.sums?.includes(most) !== true))
			return { status: 400, body: { error: 'most: name one of the sums of the view, together with by.' } };
		if (find !== undefined && view.found === undefined) return { status: 400, body: { error: `${view.name} is not searched: leave find out.` } };
		if (by !== undefined && after !== undefined) return { status: 400, body: { error: 'after: sums have one page.' } };
		if (after !== undefined && after.length !== view.order.length) return { status: 400, body: { error: 'after: take it from the page before.' } };
		const found = await record.report({
			...{ view: view.name, store, limit: by === undefined ? limit : limit + 1 },
			...(branch === undefined ? {} : { branch }),
			...(from === undefined ? {} : { from }),
			...(to === undefined ? {} : { to }),
			...(find === undefined ? {} : { find }),
			...(by === undefined ? {} : { by }),
			...(most === undefined ? {} : { most }),
			...(order === 'first' ? {} : { reverse: true }),
			...(after === undefined ? {} : { after }),
		});
		const rows = found.slice(0, limit);
		const last = rows.length < limit || by !== undefined ? undefined : rows.at(-1);
		const next = last && Buffer.from(JSON.stringify(view.order.map((column) => last[column]))).toString('base64url');
		if (next !== undefined) url.searchParams.set('after', next);
		const more = found.length > limit;
		const headers = {
			...(next === undefined ? {} : { Link: `<${url.pathname}${url.search}>; rel="next"` }),
			...(more ? { 'Holdfast-More': 'true' } : {}),
		};
		if (format === 'csv') {
			const columns = Object.keys(rows[0] ?? {});
			const named = columns.length > 0 ? columns : by === undefined ? await record.reportColumns(view.name) : [...by, ...(view.sums ?? [])];
			return { body: csvOf(named, rows), type: 'text/csv; charset=utf-8', fileName: `${view.name}.csv`, headers };
		}
		if (format === 'jsonl')
			return { body: rows.map((row) => `${JSON.stringify(row)}\n`).join(''), type: 'application/jsonl; charset=utf-8', headers };
		return { body: { rows, ...(next === undefined ? {} : { next }), ...(more ? { more } : {}) }, headers };
	}

	return {
		'GET /api': () => ({ body: OPENAPI, anyOrigin: true }),
		...Object.fromEntries(REPORTS.views.map((view) => [`GET /api/v1/${view.name}`, (request: IncomingMessage) => answer(view, request)])),
	};
}

/** One that a database takes, too: it has no year 0. */
function isDay(text: string): boolean {
	const atMs = Date.parse(`${text}T00:00:00Z`);
	return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text) && text >= '0001';
}

/** Without rows the columns are named all the same. A figure is given as a number, so that no minus sign is taken for a formula. */
export function csvOf(columns: readonly string[], rows: readonly ReportRow[]): string {
	const cell = (value: ReportCell | undefined): string | number =>
		typeof value === 'number' || typeof value === 'string' ? value : value === true ? 'true' : value === false ? 'false' : '';
	return csvText([columns, ...rows.map((row) => columns.map((column) => cell(row[column])))]);
}

const text = (description: string, schema: object): object => ({ in: 'query', required: false, description, schema });
const failure = (description: string): object => ({
	description,
	content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
});

export const OPENAPI = {
	openapi: '3.1.0',
	info: {
		title: 'Holdfast relay: reports',
		version: '1',
		description:
			'The views of docs/database.md by HTTP, for one store at a time. Amounts are decimals of the currency in the row; what went back to a customer is below zero.',
	},
	security: [{ token: [] }, { session: [] }],
	paths: Object.fromEntries(
		REPORTS.views.map(({ name, order, sums, groups, found }) => [
			`/api/v1/${name}`,
			{
				get: {
					operationId: name,
					summary: `Rows of the view "${name}"`,
					parameters: [
						{ name: 'branch', ...text('Only of this branch, by its id', { type: 'string', pattern: '^[0-9a-f]{32}$' }) },
						...(order.includes('trading_day')
							? [
									{ name: 'from', ...text('First trading day', { type: 'string', format: 'date' }) },
									{ name: 'to', ...text('Last trading day', { type: 'string', format: 'date' }) },
								]
							: []),
						...(found === undefined ? [] : [{ name: 'find', ...text(`In ${found.join(', ')}`, { type: 'string', maxLength: 100 }) }]),
						...(groups === undefined
							? []
							: [
									{
										name: 'by',
										...text(
											`Added up by these columns, with commas between: ${groups.join(', ')}. One page; "more", or the header Holdfast-More, says that it is not all.`,
											{
												type: 'string',
												maxLength: 200,
											},
										),
									},
									{ name: 'most', ...text('With by: the most of this sum first', { type: 'string', enum: sums }) },
								]),
						{
							name: 'order',
							...text('From the first row on, or from the last one back', { type: 'string', enum: ['first', 'last'], default: 'first' }),
						},
						{ name: 'after', ...text('`next` of the page before', { type: 'string', maxLength: 2_000 }) },
						{
							name: 'limit',
							...text(`Rows of a page; at most ${MOST_ROWS} without by`, { type: 'integer', minimum: 1, maximum: MOST_SUMS, default: 100 }),
						},
						{ name: 'format', ...text('As what', { type: 'string', enum: ['json', 'jsonl', 'csv'], default: 'json' }) },
					],
					responses: {
						'200': {
							description: `A page, in the order of ${order.join(', ')}.`,
							headers: {
								Link: { description: 'The next page (rel="next"), where there is one', schema: { type: 'string' } },
								...(groups === undefined
									? {}
									: {
											'Holdfast-More': {
												description: 'With by, in every format: there are more sums than these',
												schema: { type: 'string', const: 'true' },
											},
										}),
							},
							content: {
								'application/json': { schema: { $ref: '#/components/schemas/Page' } },
								'application/jsonl': { schema: { type: 'string' } },
								'text/csv': { schema: { type: 'string' } },
							},
						},
						'400': failure('The question is not one that this view answers'),
						'401': failure('No token, or one that was revoked'),
						'429': failure('Too many at once'),
						'503': failure('The database behind the relay does not answer'),
					},
				},
			},
		]),
	),
	components: {
		securitySchemes: { token: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: 'holdfast_owner' } },
		schemas: {
			Row: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
			Page: {
				type: 'object',
				required: ['rows'],
				properties: {
					rows: { type: 'array', maxItems: MOST_SUMS, items: { $ref: '#/components/schemas/Row' } },
					next: { type: 'string' },
					more: { type: 'boolean' },
				},
			},
			Error: { type: 'object', required: ['error'], properties: { error: { type: 'string' } } },
		},
	},
} as const;
