/**
 * The app on the till's own disk: it starts with the network gone, the hub dead and the power just back.
 *
 * Invariants:
 * 1. A version is installed whole (page, code, worker, wasm, icons) or not at all; until then the version before it answers. On a first visit, where nothing
 *    answers before it, whole is what sells and runs a shift; the later parts come when that is there, again and again until they are.
 * 2. A page that runs keeps the files of its own version, also of those parts that it loads later: the version before the newest is kept.
 * 3. A new version takes over only while no page has a sale open: a reload in the middle of one gets what the cashier began it with.
 * 4. A language is kept from the moment it is spoken, its files for page and worker together; the next version is installed with it. English is part of the app.
 * 5. Opening any screen of a till needs no network once installed. What is not part of the build (hub.json, join codes, enrolment) is never answered from here.
 */
import { assets, immutable } from '$app/manifest';
import { version } from '$app/env';
import { self } from '$app/service-worker';
import { NO_SALE_IS_OPEN, QUESTION } from '#schemas/wire/app-update.ts';

const PREFIX = 'holdfast-app-';
const CACHE = PREFIX + version;
const SHELL = '/';
/** A page that does not answer is one of an older version, or is frozen: its cart is on disk. */
const PAGE_ANSWER_MS = 1_000;
/** Made at the build: what the worker loads by itself, which Kit's manifest does not know. */
const WORKER_FILES = '/_app/worker-files.json';

/** As the build names them (`app/languages/part-files.ts`), for page and worker. */
const LANGUAGE_FILE = /\/language-(\w+)\./;
/** What no till needs before it sells (`app/languages/part-files.ts`), the reader of codes, and letters that English, German, French and Spanish do not have: until then the device's own stand in. */
const LATER_FILE = /[./]later\.|\/zxing_reader\.|-latin-ext-/;
/** The owner's pages ask a relay for all that they show: without a network they are of no use, and no till needs them. */
const OWNERS_FILE = /[./]owner\./;

const buildFiles = immutable.map(({ path }) => rooted(path));
const staticFiles = assets.map(({ path }) => rooted(path));
const files = new Set([...buildFiles, ...staticFiles]);

self.addEventListener('install', (event) => {
	event.waitUntil(install().then(takeOver));
});

self.addEventListener('message', (event) => {
	if (event.data === NO_SALE_IS_OPEN) event.waitUntil(takeOver());
});

self.addEventListener('activate', (event) => {
	event.waitUntil(forgetOldVersions().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
	const { request } = event;
	event.waitUntil((laterParts ??= keepLaterParts()));
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== self.location.origin) return;
	if (request.mode === 'navigate') {
		if (isScreen(url.pathname)) event.respondWith(shell(request));
	} else if (files.has(url.pathname) || url.pathname.startsWith('/_app/')) {
		event.respondWith(file(request));
	}
});

async function install(): Promise<void> {
	const page = await fetch(SHELL, { cache: 'reload' });
	if (!page.ok) throw new Error(`the page answered ${page.status}; version ${version} is not installed`);
	const html = await page.text();
	// A hub that was updated between two requests: the browser asks again, and finds both of one version.
	if (!html.includes(version)) throw new Error(`the page is not of version ${version}, which is not installed`);
	const cache = await caches.open(CACHE);
	const list = await fetch(WORKER_FILES, { cache: 'reload' });
	if (!list.ok) throw new Error(`the list of the worker's files answered ${list.status}; version ${version} is not installed`);
	await cache.put(WORKER_FILES, list);
	const built = await builtFiles(cache);
	const spoken = await spokenHere(built);
	const isFirst = !(await caches.keys()).some((name) => name.startsWith(PREFIX) && name !== CACHE);
	const wanted = built.filter((path) => spoken.has(languageOf(path)) && !OWNERS_FILE.test(path) && !(isFirst && LATER_FILE.test(path)));
	await cache.addAll(wanted); // Named by content: what the browser already holds is right.
	await cache.addAll(staticFiles.map((path) => new Request(path, { cache: 'reload' })));
	// Last: a version with its page is whole. A new Response, for a browser refuses to show a stored one that was reached by a redirect.
	await cache.put(SHELL, new Response(html, { headers: page.headers }));
}

let laterParts: Promise<void> | undefined;

/** At a page's first request to this worker, which is running then; a network that fails is asked again at the next. */
async function keepLaterParts(): Promise<void> {
	try {
		const cache = await caches.open(CACHE);
		const later = (await builtFiles(cache)).filter((path) => LATER_FILE.test(path));
		for (const path of later) if ((await cache.match(path)) === undefined) await cache.add(path);
	} catch {
		laterParts = undefined;
	}
}

/** A reload gets the new version then; invariant 2 keeps a page that is not reloaded whole. Else a page says when its sale is over. */
async function takeOver(): Promise<void> {
	const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
	const open = await Promise.all(pages.map(isSaleOpen));
	if (!open.includes(true)) await self.skipWaiting();
}

function isSaleOpen(page: Client): Promise<boolean> {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = ({ data }) => {
			resolve(data === true);
		};
		setTimeout(resolve, PAGE_ANSWER_MS, false);
		page.postMessage(QUESTION, [port2]);
	});
}

/** Keeps this version and the whole one before it. Cache Storage lists caches in the order in which they were made. */
async function forgetOldVersions(): Promise<void> {
	const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
	const whole: string[] = [];
	for (const name of others) if ((await (await caches.open(name)).match(SHELL)) !== undefined) whole.push(name);
	const kept = whole.at(-1);
	await Promise.all(others.filter((name) => name !== kept).map((name) => caches.delete(name)));
}

/** A path without a file's ending is a screen; `/healthz`, `/join-code` and the like are for people with a browser and no till. */
function isScreen(path: string): boolean {
	return !path.includes('.') && !['/healthz', '/readyz', '/claim-code', '/join-code', '/setup-code', '/trust'].includes(path);
}

async function shell(request: Request): Promise<Response> {
	const cache = await caches.open(CACHE);
	return (await cache.match(SHELL)) ?? fetch(request);
}

async function file(request: Request): Promise<Response> {
	const cache = await caches.open(CACHE);
	const kept = (await cache.match(request)) ?? (await caches.match(request));
	if (kept !== undefined) return kept;
	const language = languageOf(new URL(request.url).pathname);
	if (language !== undefined) await keepLanguage(cache, language);
	return (await cache.match(request)) ?? fetch(request);
}

/** Whole, or it is not spoken: a page in Arabic whose worker has no Arabic would be half of each. */
async function keepLanguage(cache: Cache, language: string): Promise<void> {
	await cache.addAll((await builtFiles(cache)).filter((path) => languageOf(path) === language));
}

/** Of page and worker; what both name is there once, for a cache takes no file twice. */
async function builtFiles(cache: Cache): Promise<readonly string[]> {
	const workerFiles = (await (await cache.match(WORKER_FILES))?.json()) as string[] | undefined;
	return [...new Set([...buildFiles, ...(workerFiles ?? [])])];
}

/** `undefined`, for what is of no language; what a version before this one kept; and the one that the browser prefers: on a first visit the page speaks it, but before this worker answers. */
async function spokenHere(built: readonly string[]): Promise<ReadonlySet<string | undefined>> {
	const there = new Set(['en', ...built.map(languageOf)]);
	const spoken = new Set([self.navigator.languages.map((tag) => tag.split('-')[0]).find((code) => there.has(code))]);
	for (const name of await caches.keys())
		if (name.startsWith(PREFIX)) for (const { url } of await (await caches.open(name)).keys()) spoken.add(languageOf(url));
	return spoken.add(undefined);
}

function languageOf(path: string): string | undefined {
	return LANGUAGE_FILE.exec(path)?.[1];
}

/** Kit gives paths relative to the base, with or without the leading slash. */
function rooted(path: string): string {
	return new URL(path, self.location.origin + '/').pathname;
}
