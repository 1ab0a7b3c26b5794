/** How screens get at the till: by Svelte's context, set once by the layout. Tests and the gallery set another one. */
import { createContext } from 'svelte';
import type { Commands } from '#engine/commands.ts';
import type { CustomerDisplay } from './customer-display.ts';
import type { Views } from '#projections/views.ts';
import type { Approve } from './approve/approval.svelte.ts';
import type { Unprinted } from './unprinted.svelte.ts';

export interface TillContext {
	readonly commands: Commands;
	readonly views: Views;
}

export interface ScreenContext extends TillContext {
	/** Asks somebody who may, by PIN; commands that are refused for want of it ask by themselves. */
	readonly approve: Approve;
}

export const [getCustomerDisplay, setCustomerDisplay] = createContext<CustomerDisplay>();
/** Shows the first steps, to whoever asks for them. */
export const [getTour, setTour] = createContext<() => void>();
export const [getUnprinted, setUnprinted] = createContext<Unprinted>();
export const [getTill, setTill] = createContext<ScreenContext>();
