/**
 * Which stores may keep their record at a relay. A store is whoever holds its root key, and anybody can make one: a relay that takes any store takes strangers'
 * shops, too.
 */
import type { RelayStorage } from '#ports';
import type { StoreId } from '#schemas/ids.ts';
import type { Flag } from '../flags.ts';

/** `known`: those that do already, with further branches. Else the beginnings of their ids. */
export type WhichStores = 'any' | 'known' | readonly string[];

export const storesFlag: Flag<WhichStores> = {
	...{ hint: 'any|known|ID,…', initial: 'any' },
	help: 'Stores that may keep their record here: any, those that do already (known), or these, by the beginning of their id',
	parse(text) {
		if (text === 'any' || text === 'known') return { value: text };
		const ids = text.split(',').map((one) => one.trim());
		return ids.every((one) => /^[0-9a-f]{6,32}$/.test(one))
			? { value: ids }
			: { wrong: 'expected any, known, or ids of stores (or the first six letters of each or more) with commas between' };
	},
};

export async function mayKeep(which: WhichStores, store: StoreId, { branches }: Pick<RelayStorage, 'branches'>): Promise<boolean> {
	if (which === 'any') return true;
	if (which === 'known') return (await branches()).some((one) => 'store' in one && one.store === store);
	return which.some((begins) => store.startsWith(begins));
}
