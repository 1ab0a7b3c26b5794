/**
 * The relay's record over the read API of the page's own origin; the browser sends the session's cookie by itself.
 *
 * 1. Two questions are under way at once, no more: a relay answers few together, and an owner's page asks many. One that is told to wait asks again.
 * 2. What is answered is parsed: a page of another version, or a proxy's word, is no answer.
 */
import * as v from 'valibot';
import {
	live,
	LIVE_PATH,
	MOST_ROWS,
	MOST_SUMS,
	recordPage,
	SESSION_PATH,
	SIGN_OUT_PATH,
	type Live,
	type RecordPage,
} from '#schemas/wire/owner-pages.ts';

const MOST_AT_ONCE = 2;
const MOST_TRIES = 4;
const AGAIN_MS = 700;
const ANSWER_MS = 20_000;

type Trouble = { readonly trouble: 'signed-out' | 'away' | 'busy' | 'not-here' };
type Question = { readonly view: string } & Readonly<Record<string, string | number | undefined>>;

export function createOwnerHttp() {
	let running = 0;
	const waiting: (() => void)[] = [];

	async function inTurn<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
		if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
		else running += 1;
		try {
			return await ask();
		} finally {
			const next = waiting.shift();
			if (next === undefined) running -= 1;
			else next();
		}
	}

	async function get<Answer>(path: string, schema: v.GenericSchema<unknown, Answer>): Promise<Answer | Trouble> {
		for (let tries = 1; ; tries += 1) {
			const answer = await fetched(path, {});
			if (answer === undefined) return { trouble: 'away' };
			if (answer.status === 401) return { trouble: 'signed-out' };
			if (answer.status === 429 && tries < MOST_TRIES) {
				await new Promise((resolve) => setTimeout(resolve, AGAIN_MS * tries));
				continue;
			}
			if (answer.status === 429) return { trouble: 'busy' };
			if (answer.status >= 500) return { trouble: 'away' };
			const parsed = v.safeParse(schema, await answer.json().catch(() => undefined));
			return parsed.success ? parsed.output : { trouble: 'not-here' };
		}
	}

	return {
		async signIn(text: string): Promise<'in' | 'wrong' | { readonly waitS: number } | Trouble> {
			const answer = await fetched(SESSION_PATH, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text }) });
			if (answer === undefined || answer.status >= 500) return { trouble: 'away' };
			if (answer.ok) return 'in';
			if (answer.status === 429) return { waitS: Number(answer.headers.get('retry-after') ?? 1) };
			return answer.status === 401 || answer.status === 400 ? 'wrong' : { trouble: 'not-here' };
		},
		async signOut(): Promise<void> {
			await fetched(SIGN_OUT_PATH, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
		},
		live: (): Promise<Live | Trouble> => get(LIVE_PATH, live),
		page: ({ view, ...question }: Question): Promise<RecordPage | Trouble> =>
			inTurn(() => {
				const query = new URLSearchParams({ limit: String(question['by'] === undefined ? MOST_ROWS : MOST_SUMS) });
				for (const [name, value] of Object.entries(question)) if (value !== undefined) query.set(name, String(value));
				return get(`/api/v1/${view}?${query.toString()}`, recordPage);
			}),
	};
}

async function fetched(path: string, init: RequestInit): Promise<Response | undefined> {
	try {
		return await fetch(path, { ...init, cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) });
	} catch {
		return undefined;
	}
}
