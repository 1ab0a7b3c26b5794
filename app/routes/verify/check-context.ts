/** How the page for auditors comes to its check: it needs no till. */
import { createContext } from 'svelte';
import type { CheckArchive } from '#engine/check-archive.ts';

export const [getCheck, setCheck] = createContext<CheckArchive>();
