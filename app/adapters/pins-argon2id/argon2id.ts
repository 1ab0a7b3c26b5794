/** A PIN and the hash of one, in PHC string form: `$argon2id$v=19$m=19456,t=2,p=1,keyid=<secret>$<salt>$<hash>`. */
import { argon2id, argon2Verify } from 'hash-wasm';
import type { PinSecret } from '#ports';

/** OWASP, Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const SALT_BYTES = 16;
const KEY_ID = /,keyid=([0-9a-f]+)\$/;

export async function hashPin(pin: string, { id, bytes }: PinSecret): Promise<string> {
	const made = await argon2id({
		...{ password: pin, salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)), secret: bytes },
		...{ memorySize: MEMORY_KIB, iterations: PASSES, parallelism: 1, hashLength: 32, outputType: 'encoded' },
	});
	return made.replace(/(,p=1)\$/, `$1,keyid=${id}$`);
}

export async function checkPin(pin: string, hash: string, secrets: readonly PinSecret[]): Promise<'right' | 'wrong' | 'no-secret'> {
	const id = KEY_ID.exec(hash)?.[1];
	const secret = secrets.find((one) => one.id === id);
	if (secret === undefined) return 'no-secret';
	const is = await argon2Verify({ password: pin, hash: hash.replace(KEY_ID, '$'), secret: secret.bytes });
	return is ? 'right' : 'wrong';
}
