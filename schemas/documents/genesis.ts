/** The genesis of a store: its id and root public key, in a document that never changes. Hash [store, 'genesis'] for its id. */
import type { DeviceId, StoreId } from '../ids.ts';

export interface GenesisDocument {
	store: string;
	root: string;
}
export type Genesis = { readonly store: StoreId; readonly root: DeviceId };

export function genesisPreimage(store: StoreId): readonly string[] {
	return [store, 'genesis'];
}
