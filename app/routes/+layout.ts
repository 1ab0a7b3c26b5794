import { startAppearance } from './appearance.ts';

/** A till is a browser program: nothing is rendered on a server, one page answers every address. */
export const ssr = false;
export const prerender = false;

export async function load(): Promise<void> {
	await startAppearance();
}
