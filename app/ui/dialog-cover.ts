/** What lies over dialogs for a while without closing them: the lock. Whoever comes back finds them as they were, with what was typed. */
import { getContext, setContext } from 'svelte';

type IsCovered = () => boolean;

const KEY = Symbol('dialog-cover');

/** For every dialog below the component that says so. */
export function setDialogCover(isCovered: IsCovered): void {
	setContext(KEY, isCovered);
}

export function getDialogCover(): IsCovered {
	return getContext<IsCovered | undefined>(KEY) ?? (() => false);
}
