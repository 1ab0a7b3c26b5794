/**
 * Tokens of the read API: made by a command, of one store, revocable.
 *
 * 1. A token is shown once; what is kept is the SHA-256 of its 32 random bytes, which nobody guesses: no slow hash is needed.
 * 2. It opens its own store's reports and nothing else.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { RelayStorage } from '#ports';
import { storeId, type StoreId } from '#schemas/ids.ts';

const token = v.strictObject({ id: v.string(), name: v.string(), store: storeId, hash: v.string(), madeAtMs: v.number() });
export type Token = v.InferOutput<typeof token>;
type Values = Pick<RelayStorage, 'getValue' | 'setValue'>;

const NAME = 'tokens';
const PREFIX = 'hfr';

export async function listTokens(values: Pick<Values, 'getValue'>): Promise<readonly Token[]> {
	const parsed = v.safeParse(v.array(token), await values.getValue(NAME));
	return parsed.success ? parsed.output : [];
}

/** Answers the token itself, which is nowhere afterwards. */
export async function makeToken(values: Values, store: StoreId, name: string, nowMs: number): Promise<string> {
	const id = randomBytes(6).toString('hex');
	const secret = randomBytes(32).toString('base64url');
	await values.setValue(NAME, [...(await listTokens(values)), { id, name, store, hash: hashOf(secret), madeAtMs: nowMs }]);
	return `${PREFIX}.${id}.${secret}`;
}

/** False when there is none of that id. */
export async function revokeToken(values: Values, id: string): Promise<boolean> {
	const before = await listTokens(values);
	const after = before.filter((one) => one.id !== id);
	if (after.length < before.length) await values.setValue(NAME, after);
	return after.length < before.length;
}

const TOKEN = /^Bearer hfr\.([0-9a-f]{12})\.([\w-]{43})$/;

/** Whether the `Authorization` header has what could be one. */
export function isToken(header: string): boolean {
	return TOKEN.test(header);
}

/** By the `Authorization` header. */
export function tokenOf(tokens: readonly Token[], header: string | undefined): Token | undefined {
	const [, id, secret] = TOKEN.exec(header ?? '') ?? [];
	const found = tokens.find((one) => one.id === id);
	if (found === undefined || secret === undefined) return undefined;
	return timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(found.hash)) ? found : undefined;
}

function hashOf(secret: string): string {
	return createHash('sha256').update(secret).digest('hex');
}
