/** The recovery file: opened by its passphrase alone, and by nothing that was changed. */
import { expect, test } from 'vitest';
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createCipher } from '#adapters/keys-webcrypto/cipher-webcrypto.ts';
import { openRecovery, sealRecovery } from '#adapters/recovery-file/recovery-file.ts';
import type { Recovery } from '#schemas/documents/recovery-file.ts';
import { altered } from '../../support/altered.ts';

const deps = { cipher: createCipher(), random: systemRandom };
const content = { v: 1, root: 'ab'.repeat(32), store: '01'.repeat(16), branch: '02'.repeat(16), relay: 'wss://relay.example' } as Recovery;
const made = { passphrase: 'three crabs in a bucket', storeName: 'Tidewater Stores', madeAtMs: 1 };

test('1: opens with its passphrase, typed in any form of its letters, and with no other', async () => {
	const file = await sealRecovery(content, { ...made, passphrase: 'caf\u00e9 by the sea' }, deps);
	expect(await openRecovery(file, 'cafe\u0301 by the sea', deps)).toEqual(content);
	expect(await openRecovery(file, 'cafe by the sea', deps)).toEqual({ refused: 'wrong-passphrase' });
	expect(file).not.toContain(content.root);
	expect(file).toContain('Tidewater Stores');
});

test('2: what was changed does not open', async () => {
	const file = await sealRecovery(content, made, deps);
	expect(await openRecovery(file.replace('Tidewater', 'Otherwise'), made.passphrase, deps)).toEqual({ refused: 'no-recovery-file' });
	const { sealed } = JSON.parse(file) as { sealed: string };
	const flipped = file.replace(sealed, altered(sealed));
	expect(await openRecovery(flipped, made.passphrase, deps)).toEqual({ refused: 'wrong-passphrase' });
	for (const none of ['', '{}', file.slice(0, -20)]) expect(await openRecovery(none, made.passphrase, deps)).toEqual({ refused: 'no-recovery-file' });
});
