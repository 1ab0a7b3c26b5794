/**
 * A till without a screen, selling for as long as it is let: `headless.ts HUB FOLDER CODE`. Says `paid NUMBER` for each sale that its own disk has, `open`
 * when it can sell, and `holder DEVICE` when somebody else carries the branch. Ctrl-C once: it sells no more, and sends what it has; twice: it ends. It knows its shop from its folder, but for the hub's addresses, and asks for those until somebody answers.
 */
import { cashTender } from '#core/sale/complete-sale.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { setTimeout as pause } from 'node:timers/promises';

const [hub = '', folder = '', code = ''] = process.argv.slice(2);
let isResting = false;
let isOver = false;
process.on('SIGINT', () => {
	isOver = isResting;
	isResting = true;
});

const till = await opened();
if (till !== undefined) {
	process.stdout.write('open\n');
	let holder: string | undefined;
	const { replica } = till.branch;
	replica.onFindings(() => {
		const heard = replica.findings().lease?.holder;
		if (heard === undefined || heard === holder) return;
		holder = heard;
		process.stdout.write(`holder ${heard}\n`);
	});
	while (!isOver) {
		if (!isResting)
			await sell(till).catch((error: unknown) => {
				process.stderr.write(`${String(error)}\n`);
			});
		await pause(700);
	}
	await till.close();
}
process.exit(0);

async function opened(): Promise<HeadlessTill | undefined> {
	while (!isOver) {
		const found = await startHeadlessTill({
			...{ hub, folder, code },
			onProblem: (error) => {
				process.stderr.write(`${String(error)}\n`);
			},
		}).catch((error: unknown) => {
			process.stderr.write(`${String(error)}\n`);
			return undefined;
		});
		if (found !== undefined) return found;
		await pause(1_000);
	}
	return undefined;
}

async function sell({ branch, till: counter }: HeadlessTill): Promise<void> {
	const product = [...branch.ledger.state.products.values()].find(({ retired, price }) => !retired && price !== undefined);
	if (product?.price === undefined) return;
	const { sku, name, unit, price, taxRate } = product;
	const line = { id: '1', sku, name: name.value, quantityMilli: 1000, unit: unit.value, unitPriceE4: price.value, price: price.entry } as const;
	const taxPercentMilli = branch.ledger.state.settings.value('taxRates')?.find(({ id }) => id === taxRate.value)?.percentMilli ?? 0;
	const dueMinor = Math.round(price.value / 100);
	const done = await counter.sell(
		{ key: crypto.randomUUID() as string as IntentKey, lines: [{ ...line, taxRate: taxRate.value, taxPercentMilli }], changedAtMs: Date.now() },
		[cashTender(dueMinor, dueMinor)],
	);
	if ('fact' in done) process.stdout.write(`paid ${done.number}\n`);
	else process.stderr.write(`${JSON.stringify(done)}\n`);
}
