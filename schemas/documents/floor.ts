/** The floor: what a branch shares but is no fact, as ordinary Automerge maps. Also the channel of the live lane (ephemeral messages). */
import type { BranchId, Sku, StoreId } from '../ids.ts';

export interface FloorDocument {
	/** Products shown first, by SKU; the value is their place. */
	favourites: Record<string, number>;
	/** Carts put aside, by their id, as JSON text that `schemas/cart.ts` checks on reading. */
	parked: Record<string, string>;
	/** Last sign of life, by device, ms since 1970. */
	presence: Record<string, number>;
}

export type Favourite = { readonly sku: Sku; readonly place: number };

/** Hash this (SHA-256, deterministic CBOR) and take 16 bytes. */
export function floorPreimage(store: StoreId, branch: BranchId): readonly string[] {
	return [store, 'floor', branch];
}
