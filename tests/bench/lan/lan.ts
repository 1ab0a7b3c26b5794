/** Rows about tills and a hub on one LAN: a sale at the neighbour, who takes over, and many tills that come together. */
import * as Automerge from '@automerge/automerge';
import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { median, ms, type Row } from '../row.ts';
import { openBenchShop, sellOne, until } from './shop.ts';

/** Whoever holds the lease dies without a word: its lease runs out, and somebody else takes it. */
export const takeover: Row = {
	name: 'takeover',
	what: 'the lease after its holder is gone without a word',
	against: '',
	reach: 'within 5 s',
	async run({ quick, tell }) {
		const times: number[] = [];
		for (let round = 0; round < (quick ? 1 : 5); round += 1) {
			tell(`round ${round + 1}`);
			const shop = await openBenchShop(3);
			try {
				await until(() => shop.hub.shop()?.branch.replica.holdsLease() === true, 'the hub holds the lease', 30_000);
				await until(
					() => shop.tills.every(({ branch }) => branch.replica.findings().lease?.holder !== undefined),
					'every till has heard of it',
					30_000,
				);
				// As a cable that is pulled: nothing is said, no socket is closed by the one that is gone.
				const begun = performance.now();
				await Promise.all(shop.tills.map(({ lan }) => lan.stop()));
				await Promise.all(shop.tills.slice(1).map(({ lan }) => lan.start()));
				await until(() => shop.tills.some(({ branch }) => branch.replica.holdsLease()), 'a till holds the lease', 30_000);
				times.push(performance.now() - begun);
			} finally {
				await shop.close();
			}
		}
		const most = Math.max(...times);
		return {
			ours: `${ms(median(times))}, at most ${ms(most)}`,
			anchor: '',
			ok: most <= 5_000,
			numbers: { medianMs: median(times), mostMs: most, rounds: times.length },
		};
	},
};

/** 8 tills that sold a thousand each while alone. */
export const converge: Row = {
	name: 'converge',
	what: '8 tills with 1,000 unsynced sales each, until everybody has everything',
	against: 'the same bytes in 8 Automerge documents, merged into each of 9',
	reach: 'stated',
	async run({ quick, tell }) {
		const each = quick ? 50 : 1_000;
		const shop = await openBenchShop(8);
		try {
			tell('each alone');
			await Promise.all(shop.tills.map(({ lan }) => lan.stop()));
			const sealed: Uint8Array[][] = [];
			for (const till of shop.tills) {
				for (let n = 0; n < each; n += 1) await sellOne(till);
				const { ledger, writer } = till.branch;
				if (writer === undefined) throw new Error('a till writes');
				sealed.push(
					ledger
						.entries()
						.filter(({ facts }) => facts.some((fact) => 'receipt' in fact))
						.map((entry) => entry.sealed),
				);
			}
			tell('together');
			const cpu = process.cpuUsage();
			const begun = performance.now();
			await Promise.all(shop.tills.map(({ lan }) => lan.start()));
			const hubLedger = shop.hub.shop()?.branch.ledger;
			const ledgers = [...shop.tills.map(({ branch }) => branch.ledger), ...(hubLedger === undefined ? [] : [hubLedger])];
			await until(() => ledgers.every(({ state }) => state.sales.size === each * shop.tills.length), 'everybody has everything', 540_000);
			const tookMs = performance.now() - begun;
			const { user, system } = process.cpuUsage(cpu);
			const cpuMs = (user + system) / 1000;
			tell('the same in Automerge alone');
			const rawMs = await mergedRaw(sealed);
			return {
				...{ ours: `${ms(tookMs)}, ${ms(cpuMs)} of processors`, anchor: ms(rawMs), ratio: cpuMs / rawMs },
				numbers: { tills: shop.tills.length, salesEach: each, tookMs, cpuMs, rawMs },
			};
		} finally {
			await shop.close();
		}
	},
};

async function mergedRaw(sealed: readonly (readonly Uint8Array[])[]): Promise<number> {
	await startAutomerge();
	type Segment = { items: Uint8Array[] };
	const documents = sealed.map((items) => {
		let document = Automerge.from<Segment>({ items: [] });
		for (const item of items) document = Automerge.change(document, (draft) => draft.items.push(item));
		return Automerge.save(document);
	});
	const begun = performance.now();
	for (let peer = 0; peer <= sealed.length; peer += 1) for (const bytes of documents) Automerge.load<Segment>(bytes);
	return performance.now() - begun;
}
