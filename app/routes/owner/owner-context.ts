/** How the owner's pages get at the relay's record: by Svelte's context, set by the root layout. Apart from them, for the layout is a till's as well. */
import { createContext } from 'svelte';
import type { OwnerRecord } from '#engine/owner-record.ts';

export const [getOwnerRecord, setOwnerRecord] = createContext<OwnerRecord>();
