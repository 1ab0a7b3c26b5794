/**
 * The recovery file, sealed with a passphrase and opened with it.
 *
 * 1. Without the passphrase nothing of the key is in it. Whoever tries passphrases pays 64 MiB and three passes for each.
 * 2. What was changed in it anywhere, its name and date too, does not open.
 */
import { argon2id } from 'hash-wasm';
import * as v from 'valibot';
import type { Cipher, Random } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import { recovery, recoveryFile, type Recovery, type RecoveryFile } from '#schemas/documents/recovery-file.ts';

/** Shorter ones are tried through in a day, whatever each try costs. */
export const LEAST_PASSPHRASE = 12;
const SALT_BYTES = 16;
/** RFC 9106, section 4: the second recommended option. */
const MEMORY_KIB = 65_536;
const PASSES = 3;
const LANES = 4;

export interface RecoveryFileDeps {
	readonly cipher: Cipher;
	readonly random: Random;
}

/** The text of the file. */
export async function sealRecovery(
	content: Recovery,
	{ passphrase, storeName, madeAtMs }: { readonly passphrase: string; readonly storeName: string; readonly madeAtMs: number },
	{ cipher, random }: RecoveryFileDeps,
): Promise<string> {
	const salt = hexOf(random.bytes(SALT_BYTES));
	const head = { kind: 'holdfast recovery', v: 1, storeName, madeAtMs, salt } as const;
	const inside = new TextEncoder().encode(JSON.stringify({ head, content }));
	const sealed = hexOf(await cipher.seal(await keyOf(passphrase, salt), inside));
	return `${JSON.stringify({ ...head, sealed } satisfies RecoveryFile, undefined, '\t')}\n`;
}

export async function openRecovery(
	text: string,
	passphrase: string,
	{ cipher }: Pick<RecoveryFileDeps, 'cipher'>,
): Promise<Recovery | { readonly refused: 'no-recovery-file' | 'wrong-passphrase' }> {
	const file = v.safeParse(v.pipe(v.string(), v.parseJson(), recoveryFile), text);
	if (!file.success) return { refused: 'no-recovery-file' };
	const { sealed, ...head } = file.output;
	const opened = await cipher.open(await keyOf(passphrase, head.salt), bytesOfHex(sealed));
	if (opened === undefined) return { refused: 'wrong-passphrase' };
	const inside = v.safeParse(v.pipe(v.string(), v.parseJson(), v.object({ head: v.unknown(), content: recovery })), new TextDecoder().decode(opened));
	return inside.success && JSON.stringify(inside.output.head) === JSON.stringify(head) ? inside.output.content : { refused: 'no-recovery-file' };
}

function keyOf(passphrase: string, salt: string): Promise<Uint8Array> {
	return argon2id({
		...{ password: passphrase.normalize('NFKC'), salt: bytesOfHex(salt), memorySize: MEMORY_KIB, iterations: PASSES, parallelism: LANES },
		...{ hashLength: 32, outputType: 'binary' },
	});
}
