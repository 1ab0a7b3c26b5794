import type { Page } from 'playwright/test';

/** A scanner in use sends a key every 2 to 30 ms. */
const KEY_MS = 2;

/**
 * A scanner at the keyboard, wherever the focus is: the code and Enter, each key at the moment at which a scanner would have sent it. A machine that is busy
 * delivers them late, which is not the scanner's; so the keys bear their times, as those of a real keyboard do. `enters`: some end a code with two.
 */
export async function handScan(page: Page, code: string, enters = 1): Promise<void> {
	const devtools = await page.context().newCDPSession(page);
	const beginS = Date.now() / 1000;
	await Promise.all(
		[...code, ...Array<string>(enters).fill('Enter')].flatMap((key, place) => {
			const timestamp = beginS + (place * KEY_MS) / 1000;
			const windowsVirtualKeyCode = key === 'Enter' ? 13 : key.toUpperCase().charCodeAt(0);
			const pressed = { key, windowsVirtualKeyCode, timestamp };
			return [
				devtools.send('Input.dispatchKeyEvent', { type: 'keyDown', text: key === 'Enter' ? '\r' : key, ...pressed }),
				devtools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...pressed }),
			];
		}),
	);
	await devtools.detach();
}
