/** A PIN's hash is argon2id in PHC form, under a secret of the store. */
import { checkPin, hashPin } from '#adapters/pins-argon2id/argon2id.ts';
import { argon2id } from 'hash-wasm';
import { expect, test } from 'vitest';

const secret = (id: string, fill: number) => ({ id, bytes: new Uint8Array(32).fill(fill) });
const A = secret('aa'.repeat(16), 1);
const B = secret('bb'.repeat(16), 2);

test('the PIN is right, another is wrong, and no two hashes of one PIN are the same', async () => {
	const [one, two] = [await hashPin('4711', A), await hashPin('4711', A)];
	expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=(aa){16}\$[\w+/]+\$[\w+/]+$/);
	expect(one.length).toBeLessThanOrEqual(200);
	expect(one).not.toBe(two);
	expect(await checkPin('4711', one, [B, A])).toBe('right');
	expect(await checkPin('4712', one, [B, A])).toBe('wrong');
});

test('whoever has the hash and not the secret can check nothing', async () => {
	const hash = await hashPin('4711', A);
	expect(await checkPin('4711', hash, [B])).toBe('no-secret');
	expect(await checkPin('4711', hash, [secret(A.id, 9)])).toBe('wrong');
	const salt = Buffer.from(hash.split('$')[4] ?? '', 'base64');
	const bare = await argon2id({ password: '4711', salt, memorySize: 19_456, iterations: 2, parallelism: 1, hashLength: 32, outputType: 'encoded' });
	expect(bare.split('$').at(-1)).not.toBe(hash.split('$').at(-1));
});
