/**
 * The owner's pages: the app's own files, and what they ask beside the read API: to be let in, let out, and told what is new.
 *
 * 1. No page and no file of the app holds anything of a shop; what does is answered to a session alone.
 * 2. A till is not opened here: every other screen's address leads to the owner's pages.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { Clock, RelayStorage } from '#ports';
import { LIVE_PATH, SESSION_PATH, SIGN_OUT_PATH, signInBody, type Live } from '#schemas/wire/owner-pages.ts';
import type { AppFiles } from '../http/app-files.ts';
import type { Handler } from '../http/server.ts';
import { allRows } from './all-rows.ts';
import type { Sessions } from './sessions.ts';

export interface OwnerPagesDeps {
	readonly record: Pick<RelayStorage, 'report'>;
	readonly sessions: Sessions;
	readonly clock: Clock;
}

export function ownerRoutes({ record, sessions, clock }: OwnerPagesDeps): Readonly<Record<string, Handler>> {
	return {
		async [`POST ${SESSION_PATH}`](request, body) {
			const asked = v.safeParse(signInBody, body);
			if (!asked.success) return { status: 400, body: { error: 'Send the code of a sign-in link, or a token, as text.' } };
			const done = await sessions.signIn(request, asked.output.text);
			if ('cookie' in done) return { body: { ok: true }, headers: { 'Set-Cookie': done.cookie } };
			if ('waitS' in done)
				return { status: 429, body: { error: `Too many wrong tries. Wait ${done.waitS} s.` }, headers: { 'Retry-After': String(done.waitS) } };
			return { status: 401, body: { error: 'That code is not right, was used, or is older than fifteen minutes. Have another one made.' } };
		},
		async [`POST ${SIGN_OUT_PATH}`](request) {
			return { body: { ok: true }, headers: { 'Set-Cookie': await sessions.signOut(request) } };
		},
		async [`GET ${LIVE_PATH}`](request) {
			const reader = await sessions.readerOf(request);
			if (reader === undefined) return { status: 401, body: { error: 'Sign in.' } };
			const [branches, tills] = await Promise.all((['branches', 'tills'] as const).map((view) => allRows(record, view, reader.store)));
			return {
				body: {
					name: reader.name,
					nowMs: clock.nowMs(),
					branches: (branches ?? []).map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => column !== 'marks'))),
					tills: [...(tills ?? [])],
				} satisfies Live,
			};
		},
	};
}

const NO_WORKER = '// The owner’s pages keep nothing on the device.\n';

export function serveOwnerPages({ serve }: Pick<AppFiles, 'serve'>) {
	return (request: IncomingMessage, response: ServerResponse): void => {
		const path = (request.url ?? '/').split('?')[0] ?? '/';
		if (path === '/service-worker.js') {
			response.writeHead(200, { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-cache' });
			response.end(NO_WORKER);
		} else if (path === '/owner' || path.startsWith('/owner/') || path.includes('.')) serve(request, response);
		else {
			response.writeHead(307, { Location: '/owner', 'Cache-Control': 'no-store' });
			response.end();
		}
	};
}
