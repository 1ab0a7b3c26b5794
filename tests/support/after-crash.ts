/** What must hold of a vault after its process was killed in the middle of selling; for Node and browser alike. */
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import type { Digest, Vault } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { EntryHash, IntentKey } from '#schemas/ids.ts';
import { cartOf, type SealingTill } from './sealing-till.ts';

/** A sale whose `commit` had resolved, or a cart whose `saveCart` had. */
export type Acknowledged =
	{ readonly sold: string; readonly hash: string; readonly number: number; readonly seq: number } | { readonly cart: string };

/** Sells until it is killed: the cart is saved, then it is paid; each is said only when it is durable. */
export async function sellUntilKilled(till: SealingTill, run: string, acknowledge: (what: Acknowledged) => void, mostSales = 5_000): Promise<void> {
	for (let n = 1; n <= mostSales; n += 1) {
		const key = `${run}-sale-${n}`;
		if ((await till.vault.saveCart(cartOf(key), till.ownership)) === 'saved') acknowledge({ cart: key });
		const { entries } = await till.sell(key);
		const [entry] = entries;
		const fact = entry?.facts.find((one) => 'receipt' in one);
		if (entry === undefined || fact === undefined || !('receipt' in fact)) throw new Error('a sale without a receipt');
		acknowledge({ sold: key, hash: entry.hash, number: fact.receipt.number, seq: entry.header.seq });
	}
}

/** In words, what is not as it was acknowledged; `earlier` are the runs before, whose open carts nobody dropped. */
export async function problemsAfterCrash(vault: Vault, digest: Digest, acknowledged: readonly Acknowledged[]): Promise<string[]> {
	const problems: string[] = [];
	const check = (holds: boolean, otherwise: string): void => {
		if (!holds) problems.push(otherwise);
	};
	const state = await vault.read();
	const journal: { readonly hash: EntryHash; readonly key: IntentKey; readonly receipt: number | undefined }[] = [];
	for (const sealed of await vault.ownEntries('branch', 1, 1_000_000)) {
		const seq = journal.length + 1;
		const parts = splitSealed(sealed);
		const read = parts === undefined ? { damaged: 'not sealed' } : decodeBody(parts.body);
		if (parts === undefined || 'damaged' in read) return [`seq ${seq} cannot be read: ${JSON.stringify(read)}`];
		const { header, facts } = read;
		check(header.seq === seq, `seq ${header.seq} stands at place ${seq}`);
		check(header.prev === journal.at(-1)?.hash, `seq ${seq} does not follow the one before`);
		check(await digest.verify(header.device, parts.body, parts.signature), `the signature of seq ${seq} does not verify`);
		const fact = facts.find((one) => 'receipt' in one);
		journal.push({
			hash: hexOf(await digest.sha256(parts.body)) as EntryHash,
			key: header.key,
			receipt: fact && 'receipt' in fact ? fact.receipt.number : undefined,
		});
	}
	const head = journal.at(-1);
	check(state.heads.branch?.hash === head?.hash && (state.heads.branch?.seq ?? 0) === journal.length, 'the head is not the end of the journal');
	check(state.version === journal.length, `version ${state.version} after ${journal.length} records`);
	check(state.lastReceiptNumber === journal.length, `the last receipt number is ${state.lastReceiptNumber} after ${journal.length} sales`);
	journal.forEach(({ receipt }, place) => {
		check(receipt === place + 1, `receipt number ${receipt} at place ${place + 1}`);
	});

	const openCarts = new Set<string>((await vault.carts()).map(({ key }) => key));
	const paid = new Set<string>(journal.map(({ key }) => key));
	for (const key of openCarts) check(!paid.has(key), `${key} is paid and an open cart at once`);
	for (const one of acknowledged) {
		if ('cart' in one) {
			check(paid.has(one.cart) || openCarts.has(one.cart), `the cart ${one.cart} was saved and is gone`);
			continue;
		}
		const kept = journal[one.seq - 1];
		const record = await vault.saleByKey(one.sold as IntentKey);
		check(kept?.hash === one.hash, `${one.sold} was paid as T1-${one.number} and is not in the journal`);
		check(record?.receipt.number === one.number && record.entry === one.hash, `${one.sold} was paid as T1-${one.number} and is not in the vault`);
	}
	const sold = acknowledged.filter((one) => 'sold' in one).length;
	check(journal.length >= sold, `${sold} sales were paid, ${journal.length} are there`);
	return problems;
}
