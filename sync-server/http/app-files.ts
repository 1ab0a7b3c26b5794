/** The built app as files: what has a hash in its name is kept for ever, the page and the service worker are asked for each time. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';

export interface AppFiles {
	readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
	/** Of the inline scripts in the page, for the security policy. */
	readonly scriptHashes: readonly string[];
}

/** Throws with one sentence when the app was not built. */
export function openAppFiles(folder: string): AppFiles {
	const page = join(folder, 'index.html');
	if (!existsSync(page)) throw new Error(`The app is not built: ${page} is missing. Run npm start, which builds it.`);
	const serve = sirv(folder, {
		etag: true,
		// Made at the build (`svelte.config.js`): a first visit over a shop's Wi-Fi is a third of the bytes.
		brotli: true,
		gzip: true,
		single: true,
		setHeaders(response, path) {
			response.setHeader('Cache-Control', path.startsWith('/_app/immutable/') ? 'public, max-age=31536000, immutable' : 'no-cache');
		},
	});
	return {
		serve: (request, response) => {
			serve(request, response, () => {
				response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
				response.end('There is nothing at this address.');
			});
		},
		scriptHashes: inlineScriptsOf(readFileSync(page, 'utf8')).map((script) => `sha256-${createHash('sha256').update(script).digest('base64')}`),
	};
}

function inlineScriptsOf(html: string): readonly string[] {
	return [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script ?? '');
}
