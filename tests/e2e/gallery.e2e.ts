/** The screens on a till that is only in memory: what a cashier does at the counter. */
import { expect, type Locator, type Page } from 'playwright/test';
import { fillPrinter, gtinOf, miaAllows, neighbourSells, printedAt } from '../support/gallery/gestures.ts';
import { addSupplies, fillCart, PHONE, readPrices, returnWithoutReceipt, TILL } from '../support/gallery/scenes.ts';
import { test } from '../support/gallery/visit.ts';
import { handScan } from '../support/hand-scanner.ts';
import { barriersOf, overhangOf, smallTargetsOf } from '../support/usable.ts';

async function openSell(page: Page): Promise<{ search: Locator; cart: Locator; paid: Locator }> {
	await page.goto('/sell');
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	await expect(search).toBeFocused();
	return { search, cart: page.getByRole('region', { name: 'Cart' }), paid: page.getByRole('status').filter({ hasText: 'Paid' }) };
}

async function numberOf(paid: Locator): Promise<number> {
	await expect(paid).toContainText(/T3-\d{6}/);
	return Number(/T3-(\d{6})/.exec(await paid.innerText())?.[1]);
}

test('a scan adds its product, wherever the focus is', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	const code = gtinOf('BAK-005');
	await handScan(page, code);
	await expect(cart.getByText('Baguette', { exact: true })).toBeVisible();
	await page.getByRole('button', { name: 'Dairy and eggs' }).focus();
	await handScan(page, code);
	await expect(cart.getByRole('button', { name: '2, change' })).toBeVisible();
	await expect(search).toBeFocused();
	await page.keyboard.press('F9');
	await cart.getByLabel('Amount').fill('2');
	await handScan(page, code);
	await expect(cart.getByRole('button', { name: '3, change' })).toBeVisible();
});

test('while a sale is recorded nothing else is drawn; one that takes its time shows that it does, and nothing of it can be changed', async ({
	page,
}) => {
	await page.clock.install();
	await page.goto('/sell?till=slow-disk');
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeFocused();
	const cart = page.getByRole('region', { name: 'Cart' });
	await handScan(page, gtinOf('BAK-005'));
	const exact = cart.getByRole('button', { name: /^Exact cash/ });
	await expect(exact).toBeEnabled();
	const made = await page.evaluateHandle(() => {
		const elements: HTMLElement[] = [];
		const make = document.createElement.bind(document);
		document.createElement = (name: string, options?: ElementCreationOptions) => {
			const element = make(name, options);
			elements.push(element);
			return element;
		};
		return elements;
	});
	await page.clock.pauseAt(Date.now() + 60_000);
	await page.keyboard.press('Enter');
	await page.clock.runFor(240);
	await expect(exact).toBeEnabled();
	// Its receipt is drawn by now, where nobody sees it.
	expect(await made.evaluate((elements) => elements.filter((one) => one.querySelector('article') !== null).map((one) => one.isConnected))).toEqual([
		false,
	]);
	await expect(page.locator('article')).toHaveCount(0);
	for (const name of ['Edit', 'Discount or note']) await cart.getByRole('button', { name }).dispatchEvent('click');
	await exact.dispatchEvent('click');
	await page.clock.runFor(20);
	await expect(exact).toBeDisabled();
	await page.clock.runFor(1_000);
	await expect(page.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();
	await expect(page.locator('article')).toHaveCount(1);
	await expect(page.getByRole('article', { name: /^Receipt / }).getByRole('img')).toBeVisible();
	await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a slow disk that refuses in the end leaves the focus where the next key is heard', async ({ page }) => {
	await page.clock.install();
	await page.goto('/sell?till=slow-full-disk');
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	await expect(search).toBeFocused();
	const cart = page.getByRole('region', { name: 'Cart' });
	await handScan(page, gtinOf('BAK-005'));
	const exact = cart.getByRole('button', { name: /^Exact cash/ });
	await exact.focus();
	await page.clock.pauseAt(Date.now() + 60_000);
	await page.keyboard.press('Enter');
	await page.clock.runFor(500);
	await expect(exact).toBeDisabled();
	await page.clock.runFor(1_000);
	await expect(cart.getByRole('alert')).toBeVisible();
	await expect(exact).toBeEnabled();
	await expect(search).toBeFocused();
});

test('the drawer opens at once, the paper waits for the name, and both come out though the next sale has begun', async ({ page }) => {
	await page.clock.install();
	await page.goto('/sell?till=busy');
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeFocused();
	const cart = page.getByRole('region', { name: 'Cart' });
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill('TIDE 0417');
	await page.keyboard.press('Enter');
	await expect(cart).toContainText('Ada Lovelace');
	await handScan(page, gtinOf('BAK-005'));
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await page.clock.pauseAt(Date.now() + 60_000);
	await cart.getByRole('button', { name: /^Exact cash/ }).click();
	await expect(page.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();
	await page.clock.runFor(40);
	expect(await printedAt(page)).toEqual(['drawer']);
	await handScan(page, gtinOf('BAK-009'));
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await page.clock.runFor(2_000);
	await expect.poll(() => printedAt(page)).toEqual(['drawer', expect.stringContaining('Ada Lovelace')]);
	const [, paper] = await printedAt(page);
	expect(paper).toContain('Baguette');
	expect(paper).not.toContain('COPY');
});

/** Where it lies that a hand may be on its way to, on a till and on a phone. */
async function placesOn(page: Page): Promise<readonly string[]> {
	const places: string[] = [];
	for (const [viewport, columns] of [
		[PHONE, 3],
		[TILL, 5],
	] as const) {
		await page.setViewportSize(viewport);
		// As many columns as there is room for are drawn a frame later.
		await expect(page.locator('.grid .line').first().getByRole('button')).toHaveCount(columns);
		places.push(
			...(await page.locator('form[role=search], .tabs button, .grid button, .pay button, nav a').evaluateAll((all) =>
				all
					.filter((one) => one.checkVisibility())
					.map((one) => {
						const { x, y, width, height } = one.getBoundingClientRect();
						const hit = document.elementFromPoint(x + width / 2, y + height / 2);
						return `${one.textContent.trim().slice(0, 24)} ${[x, y, width, height].map(Math.round).join(' ')} ${one.contains(hit) ? 'hit' : ''}`;
					}),
			)),
		);
	}
	return places;
}

test('receipts that did not print after the next sale began are counted where nothing moves for it, and all of them printed from there; the sale goes on', async ({
	page,
}) => {
	await page.clock.install();
	await page.goto('/sell?till=no-paper');
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	await expect(search).toBeFocused();
	const cart = page.getByRole('region', { name: 'Cart' });
	const paid = page.getByRole('status').filter({ hasText: 'Paid' });
	await handScan(page, gtinOf('BAK-005'));
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await page.clock.pauseAt(Date.now() + 60_000);
	const numbers: string[] = [];
	let places: readonly string[] = [];
	for (const count of [1, 2]) {
		await cart.getByRole('button', { name: /^Exact cash/ }).click();
		await expect(paid).toBeVisible();
		numbers.push((await paid.locator('.mono').textContent()) ?? '');
		await handScan(page, gtinOf('BAK-009'));
		await expect(cart.getByRole('listitem')).toHaveCount(1);
		await expect(page.getByRole('button', { name: `${count} not printed` })).toHaveCount(0);
		places = await placesOn(page);
		await page.clock.runFor(2_000);
		await expect(page.getByRole('button', { name: `${count} not printed` })).toBeVisible();
		expect(await placesOn(page)).toEqual(places);
		await expect(page.getByRole('status').filter({ hasText: `Receipt ${numbers.at(-1)} was not printed. The printer is out of paper.` })).toHaveCount(
			1,
		);
		await expect(search).toBeFocused();
	}
	expect(places.join()).toContain('hit');
	const list = page.getByRole('dialog', { name: 'Receipts that were not printed' });
	await page.getByRole('button', { name: '2 not printed' }).click();
	await expect(list).toContainText('The printer is out of paper.');
	await expect(list.getByRole('listitem')).toHaveText(numbers);
	// The older one is tried first, and takes nobody's place.
	await list.getByRole('button', { name: 'Print all' }).click();
	await page.clock.runFor(2_000);
	await expect(list.getByRole('listitem')).toHaveText(numbers);
	await page.keyboard.press('Escape');
	await page.clock.runFor(500);
	await expect(list).toHaveCount(0);
	await fillPrinter(page);
	await search.focus();
	await page.keyboard.press('Alt+p');
	await expect(list).toBeVisible();
	await page.clock.runFor(500);
	await expect(list.getByRole('button', { name: 'Print all' })).toBeFocused();
	await page.keyboard.press('Enter');
	await page.clock.runFor(2_000);
	await expect(list).toHaveCount(0);
	await expect(page.getByRole('button', { name: /not printed$/ })).toHaveCount(0);
	await expect(search).toBeFocused();
	const papers = await printedAt(page);
	expect(papers).toEqual(numbers.map((number) => expect.stringContaining(number)));
	expect(papers.join()).not.toContain('COPY');
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText('Receipts that were not printed');
});

test('how many receipts did not print, and their list, can be used by everybody on a till and on a phone', async ({ page }) => {
	await page.clock.install();
	await page.goto('/sell?till=no-paper');
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeFocused();
	const cart = page.getByRole('region', { name: 'Cart' });
	await handScan(page, gtinOf('BAK-005'));
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await page.clock.pauseAt(Date.now() + 60_000);
	await cart.getByRole('button', { name: /^Exact cash/ }).click();
	await expect(page.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();
	await handScan(page, gtinOf('BAK-009'));
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await page.clock.resume();
	const count = page.getByRole('button', { name: '1 not printed' });
	await expect(count).toBeVisible();
	for (const [viewport, colorScheme] of [
		[TILL, 'light'],
		[PHONE, 'dark'],
	] as const) {
		await page.setViewportSize(viewport);
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		for (const isOpen of [false, true]) {
			if (isOpen) await count.click();
			expect([await barriersOf(page), await overhangOf(page), await smallTargetsOf(page)], `${colorScheme}, ${String(isOpen)}`).toEqual([[], [], []]);
		}
		await page.keyboard.press('Escape');
		await expect(page.getByRole('dialog')).toHaveCount(0);
	}
	await page.setViewportSize(TILL);
	await fillPrinter(page);
	await count.focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('dialog').getByRole('button', { name: 'Print', exact: true })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(count).toHaveCount(0);
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeFocused();
});

const TABLET = { width: 820, height: 1180 };

const LANGUAGES = ['en', 'de', 'fr', 'es', 'ar'];

/** As after the choice in Settings. */
async function speak(page: Page, language: string): Promise<void> {
	await page.evaluate((code) => {
		localStorage.setItem('holdfast-appearance', JSON.stringify({ language: code }));
	}, language);
	await page.reload();
	await page.locator(`html[lang^=${language}] main`).waitFor();
}

test('wherever one reads from, the keys of a PIN stand as on a phone, all of them in sight there, and the cross at the edge of its dialog', async ({
	till: page,
}) => {
	await page.setViewportSize(PHONE);
	await page.goto('/reports?till=staff');
	const dialog = page.getByRole('dialog');
	for (const language of ['en', 'ar']) {
		await speak(page, language);
		await page.locator('main').getByRole('button').last().click();
		await dialog.getByRole('button', { name: /Mia Kerr/ }).click();
		const [one, two, three] = await dialog.locator('.keys button').evaluateAll((keys) => keys.map((key) => key.getBoundingClientRect().left));
		expect([one, two, three], language).toEqual([one, two, three].sort((a = 0, b = 0) => a - b));
		await expect(dialog.locator('.keys button').last()).toBeInViewport({ ratio: 1 });
		const cross = await dialog.evaluate((box) => {
			const [around, cross] = [box, box.querySelector('.dialog-close')].map((element) => element?.getBoundingClientRect());
			return around === undefined || cross === undefined ? [] : [Math.min(around.right - cross.right, cross.left - around.left), cross.width];
		});
		expect(cross, language).toEqual([12, 44]);
	}
});

test('wherever one reads from, keys that are held are named in their order, codes and figures alone run from the left, and a text as its own words do', async ({
	till: page,
}) => {
	await page.goto('/sell');
	await speak(page, 'ar');
	await page.locator('main input[type=search]').press('?');
	const undo = page.getByRole('dialog').locator('dt').filter({ hasText: 'CtrlZ' }).locator('kbd');
	const [ctrl = 0, z = 0] = await undo.evaluateAll((keys) => keys.map((key) => key.getBoundingClientRect().left));
	expect(z).toBeGreaterThan(ctrl);
	for (const path of ['/sync', '/shift', '/stock', '/sales?receipt=T3-000038', '/settings']) {
		await page.goto(path);
		await page.locator('main h1').waitFor();
		await expect(page.locator('.mono').filter({ hasText: /\p{Script=Arabic}/u }), path).toHaveCount(0);
	}
	await expect(page.locator('textarea').first()).toHaveCSS('unicode-bidi', 'plaintext');
});

for (const path of ['/stock', '/products', '/customers'])
	test(`the list of ${path} is one stop of Tab, and arrows go through it`, async ({ till: page }) => {
		await page.goto(path);
		const rows = page.locator('.pick, .row').and(page.locator('button'));
		await rows.nth(2).waitFor();
		await rows.first().focus();
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('ArrowDown');
		await expect(rows.nth(2)).toBeFocused();
		await page.keyboard.press('Home');
		await expect(rows.first()).toBeFocused();
		await page.keyboard.press('Tab');
		await expect(rows.and(page.locator(':focus'))).toHaveCount(0);
		await page.keyboard.press('Shift+Tab');
		await expect(rows.first()).toBeFocused();
	});

test('a category that Tab comes to is seen whole, however many there are', async ({ till: page }) => {
	await openSell(page);
	const categories = page.getByRole('group', { name: 'Categories' });
	const count = await categories.getByRole('button').count();
	await categories.getByRole('button').first().focus();
	for (let place = 0; place < count; place += 1) {
		const category = categories.getByRole('button').nth(place);
		await expect(category).toBeFocused();
		const isWhole = await category.evaluate((button) => {
			const [box, row] = [button, button.parentElement].map((element) => element?.getBoundingClientRect());
			return box !== undefined && row !== undefined && box.left >= row.left && box.right <= row.right;
		});
		expect(isWhole, await category.innerText()).toBe(true);
		await page.keyboard.press('Tab');
	}
});

test('on a phone the tab that is open is in sight, however many stand before it', async ({ till: page }) => {
	await page.setViewportSize(PHONE);
	await page.goto('/stock/low');
	await expect(page.getByRole('link', { name: 'Low stock' })).toBeInViewport({ ratio: 1 });
	await page.getByRole('link', { name: 'On hand' }).click();
	await expect(page.getByRole('link', { name: 'On hand' })).toBeInViewport({ ratio: 1 });
});

test('an owner sees on a phone what each Z took, without pushing the table', async ({ till: page }) => {
	await page.setViewportSize(PHONE);
	await page.goto('/owner/z');
	for (const language of LANGUAGES) {
		await speak(page, language);
		const amounts = page.locator('td.amount');
		await expect(amounts).toHaveCount(4);
		const beyond = await amounts.evaluateAll((cells) =>
			cells
				.map((cell) => {
					const range = document.createRange();
					range.selectNodeContents(cell);
					const { left, right } = range.getBoundingClientRect();
					return [left, right] as const;
				})
				.filter(([left, right]) => left < 0 || right > innerWidth),
		);
		expect(beyond, language).toEqual([]);
	}
});

test('in every language the days under a week’s columns stand apart on a phone', async ({ till: page }) => {
	await page.setViewportSize(PHONE);
	await page.goto('/reports');
	for (const language of LANGUAGES) {
		await speak(page, language);
		await page.locator('main [role=group] button').nth(1).click();
		const names = page.locator('figure .names').first().locator('span');
		await expect(names).toHaveCount(7);
		const ends = await names.evaluateAll((all) =>
			all
				.map((name) => {
					const range = document.createRange();
					range.selectNodeContents(name);
					const { left, right } = range.getBoundingClientRect();
					return [left, right] as const;
				})
				.sort(([a], [b]) => a - b),
		);
		const upon = ends.filter(([, right], place) => right > (ends[place + 1]?.[0] ?? Infinity));
		expect(upon, language).toEqual([]);
	}
});

test('wherever one reads from, the arrow of a choice lies as far from its edge as its words', async ({ till: page }) => {
	await page.goto('/reports');
	for (const language of ['en', 'ar']) {
		await speak(page, language);
		const gap = await page
			.locator('main select')
			.first()
			.evaluate((select) => {
				const [field, arrow] = [select, select.parentElement?.querySelector('svg')].map((element) => element?.getBoundingClientRect());
				return field === undefined || arrow === undefined ? undefined : Math.min(field.right - arrow.right, arrow.left - field.left);
			});
		expect(gap, language).toBe(14);
	}
});

test('in high contrast the edge of a button says that it cannot be pressed, and a question has an edge', async ({ till: page }) => {
	await page.emulateMedia({ contrast: 'more' });
	await page.goto('/shift');
	await expect(page.getByRole('button', { name: 'Open the shift' })).toHaveCSS('border-style', 'dashed');
	await expect(page.getByRole('button', { name: 'Open with £50.00' })).toHaveCSS('border-style', 'solid');
	await page.getByRole('button', { name: 'Close Z 1' }).click();
	await expect(page.getByRole('dialog')).toHaveCSS('border-style', 'solid');
});

test('in every language the head of the sale stands on one row on a till, and an owner’s ten screens are all on the rail', async ({ till: page }) => {
	await page.goto('/sell?till=staff-owner');
	for (const language of ['en', 'de', 'fr', 'es', 'ar']) {
		await page.evaluate((code) => {
			localStorage.setItem('holdfast-appearance', JSON.stringify({ language: code }));
		}, language);
		await page.reload();
		await expect(page.locator(`html[lang=${language}] main input[type=search]`)).toBeFocused();
		const tools = await page.locator('.cart .tools button').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
		expect([tools.length, new Set(tools).size], language).toEqual([4, 1]);
		const rail = await page.locator('nav').evaluate((nav) => [nav.querySelectorAll('a').length, nav.scrollHeight - nav.clientHeight]);
		expect(rail, language).toEqual([10, 0]);
	}
});

test('in every language the head of the sale stands on one row on a tablet, too, and its buttons lie within it', async ({ till: page }) => {
	await page.setViewportSize(TABLET);
	await page.goto('/sell?till=staff-owner');
	for (const language of ['en', 'de', 'fr', 'es', 'ar']) {
		await page.evaluate((code) => {
			localStorage.setItem('holdfast-appearance', JSON.stringify({ language: code }));
		}, language);
		await page.reload();
		await expect(page.locator(`html[lang=${language}] main input[type=search]`)).toBeFocused();
		const over = await page.locator('.cart').evaluate((cart) => {
			const [left, right] = [cart.getBoundingClientRect().left, cart.getBoundingClientRect().right];
			const lies = [...cart.querySelectorAll('button')].map((button) => {
				const { left: from, right: to } = button.getBoundingClientRect();
				return from >= left && to <= right && button.scrollWidth <= button.clientWidth ? '' : button.textContent.trim();
			});
			return lies.filter((words) => words !== '');
		});
		expect(over, language).toEqual([]);
		expect(await smallTargetsOf(page), language).toEqual([]);
		const tops = await page.locator('.cart .tools button').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
		expect([tops.length, new Set(tops).size], language).toEqual([4, 1]);
	}
});

test('in every language all that is said and asked while a card is on its terminal lies within the sale on a tablet', async ({ till: page }) => {
	await page.setViewportSize(TABLET);
	await openSell(page);
	await fillCart(page);
	await page.keyboard.press('F8');
	for (const language of ['en', 'de', 'fr', 'es', 'ar']) {
		await page.evaluate((code) => {
			localStorage.setItem('holdfast-appearance', JSON.stringify({ language: code }));
		}, language);
		await page.reload();
		const payment = page.locator(`html[lang=${language}] .cart .payment`);
		await expect(payment.locator('.terminal')).toBeVisible();
		const beyond = await payment.evaluate((box) =>
			[box, ...box.querySelectorAll('button')].flatMap((one) => (one.scrollWidth > one.clientWidth + 1 ? [one.textContent.trim().slice(0, 40)] : [])),
		);
		expect(beyond, language).toEqual([]);
	}
});

test('a long name and a large sum push nothing over an edge, on a till, a tablet and a phone', async ({ till: page }) => {
	const { cart } = await openSell(page);
	for (const _ of [1, 2, 3]) {
		await page.keyboard.press('F4');
		const dialog = page.getByRole('dialog');
		await dialog.getByLabel('Price in GBP').fill('99999.99');
		await dialog.getByLabel('What it is').fill('Handmade extraordinarily long-named antique mahogany wardrobe');
		await dialog.getByRole('button', { name: 'Add to the sale' }).click();
		await expect(dialog).toHaveCount(0);
	}
	const total = cart.getByText('£299,999.97').last();
	for (const viewport of [TILL, TABLET, PHONE]) {
		await page.setViewportSize(viewport);
		for (const what of [total, cart.getByRole('button', { name: /^Exact cash/ })]) {
			const { x, width } = await what.evaluate((element) => element.getBoundingClientRect().toJSON() as { x: number; width: number });
			expect([x >= 0, x + width <= viewport.width], String(viewport.width)).toEqual([true, true]);
		}
		// Beside its word.
		expect(
			await total.evaluate((figure) => figure.getBoundingClientRect().top < (figure.previousElementSibling?.getBoundingClientRect().bottom ?? 0)),
		).toBe(true);
		expect(await overhangOf(page), String(viewport.width)).toEqual([]);
	}
});

test('on a tablet a receipt’s number and its time stand on one line; a longer number keeps a line of its own, and a name breaks between its words', async ({
	till: page,
}) => {
	const { cart, paid } = await openSell(page);
	await fillCart(page);
	await cart.getByRole('button', { name: /^Exact cash/ }).click();
	await expect(paid).toBeVisible();
	await page.setViewportSize(TABLET);
	const number = cart.getByRole('article').getByText(/^T3-\d{6}$/);
	const time = number.locator('+ span');
	const linesOf = (what: Locator): Promise<number> =>
		what.evaluate((element) => {
			const range = document.createRange();
			range.selectNodeContents(element);
			return range.getClientRects().length;
		});
	const topOf = (what: Locator): Promise<number> => what.evaluate((element) => element.getBoundingClientRect().top);
	expect([await linesOf(number), await linesOf(time)]).toEqual([1, 1]);
	expect(await topOf(time)).toBe(await topOf(number));
	await number.evaluate((element) => (element.textContent = 'T128-12345678'));
	const longer = cart.getByRole('article').getByText('T128-12345678');
	expect([await linesOf(longer), await linesOf(longer.locator('+ span'))]).toEqual([1, 1]);
	expect(await topOf(longer.locator('+ span'))).toBeGreaterThan(await topOf(longer));
	const name = cart.getByRole('article').getByText('Seeded sourdough');
	await name.evaluate((element) => (element.textContent = 'Seeded sourdough, sliced and wrapped'));
	const broken = cart.getByRole('article').getByText('Seeded sourdough, sliced and wrapped');
	expect(await linesOf(broken)).toBe(2);
	expect(await topOf(broken.locator('+ span'))).toBeLessThan(await broken.evaluate((element) => element.getBoundingClientRect().bottom));
	expect(await page.locator('[aria-label=Receipt]').evaluate((paper) => paper.scrollWidth - paper.clientWidth)).toBe(0);
});

test('a code that nobody knows takes no money, and is sold as an open item', async ({ till: page }) => {
	const { search, cart, paid } = await openSell(page);
	await handScan(page, gtinOf('BAK-005'));
	await handScan(page, '4006381333931');
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText('4006381333931 is not in the catalogue');
	await expect(search).toHaveValue('');
	// Some scanners send a second Enter: it sells nothing, and takes no money.
	await page.keyboard.press('Enter');
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
	await expect(paid).toHaveCount(0);
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await search.fill('4006381333931');
	await search.press('Enter');
	await dialog.getByRole('button', { name: 'Sell as an open item' }).click();
	await dialog.getByLabel('Price in GBP').fill('2.50');
	await dialog.getByLabel('What it is').fill('Birthday candles');
	await dialog.getByRole('button', { name: 'Add to the sale' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(2);
	await expect(cart.getByText('Birthday candles', { exact: true })).toBeVisible();
});

test('a code that nobody knows becomes a product, and is in the sale', async ({ till: page }) => {
	const { cart, search } = await openSell(page);
	await search.fill('3*4006381333931');
	await search.press('Enter');
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: 'Add the product' }).click();
	await expect(dialog.getByLabel('Barcodes')).toHaveValue('4006381333931');
	await dialog.getByLabel('Name').fill('Pencils');
	await dialog.getByLabel(/^Price/).fill('1.20');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await expect(cart.getByText('Pencils', { exact: true })).toBeVisible();
	await expect(cart.getByRole('button', { name: '3, change' })).toBeVisible();
	await expect(search).toBeFocused();
});

test('Enter on an empty search takes the exact cash once, however often it is pressed', async ({ till: page }) => {
	const { paid } = await openSell(page);
	await handScan(page, gtinOf('BAK-005'));
	await page.waitForTimeout(400);
	await page.keyboard.press('Enter');
	await page.keyboard.press('Enter');
	await page.keyboard.press('Enter');
	await expect(paid).toContainText(/Paid\s+T3-\d{6}/);
	await page.waitForTimeout(400);
	await page.keyboard.press('Enter');
	await expect(paid).toHaveCount(0);
});

test('a line and the whole sale are made cheaper with a reason, one undo takes a step back, and the receipt says all of it', async ({
	till: page,
}) => {
	await page.goto('/sell');
	await fillCart(page);
	const cart = page.getByRole('region', { name: 'Cart' });
	const dialog = page.getByRole('dialog');
	await expect(cart.locator('.total')).toContainText('£7.25');
	await cart.getByRole('button', { name: 'Edit' }).click();
	const save = dialog.getByRole('button', { name: 'Change the line' });
	await dialog.getByLabel('How many').fill('0');
	await expect(save).toBeDisabled();
	await dialog.getByLabel('How many').fill('2');
	await dialog.getByLabel('Discount').fill('101%');
	await expect(dialog.getByRole('alert')).toContainText('no more than all of it');
	await dialog.getByLabel('Discount').fill('10%');
	await expect(save).toBeDisabled(); // Not without a reason.
	await dialog.getByRole('button', { name: 'Short date' }).click();
	await expect(dialog).toContainText('Comes to £2.88');
	await save.click();
	await expect(cart).toContainText('−10% · Short date');
	await expect(cart.locator('.total')).toContainText('£8.53');

	await cart.getByRole('button', { name: 'Discount or note' }).click();
	await dialog.getByLabel('Discount').fill('1');
	await dialog.getByLabel('Why').fill('Waited long');
	await dialog.getByRole('button', { name: 'Change the sale' }).click();
	await expect(cart.locator('.total')).toContainText('£7.53');
	await cart.getByRole('button', { name: 'Undo' }).click();
	await expect(cart.locator('.total')).toContainText('£8.53');

	await cart.getByRole('button', { name: 'Edit' }).click();
	await dialog.getByLabel('Price of one').fill('1.50');
	await dialog.getByLabel('Discount').fill('');
	await dialog.getByLabel('Why').fill('Shelf says so');
	await save.click();
	await expect(cart).toContainText('£1.50 each');
	await expect(cart).toContainText('Shelf says so');
	await expect(cart.locator('.total')).toContainText('£8.65');
	await cart.getByRole('button', { name: 'Discount or note' }).click();
	await dialog.getByLabel('Discount').fill('10%');
	await dialog.getByRole('button', { name: 'Staff' }).click();
	await dialog.getByRole('button', { name: 'Change the sale' }).click();
	await cart.getByRole('button', { name: 'Exact cash' }).click();
	const receipt = page.getByRole('article', { name: /^Receipt/ });
	await expect(receipt).toContainText('Share of the discount of 10%, Staff');
	await expect(receipt).toContainText('Shelf says so');
	await expect(receipt).toContainText('Total£7.79');
});

test('a question mark opens the sheet of keys, but is a letter where somebody types', async ({ till: page }) => {
	const { search } = await openSell(page);
	const sheet = page.getByRole('dialog', { name: 'Keys' });
	await search.fill('who');
	await page.keyboard.press('?');
	await expect(search).toHaveValue('who?');
	await expect(sheet).toHaveCount(0);
	await search.fill('');
	await page.keyboard.press('?');
	await expect(sheet).toContainText('Park this sale');
	await expect(search).toHaveValue('');
	await page.keyboard.press('Escape');
	await expect(sheet).toHaveCount(0);
	await page.goto('/stock');
	await expect(page.getByRole('heading', { name: 'Stock' })).toBeVisible();
	await page.keyboard.press('?');
	await expect(sheet).toBeVisible();
});

test('the first steps come once, take no focus, and come back when they are asked for', async ({ till: page }) => {
	await page.goto('/sell?till=newcomer');
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	const steps = page.getByRole('region', { name: 'First steps' });
	await expect(search).toBeFocused();
	await expect(steps).toContainText('1 of 3');
	// A sale goes on beside them.
	await handScan(page, gtinOf('BAK-005'));
	await expect(page.getByRole('region', { name: 'Cart' }).getByRole('listitem')).toHaveCount(1);
	await expect(steps).toContainText('1 of 3');
	await page.keyboard.press('Shift+Tab');
	await expect(steps.getByRole('button', { name: 'Skip the first steps' })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(steps).toHaveCount(0);
	await expect(search).toBeFocused();
	await page.reload();
	await expect(search).toBeFocused();
	await expect(steps).toHaveCount(0);
	await page.goto('/stock?till=newcomer');
	await expect(page.getByRole('heading', { name: 'Stock' })).toBeVisible();
	await page.keyboard.press('?');
	await page.getByRole('dialog', { name: 'Keys' }).getByRole('button', { name: 'Show the first steps' }).press('Enter');
	const next = steps.getByRole('button', { name: 'Next' });
	await expect(next).toBeFocused();
	await page.keyboard.press('Enter');
	await page.keyboard.press('Enter');
	await expect(steps).toContainText('3 of 3');
	await page.keyboard.press('Enter');
	await expect(steps).toHaveCount(0);
	await expect(search).toBeFocused();
});

test('cash that is given back shows the change, and the button pressed twice sells once', async ({ till: page }) => {
	const { cart, paid } = await openSell(page);
	await fillCart(page);
	await cart.getByRole('button', { name: 'Pay' }).click();
	await cart.getByRole('button', { name: '£10.00' }).evaluate((button: HTMLButtonElement) => {
		button.click();
		button.click();
	});
	await expect(paid).toContainText('Change £2.75');
	const first = await numberOf(paid);
	await cart.getByRole('button', { name: 'New sale' }).click();
	await expect(cart.getByText('Scan a product, or tap one.')).toBeVisible();
	await fillCart(page);
	await cart.getByRole('button', { name: 'Exact cash' }).click();
	expect(await numberOf(paid)).toBe(first + 1);
});

test('a card’s reference is on the receipt', async ({ till: page }) => {
	const { cart, paid } = await openSell(page);
	await fillCart(page);
	await cart.getByRole('button', { name: 'Pay' }).click();
	await cart.getByRole('button', { name: 'Card £7.25' }).click();
	await expect(cart.getByRole('heading', { name: 'Card terminal' })).toBeVisible();
	await cart.getByLabel('Reference on the slip').fill('A-77');
	await cart.getByRole('button', { name: 'Paid on the terminal' }).click();
	await expect(paid).toBeVisible();
	await expect(cart.getByRole('article')).toContainText('Card A-77');
});

test('an age is asked once a sale, by the day to look for, and who is too young gets nothing', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	const dialog = page.getByRole('dialog');
	const choose = async (): Promise<void> => {
		await search.fill('ginger beer');
		await page.getByRole('button', { name: /^Ginger beer/ }).click();
	};
	await choose();
	await expect(dialog).toContainText('18 or older?');
	await expect(dialog).toContainText(/Born on or before/);
	await dialog.getByRole('button', { name: 'Not sold' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(0);
	await expect(page.getByRole('alert')).toContainText('it is sold from 18 on');
	await choose();
	await dialog.getByRole('button', { name: 'Old enough' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await choose();
	await expect(dialog).toHaveCount(0);
	await expect(cart.getByRole('button', { name: '2, change' })).toBeVisible();
});

test('a favourite paid exactly is two taps, three scans and one key are a sale', async ({ till: page }) => {
	const { cart, paid } = await openSell(page);
	await page.locator('.grid button').first().click();
	await cart.getByRole('button', { name: 'Exact cash' }).click();
	await expect(paid).toBeVisible();
	for (const sku of ['BAK-005', 'BAK-009', 'BAK-005']) {
		await page.getByRole('searchbox').fill(gtinOf(sku));
		await page.getByRole('searchbox').press('Enter');
	}
	await expect(cart.getByRole('listitem')).toHaveCount(2);
	await page.waitForTimeout(400); // A scanner's second Enter comes sooner, and is none.
	await page.keyboard.press('Enter');
	await expect(paid).toBeVisible();
});

test('a scanner’s second Enter takes no money, however late a till that is busy hears of it', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await page.evaluate(() => {
		document.addEventListener('keyup', function work({ key }) {
			if (key !== 'Enter') return;
			document.removeEventListener('keyup', work);
			for (const untilMs = performance.now() + 400; performance.now() < untilMs;);
		});
	});
	await handScan(page, gtinOf('BAK-005'), 2);
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await handScan(page, gtinOf('BAK-009'));
	await expect(cart.getByRole('listitem')).toHaveCount(2);
});

test('a product stays under the finger that is on it, whatever the search answers before the finger is lifted', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	const tiles = page.locator('.grid button');
	await tiles.nth(1).hover();
	await page.mouse.down();
	await search.fill('ginger beer');
	await page.waitForTimeout(400); // Longer than the search takes: it has been answered.
	await page.mouse.up();
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	// What is chosen empties the search: the next answer comes as ever.
	await search.fill('bananas');
	await expect(tiles.first()).toHaveAccessibleName(/^Bananas/);
});

test('while a card is on its terminal that alone is answered: Enter says paid and Esc declined, wherever the focus is, and no other key takes money', async ({
	till: page,
}) => {
	const { search, cart, paid } = await openSell(page);
	await fillCart(page);
	const onTerminal = cart.getByRole('heading', { name: 'Card terminal' });
	const isPaid = cart.getByRole('button', { name: 'Paid on the terminal' });
	const asked = cart.getByRole('alert').filter({ hasText: '£7.25 is on the card terminal' });
	await page.keyboard.press('F8');
	await expect(isPaid).toBeEnabled();
	await search.fill('5');
	await page.keyboard.press('F9');
	await expect(asked).toBeVisible();
	await expect(cart.getByRole('list', { name: 'Taken already' })).toHaveCount(0);
	// What is typed leaves first, and nothing with it.
	await search.fill('ab');
	await page.keyboard.press('Escape');
	await expect(search).toHaveValue('');
	await expect(onTerminal).toBeVisible();
	await page.keyboard.press('F6');
	await expect(asked).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(cart.getByRole('button', { name: 'Card £7.25' })).toBeEnabled();
	await page.keyboard.press('F8');
	await expect(isPaid).toBeEnabled();
	await search.focus();
	await page.keyboard.press('Enter');
	await expect(paid).toBeVisible();
	await expect(cart.getByRole('article')).toContainText('Card');
	await expect(cart.getByRole('article')).not.toContainText('Cash');
});

test('F8 asks the terminal for the amount that is typed, as its button says', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	await page.keyboard.press('F9');
	await cart.getByLabel('Amount').fill('4');
	await expect(cart.getByRole('button', { name: 'Card £4.00' })).toBeEnabled();
	await page.keyboard.press('F8');
	await expect(cart.getByRole('heading', { name: 'Card terminal' })).toBeVisible();
	await expect(cart.locator('.terminal .amount')).toHaveText('£4.00');
});

test('F8 asks the terminal for an amount that stands in the search, and it stands there no more', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	await fillCart(page);
	await search.fill('4');
	await page.keyboard.press('F8');
	await expect(cart.locator('.terminal .amount')).toHaveText('£4.00');
	await expect(search).toHaveValue('');
	// What the terminal is asked already is not asked again.
	await search.fill('2');
	await page.keyboard.press('F8');
	await expect(cart.locator('.terminal .amount')).toHaveText('£4.00');
	await expect(search).toHaveValue('2');
});

test('a key that has nothing to do says so, and what to do', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	const said = page.getByRole('region', { name: 'Products' }).getByRole('alert');
	for (const key of ['F9', 'F8', 'F6', 'F3', 'Shift+F3']) {
		await page.keyboard.press(key);
		await expect(said, key).toContainText('There is nothing in the cart yet.');
		await page.keyboard.press('Escape');
		await expect(said).toHaveCount(0);
	}
	await page.keyboard.press('F2');
	await expect(said).toContainText('bears a deposit');
	await page.keyboard.press('F7');
	await page.keyboard.press('Enter');
	await expect(cart.getByRole('button', { name: /^Parked/ })).toHaveCount(0);
	await page.keyboard.press('F7');
	await expect(said).toContainText('No sale is parked.');
	await expect(search).toBeFocused();
});

test('a tap beside a dialog and Esc leave it; once something is typed in it a tap does nothing, and Esc asks for a second one', async ({
	till: page,
}) => {
	await page.goto('/shift');
	await page.getByRole('button', { name: 'Open with £100.00' }).click();
	const dialog = page.getByRole('dialog');
	const besideIt = (): Promise<void> => page.mouse.click(5, 5);
	await page.getByRole('button', { name: 'Count and close' }).click();
	await expect(dialog).toBeVisible();
	await besideIt();
	await expect(dialog).toHaveCount(0);
	await page.getByRole('button', { name: 'Count and close' }).click();
	const heap = dialog.locator('.kinds input').first();
	await heap.fill('3');
	await besideIt();
	await expect(heap).toHaveValue('3');
	const asked = dialog.getByRole('alert').filter({ hasText: 'Press Esc again' });
	await page.keyboard.down('Escape');
	await page.keyboard.down('Escape'); // A finger rests on it.
	await page.keyboard.up('Escape');
	await expect(asked).toBeVisible();
	await expect(heap).toHaveValue('3');
	// Who types on stays, and is asked again.
	await heap.fill('4');
	await expect(asked).toHaveCount(0);
	await page.keyboard.press('Escape');
	await expect(asked).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
	await page.getByRole('button', { name: 'Count and close' }).click();
	await expect(asked).toHaveCount(0);
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
});

test('store credit of which all lies in the sale already is offered no more', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	await fillCart(page);
	await search.fill('2*BAK-009');
	await search.press('Enter');
	await expect(cart.locator('.total')).toContainText('£9.65');
	await cart.getByRole('button', { name: 'Customer' }).click();
	await page.getByRole('dialog', { name: 'Choose a customer' }).getByRole('button', { name: 'Ada Lovelace' }).click();
	await page.keyboard.press('F9');
	await cart.getByRole('button', { name: 'Store credit £8.50' }).click();
	await expect(cart.getByRole('button', { name: 'Card £1.15' })).toBeEnabled();
	await expect(cart.getByRole('button', { name: 'Store credit £0.00' })).toBeDisabled();
});

test('Esc leaves a payment that is taken in part, as Back does', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	await fillCart(page);
	await page.keyboard.press('F9');
	await cart.getByLabel('Amount').fill('2');
	await cart.getByRole('button', { name: 'Take cash' }).click();
	await expect(cart.getByRole('button', { name: 'Card £5.25' })).toBeEnabled();
	await page.keyboard.press('Escape');
	await expect(cart.getByRole('heading', { name: 'Sale' })).toBeVisible();
	await expect(cart.locator('.total')).toContainText('£5.25');
	await expect(search).toBeFocused();
});

test('in every language the amount of a payment stands beside its button, and under none', async ({ till: page }) => {
	await page.goto('/sell');
	for (const language of ['en', 'de', 'fr', 'es', 'ar']) {
		await page.evaluate((code) => {
			localStorage.setItem('holdfast-appearance', JSON.stringify({ language: code }));
		}, language);
		await page.reload();
		await expect(page.locator(`html[lang=${language}] main input[type=search]`)).toBeFocused();
		await fillCart(page);
		await page.keyboard.press('F9');
		const typed = page.locator('.cart form.typed');
		const edgesOf = (part: Locator): Promise<readonly number[]> =>
			part.evaluate((one) => [one.getBoundingClientRect().left, one.getBoundingClientRect().right]);
		const [fieldLeft = 0, fieldRight = 0] = await edgesOf(typed.locator('input'));
		const [buttonLeft = 0, buttonRight = 0] = await edgesOf(typed.locator('button'));
		expect(fieldRight <= buttonLeft || buttonRight <= fieldLeft, language).toBe(true);
	}
});

test('a part by card and the rest in cash: pressed twice and reloaded between them, each is taken once', async ({ till: page }) => {
	const { cart, paid } = await openSell(page);
	await fillCart(page);
	await page.keyboard.press('F9');
	await cart.getByLabel('Amount').fill('5');
	await cart.getByRole('button', { name: 'Card £5.00' }).dblclick();
	await page.reload();
	// The customer still holds the card to the terminal.
	await expect(cart.getByText('£5.00', { exact: true })).toBeVisible();
	await cart.getByRole('button', { name: 'Paid on the terminal' }).evaluate((button: HTMLButtonElement) => {
		button.click();
		button.click();
	});
	await expect(cart.getByText('Left to pay')).toBeVisible();
	await page.reload();
	const parts = cart.getByRole('list', { name: 'Taken already' });
	await expect(parts.getByRole('listitem')).toHaveCount(1);
	await expect(cart.getByRole('button', { name: 'Card £2.25' })).toBeVisible();
	// A held Enter is one press.
	await cart.getByLabel('Amount').fill('5');
	await page.keyboard.down('Enter');
	for (let n = 0; n < 5; n += 1) await page.keyboard.down('Enter');
	await page.keyboard.up('Enter');
	// A scanner's second Enter closes no receipt.
	await page.keyboard.press('Enter');
	await expect(paid).toContainText('Change £2.75');
	await expect(cart.getByRole('article')).toContainText('£5.00');
});

test('a part is taken out again only in so many words, and a cart with money in it is neither emptied nor parked', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	await page.keyboard.press('F9');
	await cart.getByLabel('Amount').fill('2');
	await cart.getByRole('button', { name: 'Take cash' }).click();
	await expect(cart.getByText('£5.25', { exact: true }).first()).toBeVisible();
	// Asked while the part is still being written, parking waits for nobody: asked again.
	await expect(async () => {
		await page.keyboard.press('F6');
		await expect(cart.getByRole('alert')).toContainText('£2.00 is paid already', { timeout: 2_000 });
	}).toPass({ timeout: 60_000 });
	await cart.getByRole('button', { name: 'Take out' }).click();
	await expect(cart.getByText('Give the cash back first')).toBeVisible();
	await cart.getByRole('button', { name: 'Cash given back' }).click();
	await expect(cart.getByText('Left to pay')).toBeHidden();
});

test('a card that was charged while the disk refused is not asked for again', async ({ till: page }) => {
	await page.goto('/sell?till=full-disk');
	const cart = page.getByRole('region', { name: 'Cart' });
	await fillCart(page);
	await page.keyboard.press('F8');
	await cart.getByRole('button', { name: 'Paid on the terminal' }).click();
	await expect(cart.getByRole('alert')).toContainText('storage is full');
	await expect(cart.getByRole('list', { name: 'Taken already' }).getByRole('listitem')).toContainText('£7.25');
	await expect(cart.getByRole('button', { name: /^Card/ })).toHaveCount(0);
	await cart.getByRole('button', { name: 'Finish the sale' }).click();
	await expect(cart.getByRole('alert')).toContainText('storage is full');
});

test('digits and one key take the cash and say the change', async ({ till: page }) => {
	const { search, cart, paid } = await openSell(page);
	await fillCart(page);
	await search.fill('20');
	await page.keyboard.press('F9');
	await expect(paid).toContainText('Change £12.75');
	await expect(cart.getByRole('article')).toContainText('£20.00');
});

test('weighed goods ask for their weight', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	await search.fill('bananas');
	await page.getByRole('button', { name: /^Bananas/ }).click();
	await expect(page.getByLabel('Weight in kg')).toBeFocused();
	await page.keyboard.type('0.84', { delay: 60 });
	await page.keyboard.press('Enter');
	await expect(cart.getByText('Bananas, loose', { exact: true })).toBeVisible();
	await expect(cart.getByRole('button', { name: '0.84, change' })).toBeVisible();
});

test('what is sold by the piece goes into the sale in whole ones', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	await search.fill('1.5*BAK-009');
	await search.press('Enter');
	await expect(page.getByRole('alert').filter({ hasText: 'is sold by the piece' })).toBeVisible();
	await expect(cart.getByRole('listitem')).toHaveCount(0);
	await search.fill('2*BAK-009');
	await search.press('Enter');
	await expect(cart.getByRole('button', { name: '2, change' })).toBeVisible();
});

test('a line is stepped, taken off and brought back', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	await cart.getByRole('button', { name: '2, change' }).click();
	await cart.getByRole('button', { name: 'One more' }).click();
	await expect(cart.getByRole('button', { name: '3, change' })).toBeVisible();
	await cart.getByRole('button', { name: 'Remove' }).click();
	await cart.getByRole('button', { name: 'Undo' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(3);
});

test('a whole sale is discarded by two taps, and one undo brings it back; a parked one by two taps, too', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	await cart.getByRole('button', { name: 'Discard the sale' }).click();
	await cart.getByRole('button', { name: 'Keep it' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(3);
	await cart.getByRole('button', { name: 'Discard the sale' }).click();
	await cart.getByRole('button', { name: 'Discard it' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(0);
	await cart.getByRole('button', { name: 'Undo' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(3);
	await page.keyboard.press('F6');
	await cart.getByRole('button', { name: /^Parked/ }).click();
	const rows = page.getByRole('dialog').getByRole('listitem');
	const before = await rows.count();
	const asks = rows.last().getByRole('button', { name: 'Discard the sale' });
	await asks.click();
	await expect(rows.last().getByRole('button', { name: 'Keep it' })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(asks).toBeFocused();
	// A question that nobody answered is not asked when the list is opened again.
	await asks.click();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await page.keyboard.press('F7');
	await asks.click();
	await rows.last().getByRole('button', { name: 'Discard it' }).click();
	await expect(rows).toHaveCount(before - 1);
	await expect(asks).toBeFocused();
});

test('the lit line has keys of its own, and so have the whole sale, the customer, every screen', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	await fillCart(page);
	const lit = cart.locator('li.lit');
	const names = await cart.getByRole('listitem').locator('.what > :first-child').allTextContents();
	await expect(lit).toContainText(names[2] ?? '');
	await page.keyboard.press('Alt+ArrowUp');
	await expect(lit).toContainText(names[1] ?? '');
	await page.keyboard.press('NumpadAdd');
	await page.keyboard.press('Alt+=');
	await page.keyboard.press('NumpadSubtract');
	await expect(lit.getByRole('button', { name: '3, change' })).toBeVisible();
	await page.keyboard.press('F3');
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText(names[1] ?? '');
	// What is asked in front hears the keys, and nothing behind it.
	await page.keyboard.press('F6');
	await page.keyboard.press('Alt+2');
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
	await page.keyboard.press('Delete');
	await expect(cart.getByRole('listitem')).toHaveCount(2);
	await page.keyboard.press('Control+z');
	// In a search with something in it they are what they are in any field.
	await search.fill('ab');
	await page.keyboard.press('Delete');
	await expect(cart.getByRole('listitem')).toHaveCount(3);
	await search.fill('');
	await page.keyboard.press('F10');
	await expect(page.getByRole('dialog', { name: 'Choose a customer' })).toBeVisible();
	await page.keyboard.press('Escape');
	// Held down it takes one line.
	for (const _ of names) await page.keyboard.down('Delete');
	await page.keyboard.up('Delete');
	await expect(cart.getByRole('listitem')).toHaveCount(2);
	await page.keyboard.press('Shift+Delete');
	await expect(cart.getByRole('button', { name: 'Discard it' })).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(cart.getByRole('button', { name: 'Discard it' })).toHaveCount(0);
	await expect(search).toBeFocused();
	// What a line's own button takes away gives the focus back.
	await cart.locator('li.lit').getByRole('button', { name: 'Favourite' }).focus();
	await page.keyboard.press('Alt+ArrowUp');
	await expect(search).toBeFocused();
	await page.keyboard.press('Shift+Delete');
	await page.keyboard.press('Enter');
	await expect(cart.getByRole('listitem')).toHaveCount(0);
	await expect(search).toBeFocused();
	await page.keyboard.press('Alt+4');
	await expect(page.getByRole('heading', { name: 'Stock', exact: true })).toBeVisible();
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText(/Alt4\s*Stock/);
});

test('held down, the keys for one less step to one and take no line; what was asked of the sale is asked no more once it is paid', async ({
	till: page,
}) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	const lit = cart.locator('li.lit');
	const discard = cart.getByRole('button', { name: 'Discard it' });
	await page.keyboard.press('NumpadAdd');
	for (const keys of [['NumpadSubtract'], ['Alt', '-']]) {
		const [held = '', ...others] = keys.toReversed();
		for (const other of others) await page.keyboard.down(other);
		for (let n = 0; n < 4; n += 1) await page.keyboard.down(held);
		for (const key of [held, ...others]) await page.keyboard.up(key);
		await expect(lit.getByRole('button', { name: '1, change' })).toBeVisible();
		await expect(cart.getByRole('listitem')).toHaveCount(3);
		await page.keyboard.press('NumpadAdd');
	}
	// Pressed anew it takes the line.
	await page.keyboard.press('NumpadSubtract');
	await page.keyboard.press('NumpadSubtract');
	await expect(cart.getByRole('listitem')).toHaveCount(2);

	await page.keyboard.press('Shift+Delete');
	await expect(discard).toBeFocused();
	await page.keyboard.press('F9');
	await cart.getByRole('button', { name: 'Back' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(2);
	await expect(discard).toHaveCount(0);

	// Whichever of the two keys is lifted first. What the keys before them looked for is found by then.
	await page.waitForTimeout(300);
	await lit.getByRole('button', { name: 'Favourite' }).focus();
	await page.keyboard.down('Alt');
	await page.keyboard.down('ArrowUp');
	await page.keyboard.up('Alt');
	await page.keyboard.up('ArrowUp');
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeFocused();
});

test('an amount that is being typed stays, whatever is heard of the shop', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	await page.keyboard.press('F9');
	const amount = cart.getByLabel('Amount');
	await amount.fill('5');
	const tags = page.getByRole('link', { name: /^Sync/ });
	const before = (await tags.textContent()) ?? '';
	await neighbourSells(page, 'BAK-005', 500);
	await expect(tags).not.toHaveText(before);
	await expect(amount).toHaveValue('5');
});

for (const { path, text, words } of [
	{ path: '/products', text: 'sku,name,price\nA-1,Apples,1.20\n', words: '1 products from list.csv.' },
	{ path: '/customers', text: 'name,phone\nEdith Clarke,+442079460123\n', words: 'New: 1.' },
])
	test(`a list that is brought in on ${path} can be left: what is asked by then stays, and what came of it is said`, async ({ page }) => {
		await page.clock.install();
		await page.goto(`${path}?till=slow-disk`);
		const dialog = page.getByRole('dialog');
		const asks = page.getByRole('button', { name: 'Import CSV' });
		await asks.click();
		await dialog.locator('input[type=file]').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
		const bring = dialog.getByRole('button', { name: 'Import', exact: true });
		await expect(bring).toBeEnabled();
		await page.clock.pauseAt(Date.now() + 60_000);
		await bring.click();
		await page.keyboard.press('Escape');
		await expect(dialog).toHaveCount(0);
		await asks.click();
		await expect(dialog).toBeVisible();
		await page.clock.runFor(2_000);
		await expect(page.getByText(words)).toBeVisible();
		await expect(dialog).toBeVisible();
	});

test('whoever forgets a customer is told what store credit goes with the name', async ({ page }) => {
	const lost = page.getByRole('dialog').getByText('£8.50 of store credit goes with it');
	for (const [name, credits] of [
		['Ada Lovelace', 1],
		['Grace Hopper', 0],
	] as const) {
		await page.goto('/customers');
		await page.getByRole('button', { name }).click();
		await page.getByRole('button', { name: 'Forget' }).click();
		await expect(page.getByRole('dialog', { name: `Forget ${name}?` })).toBeVisible();
		await expect(lost).toHaveCount(credits);
	}
});

test('another price list is read anew: nothing of the one before is said of it', async ({ till: page }) => {
	await page.goto('/stock/orders');
	await addSupplies(page);
	const row = page.getByText('The case size “a dozen” cannot be read');
	await expect(row).toBeVisible();
	const said = page.getByRole('status').filter({ hasText: 'products read' });
	const problem = page.getByRole('alert').filter({ hasText: 'cannot be read' });
	await readPrices('sku,cost\n"BAK-009,0.60\n')(page);
	await expect(problem).toBeVisible();
	await expect(row).toHaveCount(0);
	await expect(said).toHaveCount(0);
	await readPrices('sku,cost\nBAK-009,0.60\n')(page);
	await expect(said).toBeVisible();
	await expect(problem).toHaveCount(0);
});

test('what is no longer offered is found in Products, and offered again from there', async ({ till: page }) => {
	await page.goto('/products');
	await page.getByRole('button', { name: /^Butter croissant/ }).click();
	await page.getByRole('button', { name: 'Stop offering it' }).click();
	const row = page.getByRole('button', { name: /^Butter croissant/ });
	await expect(row).toHaveCount(0);
	await page.getByRole('button', { name: 'No longer offered', exact: true }).click();
	await row.click();
	await page.getByRole('button', { name: 'Offer it again' }).click();
	await expect(page.getByRole('status').filter({ hasText: 'is offered again' })).toBeVisible();
	await page.getByRole('button', { name: 'Offered', exact: true }).click();
	await expect(row).toBeVisible();
});

test('the open cart is there again after a reload', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	await page.reload();
	await expect(cart.getByRole('listitem')).toHaveCount(3);
});

test('a disk that is full says what to do, and keeps the cart', async ({ till: page }) => {
	await page.goto('/sell?till=full-disk');
	const cart = page.getByRole('region', { name: 'Cart' });
	await fillCart(page);
	await cart.getByRole('button', { name: 'Exact cash' }).click();
	await expect(cart.getByRole('alert')).toContainText('storage is full');
	await expect(cart.getByRole('listitem')).toHaveCount(3);
});

test('a second tab offers to take over', async ({ till: page }) => {
	await page.goto('/sell?till=second-tab');
	await page.getByRole('button', { name: 'Take over' }).click();
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeFocused();
});

test('a wrong join code says so, and the right one opens the till', async ({ till: page }) => {
	await page.goto('/sell?till=claimed');
	await page.getByLabel('Join code').fill('WRONG');
	await page.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(page.getByRole('alert')).toContainText('That is not the code');
	await page.getByLabel('Join code').fill('ABCD-EFGH');
	await page.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(page.getByRole('link', { name: 'Sell', exact: true })).toBeVisible();
});

test('a return without a receipt that somebody has to allow: who turns away finds the desk as it was, and the receipt names both', async ({
	till: page,
}) => {
	await page.goto('/sales?till=staff-in');
	await returnWithoutReceipt(page);
	await page.keyboard.press('Escape');
	const desk = page.getByRole('dialog', { name: 'Return without receipt' });
	await expect(desk.getByLabel('Reason')).toHaveValue('went stale on the way home');
	await expect(desk.getByRole('alert')).toBeVisible();
	await desk.getByRole('button', { name: /^Give/ }).click();
	await expect(page.getByRole('list', { name: 'Who may allow it' }).getByRole('button').first()).toBeFocused();
	await miaAllows(page);
	await expect(desk).toHaveCount(0);
	await expect(page.getByRole('region', { name: 'Receipt', exact: true })).toContainText('Mia Kerr');
	await expect(page.getByRole('region', { name: 'Receipt', exact: true })).toContainText('Cas Whitby');
});

test('what came back is sold again at another price that somebody has to allow', async ({ till: page }) => {
	await page.goto('/sales?till=staff-in&receipt=T3-000038');
	await page.getByRole('button', { name: 'Refund', exact: true }).click();
	const desk = page.getByRole('dialog');
	await desk.getByRole('button', { name: 'Everything that is left' }).click();
	for (const box of await desk.getByRole('checkbox').all()) await box.uncheck();
	await desk.getByRole('button', { name: /^Give/ }).click();
	await expect(desk).toHaveCount(0);
	await page.getByRole('link', { name: 'Sell', exact: true }).click();
	await page.getByRole('button', { name: 'Returned goods' }).click();
	const goods = page.getByRole('dialog', { name: 'Returned goods' });
	await goods.getByRole('group', { name: 'Returned goods' }).getByRole('button').first().click();
	await goods.getByLabel('Price of one').fill('0.50');
	await expect(goods.getByRole('button', { name: 'Add to the sale' })).toBeDisabled(); // Not without a reason.
	await goods.getByRole('button', { name: 'Damaged' }).click();
	await goods.getByRole('button', { name: 'Add to the sale' }).click();
	await page.keyboard.press('Escape');
	await expect(goods.getByLabel('Price of one')).toHaveValue('0.50');
	await goods.getByRole('button', { name: 'Add to the sale' }).click();
	await miaAllows(page);
	await expect(goods).toHaveCount(0);
	await expect(page.getByRole('region', { name: 'Cart' })).toContainText('£0.50');
	await expect(page.getByRole('region', { name: 'Cart' })).toContainText('New price, Damaged');
});

async function beginExchange(page: Page): Promise<Locator> {
	await page.goto('/sales?till=exchange&receipt=T3-000038');
	await page.getByRole('button', { name: 'Refund', exact: true }).click();
	const desk = page.getByRole('dialog');
	await desk.getByRole('button', { name: 'Everything that is left' }).click();
	await desk.getByRole('button', { name: 'Take something else instead' }).click();
	const cart = page.getByRole('region', { name: 'Cart' });
	await expect(cart.getByRole('region', { name: 'What comes back' })).toContainText('T3-000038');
	return cart;
}

test('an exchange asks what a sale asks: age, deposit, price, and the card’s reference; and it is there again after a reload', async ({ page }) => {
	// The made-up day begins three hours ago: it is the same one after the reload.
	await page.clock.setFixedTime(new Date());
	let cart = await beginExchange(page);
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	const dialog = page.getByRole('dialog');
	const choose = async (sku: string): Promise<void> => {
		await search.fill(sku);
		await search.press('Enter');
	};
	await search.fill('ginger beer');
	await page.getByRole('button', { name: /^Ginger beer/ }).click();
	await dialog.getByRole('button', { name: 'Old enough' }).click();
	await choose('GIFT-001');
	await dialog.getByLabel(/^Price/).fill('12.50');
	await dialog.getByRole('button', { name: 'Add to the sale' }).click();
	await choose('DRI-001');
	await expect(cart.getByText('Bottle, returnable', { exact: true })).toBeVisible();
	await expect(cart.getByText('£12.50', { exact: true })).toBeVisible();
	// Nothing of it is lost with the page; the till of the gallery asks for its way again.
	await page.goto('/sell?till=exchange');
	cart = page.getByRole('region', { name: 'Cart' });
	await expect(cart.getByRole('region', { name: 'What comes back' })).toContainText('T3-000038');
	await cart.getByRole('button', { name: 'Park', exact: true }).click();
	await expect(cart.getByRole('alert')).toContainText('An exchange is open');
	await page.keyboard.press('F8');
	const isPaid = cart.getByRole('button', { name: 'Paid on the terminal' });
	await expect(isPaid).toBeDisabled();
	await cart.getByLabel('Reference on the slip').fill('A-77');
	await isPaid.click();
	const receipt = page.getByRole('article', { name: /^Receipt/ });
	for (const words of ['Exchange', 'Ginger beer', 'Bottle, returnable', 'Gift wrap', 'Card A-77']) await expect(receipt).toContainText(words);
});

test('a receipt that is scanned on Sell opens in Sales, and there it needs no field that has the focus', async ({ till: page }) => {
	const code = 'HOLDFAST:RECEIPT/1/ABCDEF012345/T3-000038/0123456789ABCDEF';
	const otherShop = page.getByRole('alert').filter({ hasText: 'another shop' });
	await openSell(page);
	await handScan(page, code);
	await expect(page.getByRole('searchbox', { name: 'Find a receipt' })).toBeFocused();
	await expect(otherShop).toBeVisible();
	await page.goto('/sales');
	await page.getByRole('button', { name: 'Return without receipt' }).focus();
	await handScan(page, code);
	await expect(otherShop).toBeVisible();
});

test('an exchange for something cheaper gives the rest back by one tap, and taken out again it is a sale', async ({ till: page }) => {
	const cart = await beginExchange(page);
	const exact = cart.getByRole('button', { name: 'Exact cash' });
	await expect(exact).toBeDisabled();
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill('BAK-009');
	await page.keyboard.press('Enter');
	const give = cart.getByRole('button', { name: /^Give .* back/ });
	await expect(give).toBeEnabled();
	await cart.getByRole('button', { name: 'Take out what comes back' }).click();
	await expect(exact).toBeEnabled();
	await cart.getByRole('button', { name: 'Undo' }).click();
	await give.click();
	await expect(page.getByRole('article', { name: /^Receipt/ })).toContainText('Given back');
});

test('on a phone, too, an exchange says what to do next, and how its rest goes back', async ({ till: page }) => {
	await page.setViewportSize(PHONE);
	const cart = await beginExchange(page);
	await expect(cart.getByText('Scan what the customer takes instead.')).toBeVisible();
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill('BAK-009');
	await page.keyboard.press('Enter');
	await expect(cart.getByText('Goes back', { exact: true }).or(cart.getByText('Money goes back'))).toBeVisible();
	await page.keyboard.press('F9');
	await expect(cart.getByText('How does the rest go back?')).toBeVisible();
});

test('the lock lies over a dialog, takes the keys from it, and gives it back with what was typed', async ({ page }) => {
	await page.goto('/sales?till=staff-in');
	await page.getByRole('button', { name: 'Return without receipt' }).click();
	const desk = page.getByRole('dialog', { name: 'Return without receipt' });
	await desk.getByLabel('Reason').fill('went stale');
	// As the clock does it: nothing can press what lies under the dialog.
	await page.getByRole('button', { name: /^Switch person/, includeHidden: true }).evaluate((button: HTMLElement) => {
		button.click();
	});
	const lock = page.getByRole('dialog', { name: 'Who is at the till?' });
	await expect(lock).toBeVisible();
	await expect(desk).toBeHidden();
	await lock.getByRole('button', { name: /Lin Tran/ }).click();
	await lock.getByLabel('PIN of Lin Tran').fill('1234');
	await page.keyboard.press('Enter');
	await expect(lock).toHaveCount(0);
	await expect(desk.getByLabel('Reason')).toHaveValue('went stale');
	await expect(desk.getByLabel('Reason')).toBeFocused();
});

test('empties by keyboard alone: arrows, digits, Enter; a scanned bottle counts one and is no number', async ({ till: page }) => {
	await page.goto('/sell?till=deposits');
	await expect(page.getByRole('searchbox')).toBeFocused();
	await page.keyboard.press('F2');
	const dialog = page.getByRole('dialog', { name: 'Empties' });
	await expect(dialog.getByRole('button', { name: /^Bottle/ })).toBeFocused();
	await page.keyboard.type('2');
	await page.keyboard.press('ArrowDown');
	await expect(dialog.getByRole('button', { name: /^Yoghurt jar/ })).toBeFocused();
	await page.waitForFunction(() => document.querySelector('[role=dialog] .kind.some') !== null);
	await handScan(page, gtinOf('DRI-001'));
	await expect(dialog.getByRole('button', { name: /^Bottle.*: 3$/ })).toBeVisible();
	await expect(dialog.getByRole('button', { name: /^Yoghurt jar.*: 0$/ })).toBeVisible();
	await page.keyboard.press('Enter');
	await expect(dialog.getByRole('status')).toContainText('£0.45');
	await page.keyboard.press('Enter');
	await expect(dialog).toHaveCount(0);
});

test('the till can be installed as an app: its manifest is read, and its icons are what it says', async ({ page }) => {
	await page.goto('/sell');
	const devtools = await page.context().newCDPSession(page);
	const { data, errors } = await devtools.send('Page.getAppManifest');
	expect(errors).toEqual([]);
	const { icons } = JSON.parse(data ?? '{}') as {
		readonly icons: readonly { readonly src: string; readonly sizes: string; readonly type: string }[];
	};
	expect(icons.length).toBeGreaterThan(0);
	for (const { src, sizes, type } of icons) {
		const { status, contentType, wide } = await page.evaluate(async (url) => {
			const answer = await fetch(url);
			const image = new Image();
			image.src = url;
			await image.decode();
			return { status: answer.status, contentType: answer.headers.get('content-type'), wide: image.naturalWidth };
		}, src);
		expect({ src, status, contentType }).toEqual({ src, status: 200, contentType: type });
		if (sizes !== 'any') expect(`${wide}x${wide}`).toBe(sizes);
	}
	// The window of a test is a private one, in which nothing is installed.
	const hindrances = async (): Promise<readonly string[]> =>
		(await devtools.send('Page.getInstallabilityErrors')).installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito');
	expect(await hindrances()).toEqual([]);
	await page.locator('link[rel=manifest]').evaluate((link) => {
		link.remove();
	});
	await expect.poll(hindrances).toContain('no-manifest');
});
