/**
 * Who is signed in to the owner's pages: a link that works once becomes a session, which a browser keeps in a cookie that no script reads.
 *
 * 1. A code opens once, within fifteen minutes; a newer one of the same token takes its place. What is kept of codes and sessions is a hash.
 * 2. A session lives as long as its token and no longer: whoever takes the token back ends it at once, in every process of the relay.
 * 3. Wrong tries cost whoever makes them: after three, each next one waits twice as long, up to fifteen minutes. Who has a network of IPv6 is one.
 * 4. A cookie is sent to our own pages only (`SameSite=Strict`), and it reads: nothing that a page can ask for changes anything of the shop.
 * 5. Whoever was not let in writes nothing here, and costs the record one question at a time, however many ask at once.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import * as v from 'valibot';
import type { Clock, RelayStorage } from '#ports';
import { clientAddress } from '../http/client-address.ts';
import { isSecure } from '../http/server.ts';
import { drawCode } from '../enrolment/codes.ts';
import { isToken, listTokens, tokenOf, type Token } from './tokens.ts';

type Values = Pick<RelayStorage, 'getValue' | 'setValue'>;

const kept = v.strictObject({ hash: v.string(), untilMs: v.number() });
type Kept = v.InferOutput<typeof kept>;

const COOKIE = 'holdfast_owner';
const CODE_MS = 15 * 60_000;
const SESSION_MS = 30 * 24 * 60 * 60_000;
/** Phones and desks of one owner; the oldest makes room. */
const MOST_SESSIONS = 20;
/** Of 29 letters: 2^58, of which 900 s of any rate try nothing worth a word. */
const CODE_LENGTH = 12;

/** What a browser opens once, to be put behind `/owner#`. */
export async function makeSignInCode(values: Values, token: Token['id'], nowMs: number): Promise<string> {
	const code = drawCode((count) => randomBytes(count), CODE_LENGTH);
	await values.setValue(codesOf(token), { hash: hashOf(plain(code)), untilMs: nowMs + CODE_MS } satisfies Kept);
	return code;
}

export interface Sessions {
	/** By the header of a program, or the cookie of a browser. */
	readerOf(request: IncomingMessage): Promise<Token | undefined>;
	/** `text`: a code, or a token itself. `waitS`: too many wrong tries from there. */
	signIn(request: IncomingMessage, text: string): Promise<{ readonly cookie: string } | { readonly refused: 'wrong' } | { readonly waitS: number }>;
	/** Answers the cookie that ends it. */
	signOut(request: IncomingMessage): Promise<string>;
}

export interface SessionsDeps {
	readonly values: Values;
	readonly clock: Clock;
	/** Only a proxy reaches this relay, and names who asks. */
	readonly behindProxy?: boolean;
}

export function createSessions({ values, clock, behindProxy = false }: SessionsDeps): Sessions {
	const tries = createTries(clock);
	const tokensNow = together(() => listTokens(values));
	/** One sign-in after the other: two that come together with one code are not both let in. */
	let before: Promise<unknown> = Promise.resolve();

	async function ownerOf(text: string): Promise<Token | undefined> {
		const tokens = await listTokens(values);
		const byToken = tokenOf(tokens, `Bearer ${text.trim()}`);
		if (byToken !== undefined) return byToken;
		for (const token of tokens) {
			const code = readKept(await values.getValue(codesOf(token.id)));
			if (code === undefined || code.untilMs <= clock.nowMs() || !isSame(code.hash, hashOf(plain(text)))) continue;
			await values.setValue(codesOf(token.id), null);
			return token;
		}
		return undefined;
	}

	async function begin(request: IncomingMessage, token: Token): Promise<string> {
		const secret = randomBytes(32).toString('base64url');
		const sessions = [...(await sessionsOf(token.id)), { hash: hashOf(secret), untilMs: clock.nowMs() + SESSION_MS }];
		await values.setValue(sessionsName(token.id), sessions.slice(-MOST_SESSIONS));
		return cookieOf(request, `${token.id}.${secret}`, SESSION_MS / 1000);
	}

	async function sessionsOf(token: Token['id']): Promise<readonly Kept[]> {
		const parsed = v.safeParse(v.array(kept), await values.getValue(sessionsName(token)));
		return parsed.success ? parsed.output.filter(({ untilMs }) => untilMs > clock.nowMs()) : [];
	}

	return {
		async readerOf(request) {
			const { authorization } = request.headers;
			if (authorization !== undefined) return isToken(authorization) ? tokenOf(await tokensNow(), authorization) : undefined;
			const session = sessionIn(request);
			if (session === undefined) return undefined;
			const token = (await tokensNow()).find(({ id }) => id === session.token);
			if (token === undefined) return undefined;
			return (await sessionsOf(token.id)).some(({ hash }) => isSame(hash, hashOf(session.secret))) ? token : undefined;
		},
		async signIn(request, text) {
			const from = homeOf(clientAddress(request, behindProxy));
			const waitS = tries.waitS(from);
			if (waitS > 0) return { waitS };
			// Counted before it is looked at: a hundred at once are a hundred tries.
			tries.wrong(from);
			const trying = before.then(async () => {
				const token = await ownerOf(text);
				return token === undefined ? undefined : begin(request, token);
			});
			before = trying.catch(() => undefined);
			const cookie = await trying;
			if (cookie === undefined) return { refused: 'wrong' };
			tries.right(from);
			return { cookie };
		},
		async signOut(request) {
			const session = sessionIn(request);
			if (session !== undefined && (await tokensNow()).some(({ id }) => id === session.token)) {
				const all = await sessionsOf(session.token);
				const others = all.filter(({ hash }) => !isSame(hash, hashOf(session.secret)));
				if (others.length < all.length) await values.setValue(sessionsName(session.token), others);
			}
			return cookieOf(request, '', 0);
		},
	};
}

/** Whoever comes while it is being read waits for the next reading, together with all others who do: it has begun after they asked. */
function together<Read>(read: () => Promise<Read>): () => Promise<Read> {
	let under: Promise<Read> | undefined;
	let next: Promise<Read> | undefined;
	function begin(): Promise<Read> {
		next = undefined;
		const mine = read().finally(() => {
			if (under === mine && next === undefined) under = undefined;
		});
		return (under = mine);
	}
	return () => {
		if (under === undefined) return begin();
		return (next ??= under.then(begin, begin));
	};
}

const FREE_TRIES = 3;
const LONGEST_S = 15 * 60;
/** A row of an attacker's addresses is no reason to run out of memory. */
const MOST_ADDRESSES = 10_000;

function createTries(clock: Clock) {
	const byAddress = new Map<string, { readonly wrong: number; readonly untilMs: number }>();
	return {
		waitS(from: string): number {
			return Math.ceil(Math.max(0, (byAddress.get(from)?.untilMs ?? 0) - clock.nowMs()) / 1000);
		},
		wrong(from: string): void {
			const before = byAddress.get(from);
			// An hour of quiet forgets.
			const wrong = before === undefined || clock.nowMs() - before.untilMs > 3_600_000 ? 1 : before.wrong + 1;
			const waitS = wrong < FREE_TRIES ? 0 : Math.min(LONGEST_S, 2 ** (wrong - FREE_TRIES + 1));
			byAddress.delete(from);
			byAddress.set(from, { wrong, untilMs: clock.nowMs() + waitS * 1000 });
			const oldest = byAddress.keys().next().value;
			if (byAddress.size > MOST_ADDRESSES && oldest !== undefined) byAddress.delete(oldest);
		},
		right(from: string): void {
			byAddress.delete(from);
		},
	};
}

/**
 * The first 64 bits of an IPv6 address are one home's or one machine's (RFC 6177), which has the 2^64 addresses below them to itself. An IPv4 address written as one
 * (RFC 4291, section 2.5.5.2) is that IPv4 address, in whatever spelling.
 */
function homeOf(address: string): string {
	if (!isIPv6(address)) return address;
	const [before = '', after] = address.split('%')[0]?.split('::') ?? [];
	const [left, right] = [groupsOf(before), groupsOf(after ?? '')];
	const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
	const isMapped = all.slice(0, 6).join() === '0,0,0,0,0,65535';
	if (isMapped)
		return all
			.slice(6)
			.flatMap((group) => [group >> 8, group & 255])
			.join('.');
	return all
		.slice(0, 4)
		.map((group) => group.toString(16))
		.join(':');
}

/** Of 16 bits each; the last 32 bits may be written as IPv4. */
function groupsOf(text: string): readonly number[] {
	if (text === '') return [];
	return text.split(':').flatMap((group) => {
		if (!group.includes('.')) return [Number.parseInt(group, 16)];
		const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
		return [(a << 8) | b, (c << 8) | d];
	});
}

function sessionIn({ headers }: IncomingMessage): { readonly token: string; readonly secret: string } | undefined {
	const [, token, secret] = new RegExp(`(?:^|;\\s*)${COOKIE}=([0-9a-f]{12})\\.([\\w-]{43})(?:;|$)`).exec(headers.cookie ?? '') ?? [];
	return token === undefined || secret === undefined ? undefined : { token, secret };
}

function cookieOf(request: IncomingMessage, value: string, maxAgeS: number): string {
	// A proxy's word is enough here: it only ever makes the cookie safer.
	const isTls = isSecure(request) || request.headers['x-forwarded-proto'] === 'https';
	return `${COOKIE}=${value}; Path=/api; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}${isTls ? '; Secure' : ''}`;
}

function readKept(value: unknown): Kept | undefined {
	const parsed = v.safeParse(kept, value);
	return parsed.success ? parsed.output : undefined;
}

const codesOf = (token: string): string => `sign-in ${token}`;
const sessionsName = (token: string): string => `sessions ${token}`;

function plain(code: string): string {
	return code.toUpperCase().replace(/[^0-9A-Z]/g, '');
}

function hashOf(secret: string): string {
	return createHash('sha256').update(secret).digest('hex');
}

function isSame(a: string, b: string): boolean {
	return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
