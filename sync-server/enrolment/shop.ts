/**
 * Making a shop, and letting devices into it.
 *
 * Invariants:
 * 1. A shop is made once for a data folder. What is interrupted is made to its end at the next start: every step has a key, and is done once.
 * 2. A till gets its number in the same entry that enrols it, before it gets its certificate: no number is given twice.
 * 3. A device asks under the key that it proves to hold. Asking again (a lost answer) gets the same certificate and the same number.
 */
import { demoShop } from '#core/demo/demo-shop.ts';
import type { NotLetIn } from '#core/enrolment-refusals.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import { freeTillNumber } from '#core/roster/till-numbers.ts';
import { isTimeZone } from '#core/time.ts';
import { issueCertificate } from '#engine/certify.ts';
import type { Clock, Digest, Random, Signer } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { DeviceEnrolled } from '#schemas/facts/device-enrolled.ts';
import type { Setting } from '#schemas/facts/setting-changed.ts';
import type { BranchId, DeviceId, IntentKey, StoreId } from '#schemas/ids.ts';
import { HUB_RIGHTS, MANAGER_RIGHTS, SELLING_RIGHTS } from '#schemas/rights.ts';
import type { ClaimRequest, Enrolled } from '#schemas/wire/enrolment.ts';
import type { Branch } from '../branch.ts';
import type { OpenedPlan } from '../branches/ask.ts';
import type { RecoveredPlan } from '../recovery/come-back.ts';

/** What the data folder keeps of a shop: `shop.json`. */
export interface ShopFile {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly root: DeviceId;
	/** The hub's certificate chain, CBOR as hex. */
	readonly chain: string;
	/** What was asked for when it was made, so that an interrupted making goes on; or how it was joined or brought back. */
	readonly made: ShopPlan | JoinedPlan | RecoveredPlan | OpenedPlan;
}

export type ShopPlan = { readonly kind: 'demo' } | { readonly kind: 'new'; readonly shop: NonNullable<ClaimRequest['shop']> };

/** Another hub made the shop, and let this one in. */
export interface JoinedPlan {
	readonly kind: 'joined';
	/** Chains of the devices that were there. */
	readonly certificates: readonly string[];
	/** Where that hub was; mDNS finds it where it is. */
	readonly addresses: readonly string[];
}

export interface FoundDeps {
	readonly root: Signer;
	readonly hub: Signer;
	/** libp2p peer id of the hub's network key. */
	readonly peer: string;
	readonly digest: Digest;
	readonly random: Random;
	readonly clock: Clock;
}

/** The ids and the hub's certificate of a new shop; nothing is written yet. */
export async function foundShop(made: ShopPlan, { root, hub, peer, digest, random, clock }: FoundDeps): Promise<ShopFile> {
	const store = hexOf((await digest.sha256(bytesOfHex(root.device))).slice(0, 16)) as StoreId;
	const branch = hexOf(random.bytes(16)) as BranchId;
	const certificate: Certificate = {
		v: 1,
		store,
		branch,
		device: hub.device,
		peer,
		role: 'hub',
		name: 'Hub',
		rights: [...HUB_RIGHTS],
		issuer: root.device,
		issuedAtMs: clock.nowMs(),
	};
	return { store, branch, root: root.device, chain: hexOf(await issueCertificate(certificate, root)), made };
}

/** Records what a shop begins with. Run at every start: what is recorded already is left as it is. A hub that joined finds it all there, one that was recovered gets it back. */
export async function furnishShop(
	{ store, chain, branch, made }: ShopFile,
	{ writer, replica, keys }: Branch,
	hub: { readonly device: DeviceId },
): Promise<void> {
	if (writer === undefined) throw new Error('a hub writes');
	if (made.kind === 'joined') {
		for (const certificate of made.certificates) await replica.takeChain(bytesOfHex(certificate));
		return;
	}
	if (made.kind === 'recovered') return; // It says nothing before the record is back (`recovery/come-back.ts`).
	if (made.kind === 'opened') return keys?.take(made.secrets);
	const key = (step: string) => `found:${store}:${step}` as IntentKey;
	const enrolled: DeviceEnrolled = {
		type: 'device.enrolled',
		v: 1,
		device: hub.device,
		branch,
		role: 'hub',
		name: 'Hub',
		rights: [...HUB_RIGHTS],
		chain,
	};
	mustBeDone(await writer.commit({ key: key('hub'), decide: () => ({ branch: [], store: [enrolled], takesReceipt: false }) }));
	for (const setting of settingsOf(made))
		mustBeDone(await writer.till.perform({ intent: 'change-setting', setting }, key(`setting:${setting.name}`)));
	if (made.kind !== 'demo') return;
	const products = demoShop().products;
	for (let from = 0; from < products.length; from += 50) {
		const intent: Intent = { intent: 'create-products', products: products.slice(from, from + 50) };
		mustBeDone(await writer.till.perform(intent, key(`products:${from}`)));
	}
}

function settingsOf(made: ShopPlan): readonly Setting[] {
	const shop = made.kind === 'demo' ? demoShop().shop : made.shop;
	return [
		{ name: 'storeName', value: shop.storeName },
		{ name: 'branchName', value: shop.branchName },
		{ name: 'currency', value: shop.currency },
		{ name: 'taxRates', value: shop.taxRates },
		{ name: 'timeZone', value: isTimeZone(shop.timeZone) ? shop.timeZone : 'UTC' },
		{ name: 'cashRoundingMinor', value: 1 },
		{ name: 'receiptFooter', value: (made.kind === 'new' ? made.shop.receiptFooter : undefined) ?? 'Thank you' },
		...(made.kind === 'demo' ? [{ name: 'demo', value: true } as const] : []),
	];
}

export interface EnrolDeps {
	readonly shop: ShopFile;
	readonly branch: Branch;
	readonly hub: Signer;
	readonly clock: Clock;
}

export interface Asking {
	readonly device: DeviceId;
	readonly peer: string;
	readonly role?: Certificate['role'] | undefined;
	/** Whoever lets it in chose so, never the device that asks. */
	readonly isManagers?: boolean;
}

/** Gives a till its number (a second hub has none), its place in the ledger and its certificate. */
export async function enrolDevice(
	{ device, peer, role = 'till', isManagers = false }: Asking,
	{ shop, branch, hub, clock }: EnrolDeps,
): Promise<Enrolled | { readonly refused: NotLetIn }> {
	const { writer, ledger, verifier } = branch;
	if (writer === undefined) throw new Error('a hub writes');
	const known = ledger.state.devices.get(device);
	if (known !== undefined && known.standing !== 'active') return { refused: 'was-removed' };
	if (verifier.chainOf(device) === undefined) {
		const chain = bytesOfHex(shop.chain);
		if (verifier.devices().some((other) => other.peer === peer)) return { refused: 'key-taken' };
		// The number is drawn inside the commit, which runs one at a time: two tills that join at once get two numbers.
		const done = await writer.commit({
			key: `enrol:${device}` as IntentKey,
			async decide() {
				if (ledger.state.devices.has(device)) return { refused: 'nothing-changed' };
				const { devices } = branch.ledger.state;
				const hubs = [...devices.values()].filter((one) => one.role === 'hub').length;
				const till = freeTillNumber(devices);
				const rights = [...(role === 'hub' ? HUB_RIGHTS : isManagers ? MANAGER_RIGHTS : SELLING_RIGHTS)];
				const place = role === 'hub' ? { role, name: `Hub ${hubs + 1}`, rights } : { role, name: `Till ${till}`, till, rights };
				const certificate: Certificate = {
					...{ v: 1 as const, store: shop.store, branch: shop.branch, device, peer, ...place },
					...{ issuer: hub.device, issuedAtMs: clock.nowMs() },
				};
				const fact: DeviceEnrolled = {
					...{ type: 'device.enrolled', v: 1, device, branch: shop.branch, ...place },
					chain: hexOf(await issueCertificate(certificate, hub, chain)),
				};
				return { branch: [], store: [fact], takesReceipt: false };
			},
		});
		mustBeDone(done);
		// The recorded chain, not the one that was drawn: when two requests of one till meet, or a crash came between, it is what counts.
		for (const { facts } of isRefusal(done) || 'trouble' in done ? [] : done.entries)
			for (const fact of facts)
				if (!('unknown' in fact) && !('invalid' in fact) && fact.type === 'device.enrolled') await branch.replica.takeChain(bytesOfHex(fact.chain));
	}
	const enrolled = ledger.state.devices.get(device);
	const chain = verifier.chainOf(device);
	if (enrolled === undefined || chain === undefined) return { refused: 'not-enrolled' };
	const certificates = verifier.devices().flatMap(({ device: other }) => verifier.chainOf(other) ?? []);
	return {
		store: shop.store,
		branch: shop.branch,
		root: shop.root,
		till: enrolled.till ?? 0,
		chain: hexOf(chain),
		certificates: certificates.map(hexOf),
	};
}

/** One more than any number that was ever given. */
function mustBeDone(outcome: object): void {
	if (isRefusal(outcome)) {
		if (outcome.refused === 'nothing-changed') return;
		throw new Error(`the shop could not be furnished: ${outcome.refused}`);
	}
	if ('trouble' in outcome) throw new Error(`the shop could not be furnished: ${JSON.stringify(outcome)}`);
}
