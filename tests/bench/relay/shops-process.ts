/** The shops of the bench, in a process of their own: it seals, links and sells as its parent says (`shops.ts`). */
import { createSystemTimers } from '#adapters/clock-system/clock-system.ts';
import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { linkedShop, type LinkedShop } from './linked-shop.ts';
import { sealedShop, type SealedShop } from './sealed-shops.ts';

export interface Orders {
	/** Answers what the tills of each shop sealed. */
	seal(order: { readonly shops: number; readonly tills: number; readonly sales: number }): Promise<readonly SealedSales[]>;
	/** Resolves when the relay has every shop's opening. Shop after shop goes to the next of the urls. */
	link(order: { readonly from: number; readonly to: number; readonly urls: readonly string[] }): Promise<void>;
	/** Every till of the shops that were linked, from the `from`th on, sells so much more, as fast as `window` sales a shop that are not in the cloud yet allow. */
	rush(order: {
		readonly from: number;
		readonly each: number;
		readonly window: number;
	}): Promise<{ readonly sales: number; readonly ms: number; readonly cpuMs: number }>;
	/**
	 * So many a second, over all tills in turn, whatever comes back; `goesOn`: at least so long, and until `enough`. Answers the ms of each until it was in the
	 * cloud.
	 */
	pace(order: { readonly perSecond: number; readonly seconds: number; readonly goesOn?: boolean }): Promise<readonly number[]>;
	enough(): Promise<void>;
	/** A shop that was alone: all that it has at once. Answers the ms until it is in the cloud. */
	bring(order: { readonly shop: number; readonly url: string }): Promise<number>;
	unlink(): Promise<void>;
}

/** Of one till: what verifying takes, and its place in the tables. */
export interface SealedSales {
	readonly store: string;
	readonly branch: string;
	readonly device: string;
	readonly sales: readonly Uint8Array[];
}

const TICK_MS = 5;
const LONGEST_MS = 120_000;
const timers = createSystemTimers((error) => {
	throw error as Error;
});
const sealed: SealedShop[] = [];
let linked: LinkedShop[] = [];
let isEnough = true;

const orders: Orders = {
	async seal({ shops, tills, sales }) {
		const made: SealedShop[] = [];
		for (let n = 0; n < shops; n += 1) made.push(await sealedShop(sealed.length + n + 1, { tills, sales }));
		sealed.push(...made);
		return made.flatMap(({ shop: { store, branch }, tills: all }) => all.map(({ device, sales: sold }) => ({ store, branch, device, sales: sold })));
	},
	async link({ from, to, urls }) {
		await startAutomerge();
		const added: LinkedShop[] = [];
		for (const [place, one] of sealed.slice(from, to).entries()) added.push(await linkedShop(one, urls[place % urls.length] ?? '', timers));
		linked.push(...added);
		for (const one of added) one.link();
		await within(Promise.all(added.map((one) => one.opened())), 'the shops are in the cloud');
	},
	async rush({ from, each, window }) {
		const tillsOf = sealed[0]?.tills.length ?? 0;
		const shops = linked.slice(from);
		const left = shops.map(() => Array.from({ length: tillsOf }, () => each));
		const cpu = process.cpuUsage();
		const begun = performance.now();
		for (;;) {
			let isDone = true;
			for (const [place, shop] of shops.entries())
				for (const [till, count] of left[place]?.entries() ?? []) {
					if (count > 0 || shop.waiting() > 0) isDone = false;
					if (count === 0 || shop.waiting() >= window) continue;
					if (!shop.sell(till, performance.now())) throw new Error('too few sales were sealed');
					left[place]![till] = count - 1;
				}
			const ms = performance.now() - begun;
			if (isDone) return { sales: shops.length * tillsOf * each, ms, cpuMs: cpuMsSince(cpu) };
			if (ms > LONGEST_MS) throw new Error(`${shops.reduce((sum, shop) => sum + shop.waiting(), 0)} sales are not in the cloud`);
			await new Promise((resolve) => setTimeout(resolve, TICK_MS));
		}
	},
	async pace({ perSecond, seconds, goesOn = false }) {
		isEnough = !goesOn;
		const shops = [...linked];
		const tillsOf = sealed[0]?.tills.length ?? 0;
		const latencies: number[] = [];
		for (const shop of shops) shop.onCovered((ms) => latencies.push(ms));
		const begun = performance.now();
		const secondsNow = (): number => (performance.now() - begun) / 1000;
		for (let sent = 0; secondsNow() < seconds || !isEnough;) {
			for (const due = secondsNow() * perSecond; sent < due; sent += 1) {
				const till = Math.floor(sent / shops.length) % tillsOf;
				if (shops[sent % shops.length]?.sell(till, begun + (sent / perSecond) * 1000) !== true) throw new Error('too few sales were sealed');
			}
			await new Promise((resolve) => setTimeout(resolve, TICK_MS));
		}
		const until = performance.now() + LONGEST_MS;
		while (shops.some((shop) => shop.waiting() > 0)) {
			if (performance.now() > until) throw new Error('not all that was sold at a pace came into the cloud');
			await new Promise((resolve) => setTimeout(resolve, TICK_MS));
		}
		return latencies;
	},
	async enough() {
		isEnough = true;
	},
	async bring({ shop, url }) {
		await startAutomerge();
		const one = await linkedShop(sealed[shop]!, url, timers);
		await one.fillDocuments();
		const begun = performance.now();
		one.link();
		const until = begun + LONGEST_MS;
		while (one.waiting() > 0) {
			if (performance.now() > until) throw new Error(`${one.waiting()} sales of the shop that was alone are not in the cloud`);
			await new Promise((resolve) => setTimeout(resolve, TICK_MS));
		}
		linked.push(one);
		return performance.now() - begun;
	},
	async unlink() {
		for (const one of linked) await one.close();
		linked = [];
	},
};

function cpuMsSince(before: NodeJS.CpuUsage): number {
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000;
}

function within(done: Promise<unknown>, what: string): Promise<unknown> {
	const late = Promise.withResolvers<never>();
	const timer = setTimeout(() => {
		late.reject(new Error(`not within ${LONGEST_MS} ms: ${what}`));
	}, LONGEST_MS);
	return Promise.race([done, late.promise]).finally(() => {
		clearTimeout(timer);
	});
}

process.on('message', ({ id, name, order }: { readonly id: number; readonly name: keyof Orders; readonly order: never }) => {
	Promise.resolve(orders[name](order)).then(
		(answer) => process.send?.({ id, answer }),
		(error: unknown) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
	);
});
// With whoever asked for it.
process.on('disconnect', () => process.exit());
