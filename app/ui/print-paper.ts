/** The system's own printing, on a page that is as wide as the roll and as long as the paper: what a driver of a receipt printer cuts after. */
import { mount, tick, unmount } from 'svelte';
import type { Paper, PaperWidth } from '#core/receipt/paper.ts';
import PaperSheet from './paper-sheet.svelte';

/** CSS: 96 px are an inch, whatever the screen. */
const MM_A_PX = 25.4 / 96;
const MARGIN_MM = 8;

/** Resolves when the person has printed or thought better of it: a page is not told which. */
export async function printPaper(paper: Paper, label: string, widthMm: PaperWidth): Promise<void> {
	const sheet = mount(PaperSheet, { target: document.body, props: { paper, label, widthMm } });
	const style = document.createElement('style');
	try {
		await tick();
		const heightPx = document.querySelector('.paper-sheet')?.scrollHeight ?? 0;
		style.textContent = `@page { size: ${widthMm}mm ${Math.ceil(heightPx * MM_A_PX) + MARGIN_MM}mm; margin: 0; }`;
		document.head.append(style);
		print();
	} finally {
		style.remove();
		await unmount(sheet);
	}
}
