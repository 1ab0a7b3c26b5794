/**
 * The page's side of an update (the other is `app/service-worker`): a new version waits until no sale is open, then takes over, and the page reloads to it.
 *
 * 1. While a sale is open here nothing changes: the new version waits, and a reload in between still gets the old one.
 * 2. Once it has taken over, the page goes on with the files of its own version; it reloads when nobody has touched it for a minute and no sale is open,
 *    or when somebody asks.
 */
import { QUESTION, NO_SALE_IS_OPEN } from '#schemas/wire/app-update.ts';

export interface AppUpdateDeps {
	/** Also while a payment is being recorded. */
	readonly isSaleOpen: () => Promise<boolean>;
	/** A new version has taken over and shows with the next reload. */
	readonly onReady: () => void;
	readonly every: (ms: number, task: () => Promise<void>) => void;
	readonly nowMs: () => number;
	readonly reload: () => void;
}

const LOOK_EVERY_MS = 5_000;
const UNTOUCHED_MS = 60_000;

/** Nothing happens where the app is not installed: under `vite dev`, in a browser without service workers. */
export function watchForUpdate(workers: ServiceWorkerContainer | undefined, { isSaleOpen, onReady, every, nowMs, reload }: AppUpdateDeps): void {
	if (workers === undefined) return;
	let touchedAtMs = nowMs();
	let isReady = false;
	let wasControlled = workers.controller !== null;

	for (const touch of ['pointerdown', 'keydown']) addEventListener(touch, () => (touchedAtMs = nowMs()), { capture: true, passive: true });
	workers.addEventListener('message', ({ data, ports }) => {
		if (data !== QUESTION) return;
		isSaleOpen().then(
			(open) => ports[0]?.postMessage(open),
			() => ports[0]?.postMessage(false),
		);
	});
	workers.startMessages();
	workers.addEventListener('controllerchange', () => {
		isReady ||= wasControlled; // The first one to take over is the version that the page already is.
		wasControlled = true;
		if (isReady) onReady();
	});

	const mayReload = (): boolean => isReady && nowMs() - touchedAtMs > UNTOUCHED_MS;
	every(LOOK_EVERY_MS, async () => {
		const waiting = (await workers.getRegistration())?.waiting;
		if ((waiting === undefined || waiting === null) && !mayReload()) return;
		if (await isSaleOpen()) return;
		waiting?.postMessage(NO_SALE_IS_OPEN);
		if (mayReload()) reload(); // Somebody may have begun one while carts were looked for.
	});
}
