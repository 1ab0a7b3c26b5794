/** What keeps somebody from using a screen, as sentences that a failed test shows. */
import axe from 'axe-core';
import type { Page } from 'playwright';

/** What axe-core finds, by all of its rules or by these alone. Its 550 KB come into a page once, whichever number of times the page is looked at. */
export async function barriersOf(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
	if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
	return page.evaluate(async (only) => {
		const { violations } = await (globalThis as unknown as { readonly axe: typeof axe }).axe.run({
			resultTypes: ['violations'],
			...(only === undefined ? {} : { runOnly: [...only] }),
		});
		return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`);
	}, rules);
}

/** As the design language has it, and WCAG 2.2 in 2.5.5. */
const TARGET_PX = 44;

/**
 * What a finger may miss: whatever can be pressed and is less than 44 px high or wide. A box and its label are pressed as one.
 *
 * Excepted, as in WCAG 2.5.8, are links in the middle of a sentence, which are as high as its lines, and what is there for screen readers alone.
 */
export function smallTargetsOf(page: Page): Promise<readonly string[]> {
	return page.evaluate((least) => {
		const pressed =
			'a[href], button, input, select, textarea, summary, [role=button], [role=checkbox], [role=radio], [role=switch], [role=tab], [role=option]';
		const isInSentence = (element: Element): boolean =>
			element.matches('a') &&
			getComputedStyle(element).display === 'inline' &&
			(element.parentElement?.textContent.trim().length ?? 0) > element.textContent.trim().length;
		const partsOf = (element: Element): readonly Element[] =>
			element instanceof HTMLInputElement && /checkbox|radio/.test(element.type) ? [element, ...(element.labels ?? [])] : [element];
		return [...document.querySelectorAll(pressed)]
			.filter(
				(element) => element.checkVisibility({ visibilityProperty: true }) && element.closest('.visually-hidden') === null && !isInSentence(element),
			)
			.flatMap((element) => {
				const boxes = partsOf(element).map((part) => part.getBoundingClientRect());
				const width = Math.max(...boxes.map(({ right }) => right)) - Math.min(...boxes.map(({ left }) => left));
				const height = Math.max(...boxes.map(({ bottom }) => bottom)) - Math.min(...boxes.map(({ top }) => top));
				// A pixel of the screen may be less than one of the page.
				if (width === 0 || Math.min(width, height) > least - 0.5) return [];
				const name = element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40);
				return [`${element.tagName} “${name}” ${width.toFixed(0)} × ${height.toFixed(0)}`];
			});
	}, TARGET_PX);
}

/** What is wider than where it lies. A panel that scrolls inside hides what hangs over from the page. */
export function overhangOf(page: Page): Promise<readonly string[]> {
	return page.evaluate(() =>
		[document.documentElement, ...document.querySelectorAll('main, main section')]
			.filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'auto')
			.map((element) => `${element.tagName} ${element.getAttribute('aria-label') ?? ''}`),
	);
}

/** What is chosen, and looks like what lies beside it and is not. Weight alone is too little to be told by. */
export function untoldOf(page: Page): Promise<readonly string[]> {
	return page.evaluate(() => {
		const chosen = '[aria-pressed=true], [aria-current]:not([aria-current=false]), [aria-selected=true]';
		const looksOf = (element: Element): string => {
			const { color, backgroundColor, borderColor, outlineColor, outlineStyle, textDecorationLine } = getComputedStyle(element);
			return [color, backgroundColor, borderColor, outlineColor, outlineStyle, textDecorationLine].join(', ');
		};
		return [...document.querySelectorAll(chosen)]
			.filter((element) => element.checkVisibility())
			.flatMap((element) => {
				const beside = element.closest('[role=group], [role=tablist], nav, ul')?.querySelectorAll(`${element.tagName}:not(${chosen})`) ?? [];
				const [other] = [...beside].filter((one) => one.checkVisibility());
				return other !== undefined && looksOf(other) === looksOf(element) ? [`${element.tagName} “${element.textContent.trim().slice(0, 40)}”`] : [];
			});
	});
}
