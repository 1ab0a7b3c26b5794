/** The page of the row `month`: beside the app, which is closed, it records sales in the till's own vault with the till's own keys, as the app would. */
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { deviceKeys } from '#adapters/keys-webcrypto/keys-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import { isRefusal } from '#core/intent.ts';
import { completeSale } from '#core/sale/complete-sale.ts';
import { createCommit } from '#engine/commit.ts';
import { createSealer } from '#engine/seal.ts';
import type { CartLine } from '#schemas/cart.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { enrolled } from '#schemas/wire/enrolment.ts';
import * as v from 'valibot';

declare global {
	interface Window {
		month: MonthPage;
	}
}

export interface MonthPage {
	/** So many sales of five lines, over the days before now. */
	sell(count: number, days: number): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const LINES = 5;

window.month = {
	async sell(count, days) {
		const places = await storagePlaces('vault');
		const vault = await openIndexedDbVault({ places, name: 'holdfast', onFinding: () => undefined });
		const ownership = await vault.takeOwnership();
		const { signer } = await deviceKeys(places, 'holdfast-keys');
		const member = v.parse(enrolled, await vault.getValue('member'));
		const begun = Date.now() - days * DAY_MS;
		let nowMs = begun;
		const digest = createDigest();
		const commit = createCommit({
			...{ vault, digest, sealer: createSealer({ store: member.store, signer, digest, clock: { nowMs: () => nowMs } }) },
			ownership: () => ownership,
			seen: () => ({ vector: new Map(), hlc: [0, 0] }),
			day: () => ({ timeZone: 'Europe/London', dayStartMinutes: 0 }),
			onRecorded: () => undefined,
		});
		const lines = Array.from({ length: LINES }, (_, place): CartLine => ({
			...{ id: `line-${place}`, name: `Something number ${place}`, quantityMilli: 1_000, unit: 'each', unitPriceE4: 25_000 },
			...{ taxRate: 'standard', taxPercentMilli: 20_000 },
		}));
		for (let n = 0; n < count; n += 1) {
			nowMs = begun + Math.floor((n * days * DAY_MS) / count);
			const key = crypto.randomUUID() as IntentKey;
			const done = await commit({
				key,
				decide(number) {
					const fact = completeSale(
						{ key, lines, changedAtMs: nowMs },
						[{ type: 'cash', amountMinor: LINES * 250, givenMinor: LINES * 250, changeMinor: 0 }],
						{ receipt: { till: member.till, number }, currency: { code: 'GBP', digits: 2 }, cashRoundingMinor: 1 },
					);
					if (isRefusal(fact)) throw new Error(fact.refused);
					return { branch: [fact], store: [], takesReceipt: true };
				},
			});
			if (!('entries' in done)) throw new Error(`not sold: ${JSON.stringify(done)}`);
		}
		await vault.close();
	},
};
