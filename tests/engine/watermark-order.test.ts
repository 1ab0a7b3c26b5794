/** What a hub signs while it still signs what was before: the newest word stands, whichever signature is made first. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { expect, test } from 'vitest';
import { openLinked } from '../support/linked-replicas.ts';
import { openSealingShop } from '../support/sealing-till.ts';

test('a signature that is made late does not take back what a later one says', async () => {
	const shop = await openSealingShop();
	const till = await shop.till({ vault: createMemoryVault() });
	await till.sell('first-of-a-till');
	const signing: PromiseWithResolvers<undefined>[] = [];
	let isHeld = false;
	const hub = await openLinked(shop, 'hub', {
		tills: [till],
		signs: {
			tier: 'host',
			signer: {
				device: shop.hub.device,
				async sign(bytes) {
					if (isHeld) {
						const one = Promise.withResolvers<undefined>();
						signing.push(one);
						await one.promise;
					}
					return shop.hub.sign(bytes);
				},
			},
		},
	});
	const signedSeq = (): number | undefined =>
		hub.replica
			.findings()
			.watermarks.find(({ issuer }) => issuer === shop.hub.device)
			?.marks.find(({ device, scope }) => device === till.signer.device && scope === 'branch')?.seq;
	await hub.time.pass(1_000);
	expect(signedSeq()).toBe(1);

	isHeld = true;
	for (const name of ['second', 'third']) {
		const before = signing.length;
		await till.sell(`${name}-of-a-till`);
		hub.replica.take([{ bytes: till.told.at(-1)!.sealed, route: 'lane', source: 'the lane' }]);
		await hub.replica.idle();
		void hub.time.pass(1_000);
		await expect.poll(() => signing.length).toBe(before + 1);
	}
	signing[1]?.resolve(undefined);
	await expect.poll(signedSeq).toBe(3);
	signing[0]?.resolve(undefined);
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect(signedSeq()).toBe(3);
	await hub.replica.close();
});
