/** How screens get at the till: by Svelte's context, set once by the layout. Tests and the gallery set another one. */
import { createContext } from 'svelte';
import type { Commands } from '#engine/commands.ts';
import type { Views } from '#projections/views.ts';

export interface TillContext {
	readonly commands: Commands;
	readonly views: Views;
}

export const [getTill, setTill] = createContext<TillContext>();
