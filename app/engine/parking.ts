/**
 * A sale is put aside for any till.
 *
 * 1. Before it lies on the floor, the open cart in the vault names itself as put aside. A till that is killed before it drops its cart has both, and another
 *    may fetch and sell the copy meanwhile: whoever then pays the old cart names the same parked cart, and the two are asked about (`parked-sold-twice`).
 */
import { parkCart } from '#core/sale/cart.ts';
import type { Vault } from '#ports';
import type { Cart, ParkedCart } from '#schemas/cart.ts';

export interface ParkingDeps {
	readonly vault: Pick<Vault, 'saveCart' | 'dropCart'>;
	readonly ownership: number;
	/** Resolves when it is on disk. */
	readonly putOnFloor: (id: string, cart: ParkedCart) => Promise<'parked' | 'not-ready'>;
}

export async function putAside({ vault, ownership, putOnFloor }: ParkingDeps, cart: Cart): Promise<'parked' | 'not-ready' | 'not-owner'> {
	if ((await vault.saveCart({ ...cart, parked: cart.key }, ownership)) === 'not-owner') return 'not-owner';
	if ((await putOnFloor(cart.key, parkCart(cart))) === 'not-ready') {
		await vault.saveCart(cart, ownership); // It lies nowhere else.
		return 'not-ready';
	}
	return (await vault.dropCart(cart.key, ownership)) === 'not-owner' ? 'not-owner' : 'parked';
}
