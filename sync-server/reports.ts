/** `npm run reports -- token|sign-in|tokens|revoke|export`: who may read the reports of a relay, and whole views as files. Also while the relay runs. */
import { createWriteStream, existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { once } from 'node:events';
import * as v from 'valibot';
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { openPostgresRecord } from '#adapters/record-postgres/record-postgres.ts';
import type { RelayStorage } from '#ports';
import { storeId } from '#schemas/ids.ts';
import { MOST_ROWS } from '#schemas/wire/owner-pages.ts';
import { writeJsonFile } from './data-folder.ts';
import { parseFlags, textFlag } from './flags.ts';
import { REPORTS } from './reports/plan.ts';
import { listTokens, makeToken, revokeToken } from './reports/tokens.ts';
import { makeSignInCode } from './reports/sessions.ts';
import { openSqliteRecord } from './storage/storage-sqlite.ts';
import { complain, qrCode, say } from './terminal.ts';

const PROGRAM = 'npm run reports --';
const ABOUT = `Who may read the reports of a relay, and views as files.

  token --store ID --name NAME    makes a token of that store, and shows it once
  sign-in --store ID --name NAME  makes a link to the owner's pages (--url), good once within fifteen minutes
  sign-in ID                      the same for whoever has that token already: another phone, another desk
  tokens                          which there are
  revoke ID                       takes one back, at once
  export VIEW --token TOKEN       the whole view by the relay's API (--url), as --format csv or jsonl, into --out FILE`;

const FLAGS = {
	data: textFlag('data-relay', 'DIR', 'Data folder of the relay', 'HOLDFAST_DATA'),
	database: textFlag('', 'postgres://…', 'PostgreSQL that keeps the record', 'DATABASE_URL'),
	store: textFlag('', 'ID', 'token, sign-in: of which store; without it, the only one there is'),
	name: textFlag('', 'NAME', 'token, sign-in: whose it is'),
	url: textFlag('http://localhost:4500', 'URL', 'export, sign-in: the relay, as the browser reaches it', 'HOLDFAST_RELAY_URL'),
	token: textFlag('', 'TOKEN', 'export: a token of the store', 'HOLDFAST_TOKEN'),
	format: textFlag('csv', 'csv|jsonl', 'export: as what'),
	out: textFlag('', 'FILE', 'export: where to; without it, to the terminal'),
};
const MOST_TRIES = 30;
type Options = { readonly [Name in keyof typeof FLAGS]: (typeof FLAGS)[Name]['initial'] };

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
	const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
	const [command = '', word = ''] = firstFlag < 0 ? args : args.slice(0, firstFlag);
	const parsed = parseFlags(PROGRAM, ABOUT, FLAGS, firstFlag < 0 ? [] : args.slice(firstFlag), process.env);
	if ('help' in parsed) {
		process.stdout.write(parsed.help);
		return 0;
	}
	if ('refused' in parsed) return refuse(parsed.refused);
	if (command === 'export') return await exportView(word, parsed.values);
	if (!['token', 'sign-in', 'tokens', 'revoke'].includes(command))
		return refuse(`Say what to do: token, sign-in, tokens, revoke or export. ${PROGRAM} --help explains them.`);
	let record: RelayStorage | undefined;
	try {
		record = await openValues(parsed.values);
		return await manage(record, command, word, parsed.values);
	} catch (error) {
		return refuse((error as Error).message);
	} finally {
		await record?.close();
	}
}

function refuse(words: string): number {
	complain(words);
	return 2;
}

/** Without the folder's lock, which the running relay has: a value is a file that is replaced whole. */
async function openValues({ data, database }: Options): Promise<RelayStorage> {
	const timers = createSystemTimers(() => undefined);
	if (database !== '') return openPostgresRecord({ url: database, clock: systemClock, timers });
	const path = resolve(data);
	if (!existsSync(join(path, 'holdfast.json')))
		throw new Error(`There is no relay's data folder at ${path}. Name it with --data DIR, or the database with --database.`);
	return openSqliteRecord({
		path,
		read: (name) => (existsSync(join(path, name)) ? (JSON.parse(readFileSync(join(path, name), 'utf8')) as unknown) : undefined),
		write: (name, value) => {
			writeJsonFile(path, name, value);
		},
	});
}

async function manage(record: RelayStorage, command: string, word: string, options: Options): Promise<number> {
	if (command === 'tokens') {
		for (const { id, name, store, madeAtMs } of await listTokens(record))
			say(`${id}  ${name}  store ${store}  made ${new Date(madeAtMs).toISOString()}`);
		return 0;
	}
	if (command === 'revoke') {
		if (!(await revokeToken(record, word))) return refuse(`There is no token "${word}". ${PROGRAM} tokens lists them.`);
		say(`${word} opens nothing any more.`);
		return 0;
	}
	if (command === 'sign-in' && word !== '') {
		if (!(await listTokens(record)).some(({ id }) => id === word)) return refuse(`There is no token "${word}". ${PROGRAM} tokens lists them.`);
		return await showSignIn(record, word, options);
	}
	if (options.name === '') return refuse('Say whose token it is: --name NAME.');
	const stores = [...new Set((await record.branches()).flatMap((one) => ('store' in one ? [one.store] : [])))];
	const store = v.safeParse(storeId, options.store === '' && stores.length === 1 ? stores[0] : options.store);
	if (!store.success || !stores.includes(store.output)) return refuse(`Name a store with --store ID. There are: ${stores.join(', ') || 'none yet'}.`);
	const token = await makeToken(record, store.output, options.name, systemClock.nowMs());
	if (command === 'sign-in') return await showSignIn(record, token.split('.')[1] ?? '', options);
	say(token);
	complain('This is the only time that it is shown.');
	return 0;
}

/** Behind the #, where no server and no proxy writes it into a log. */
async function showSignIn(record: RelayStorage, token: string, { url }: Options): Promise<number> {
	if (!URL.canParse(url)) return refuse(`--url "${url}": expected the relay's address as the browser reaches it, like https://relay.example.`);
	const code = await makeSignInCode(record, token, systemClock.nowMs());
	const link = new URL(`/owner#${code}`, url).toString();
	say(`${link}\n`);
	complain(qrCode(link));
	complain(`Open it once, within fifteen minutes. Or type ${code} at ${new URL('/owner', url).toString()}. ${PROGRAM} revoke ${token} ends it.`);
	return 0;
}

/** Somebody looks at the owner's pages meanwhile: who asks too much at once is told to wait, and waits. */
async function ask(url: URL, token: string, tries = MOST_TRIES): Promise<Response> {
	const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
	if (answer.status !== 429 || tries === 1) return answer;
	await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get('retry-after') ?? 1)));
	return ask(url, token, tries - 1);
}

async function exportView(view: string, { url, token, format, out }: Options): Promise<number> {
	if (!REPORTS.views.some(({ name }) => name === view)) return refuse(`Name a view: ${REPORTS.views.map(({ name }) => name).join(', ')}.`);
	if (format !== 'csv' && format !== 'jsonl') return refuse(`--format "${format}": expected csv or jsonl.`);
	const file = out === '' ? process.stdout : createWriteStream(out, { flags: 'wx' });
	let isBegun = false;
	let isWhole = false;
	try {
		if (out !== '') await once(file, 'open');
		isBegun = true;
		let next: string | undefined = `/api/v1/${view}?format=${format}&limit=${MOST_ROWS}`;
		for (let isFirst = true; next !== undefined; isFirst = false) {
			const answer: Response = await ask(new URL(next, url), token);
			const body = await answer.text();
			if (!answer.ok) return refuse(`The relay refused (${answer.status}): ${body.trim()}`);
			// The names of the columns stand once.
			if (!file.write(isFirst || format !== 'csv' ? body : body.slice(body.indexOf('\r\n') + 2))) await once(file, 'drain');
			next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
		}
		if (out !== '') await new Promise<void>((done) => file.end(done));
		isWhole = true;
		return 0;
	} catch (error) {
		return refuse(`${out === '' ? url : out}: ${(error as Error).message}`);
	} finally {
		// A part of a view looks like all of it. A file that was there before is not ours.
		if (isBegun && !isWhole && out !== '') rmSync(out, { force: true });
	}
}
