/**
 * A long list of buttons is one stop of Tab, as an attachment: `<ul {@attach oneStop}>`.
 *
 * 1. Tab comes to one button of it: the one that had the focus last, else the one that is shown beside it (`aria-current`), else the first; and with the
 *    next Tab the list is left.
 * 2. Up and Down go from button to button, Home and End to the first and the last.
 * 3. What comes into the list or leaves it while somebody is there moves nobody.
 */
export function oneStop(list: HTMLElement): () => void {
	const leave = oneStopOfTab(list);
	function onkeydown(event: KeyboardEvent): void {
		if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
		const all = [...list.querySelectorAll<HTMLElement>('button')];
		const next = placeAfter(event.key, all.indexOf(event.target as HTMLElement), all.length);
		if (next === undefined) return;
		event.preventDefault();
		all[next]?.focus();
	}
	list.addEventListener('keydown', onkeydown);
	return () => {
		leave();
		list.removeEventListener('keydown', onkeydown);
	};
}

/** The first and the third of these, for a list with arrow keys of its own. */
export function oneStopOfTab(list: HTMLElement): () => void {
	let last: HTMLElement | undefined;
	const buttons = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('button')];

	function arrange(): void {
		const all = buttons();
		const stop = all.find((button) => button === last) ?? all.find((button) => button.getAttribute('aria-current') === 'true') ?? all[0];
		for (const button of all) button.tabIndex = button === stop ? 0 : -1;
	}

	function onfocusin({ target }: FocusEvent): void {
		last = target as HTMLElement;
		arrange();
	}

	arrange();
	const watch = new MutationObserver(arrange);
	watch.observe(list, { subtree: true, childList: true, attributeFilter: ['aria-current'] });
	list.addEventListener('focusin', onfocusin);
	return () => {
		watch.disconnect();
		list.removeEventListener('focusin', onfocusin);
	};
}

function placeAfter(key: string, place: number, count: number): number | undefined {
	if (place < 0) return undefined;
	switch (key) {
		case 'ArrowUp':
			return Math.max(0, place - 1);
		case 'ArrowDown':
			return Math.min(count - 1, place + 1);
		case 'Home':
			return 0;
		case 'End':
			return count - 1;
		default:
			return undefined;
	}
}
