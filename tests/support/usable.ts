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

/** As `docs/design-language.md` has it, and WCAG 2.2 in 1.4.3. */
const CONTRAST = 4.5;

/** What stands in a field before anybody types, too faint to be read: axe does not look there. */
export function faintHintsOf(page: Page): Promise<readonly string[]> {
	return page.evaluate((least) => {
		const channelsOf = (color: string): readonly number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
		const lightOf = (color: string): number => {
			const [red = 0, green = 0, blue = 0] = channelsOf(color).map((channel) => {
				const part = channel / 255;
				return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
			});
			return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
		};
		const groundOf = (element: Element): string => {
			for (let at: Element | null = element; at !== null; at = at.parentElement) {
				const { backgroundColor } = getComputedStyle(at);
				if (channelsOf(backgroundColor)[3] !== 0) return backgroundColor;
			}
			return 'rgb(255, 255, 255)';
		};
		return [...document.querySelectorAll<HTMLInputElement>('input[placeholder]')]
			.filter((field) => field.checkVisibility() && field.placeholder !== '')
			.flatMap((field) => {
				const lights = [getComputedStyle(field, '::placeholder').color, groundOf(field)].map(lightOf);
				const contrast = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
				return contrast >= least ? [] : [`“${field.placeholder}” ${contrast.toFixed(1)}:1`];
			});
	}, CONTRAST);
}

/** Where the line under the last row lies upon the edge of its panel, and two lines are drawn for one. */
export function doubledLinesOf(page: Page): Promise<readonly string[]> {
	return page.evaluate(() =>
		[...document.querySelectorAll('main section')]
			.filter((section) => section.checkVisibility() && parseFloat(getComputedStyle(section).borderBottomWidth) > 0)
			.flatMap((section) => {
				const edge = section.getBoundingClientRect().bottom;
				for (let at = section.lastElementChild; at?.checkVisibility() === true; at = at.lastElementChild) {
					const { borderBottomWidth, borderBottomColor } = getComputedStyle(at);
					const isDrawn = parseFloat(borderBottomWidth) > 0 && borderBottomColor !== 'rgba(0, 0, 0, 0)';
					if (isDrawn && edge - at.getBoundingClientRect().bottom < 3)
						return [`${section.getAttribute('aria-label') ?? ''}: ${at.textContent.trim().slice(0, 40)}`];
				}
				return [];
			}),
	);
}

/** Receipt numbers that stand on two lines: they are read, and said, in one piece. */
export function brokenNumbersOf(page: Page): Promise<readonly string[]> {
	return page.evaluate(() => {
		const broken: string[] = [];
		const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (texts.nextNode() !== null) {
			const text = texts.currentNode;
			if (!/^\w+-\d{6}$/.test(text.textContent?.trim() ?? '') || text.parentElement?.checkVisibility() !== true) continue;
			const range = document.createRange();
			range.selectNodeContents(text);
			if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(text.textContent?.trim() ?? '');
		}
		return broken;
	});
}

/** More than one thing that asks to be pressed first, on the screen or in the question that lies over it. */
export function rivalsOf(page: Page): Promise<readonly string[]> {
	return page.evaluate(() => {
		const [question] = [...document.querySelectorAll('[role=dialog]')]
			.filter((dialog) => dialog.checkVisibility({ visibilityProperty: true }))
			.slice(-1);
		const first = [...(question ?? document).querySelectorAll<HTMLButtonElement>('button.primary')].filter(
			(button) => !button.disabled && button.checkVisibility({ visibilityProperty: true }),
		);
		return first.length > 1 ? first.map((button) => button.textContent.trim()) : [];
	});
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
