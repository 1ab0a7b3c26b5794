/** The journal as a file: it comes back as it was, and what is none says so in one sentence. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { decodeJournal, encodeJournal } from '#engine/journal-file.ts';
import { encode } from '#schemas/cbor.ts';
import { expect, test } from 'vitest';
import { openSealingShop } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const till = await shop.till({ vault: createMemoryVault() });
await till.sell('the-only-sale');
const journal = {
	...{ store: shop.store, branch: shop.branch, device: till.signer.device, savedAtMs: 1 },
	...{ chains: [till.chain], sealed: till.told.map(({ sealed }) => sealed) },
};

test('what was saved is read', () => {
	expect(decodeJournal(encodeJournal(journal), shop.store)).toEqual(journal);
});

test('a file that was cut short, another file, another shop’s and a newer one are refused by a name of their own', () => {
	const bytes = encodeJournal(journal);
	const problem = (file: Uint8Array, store = shop.store): string => {
		const read = decodeJournal(file, store);
		return 'problem' in read ? read.problem : 'read';
	};
	expect(problem(bytes.slice(0, -1))).toBe('no-journal');
	expect(problem(new TextEncoder().encode('sku,name'))).toBe('no-journal');
	expect(problem(bytes, 'ab'.repeat(16) as typeof shop.store)).toBe('other-shop');
	expect(problem(encode({ kind: 'holdfast journal', v: 2 }))).toBe('newer-version');
});
