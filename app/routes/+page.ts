import { redirect } from '@sveltejs/kit';

export function load(): never {
	// What stands behind the # is a setup code, which the browser keeps to itself.
	redirect(307, `/sell${location.hash}`);
}
