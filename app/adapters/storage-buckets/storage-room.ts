/**
 * How much the browser lets this origin keep, and whether it promises not to clear it by itself.
 *
 * 1. Asking never throws: a browser that does not know answers undefined, or no.
 *
 * What is told is the origin's, buckets included. Chromium invents the quota (used + 10 GiB) while the disk has room, so that pages cannot read the size
 * of the disk: a small figure is true, a large one says nothing.
 */
import type { StorageRoom } from '#ports';

export function createStorageRoom(): StorageRoom {
	const { storage } = navigator;
	return {
		isPersisted: () => storage.persisted().catch(() => false),
		persist: () => storage.persist().catch(() => false),
		estimate: () =>
			storage.estimate().then(
				({ usage, quota }) => (usage === undefined || quota === undefined ? undefined : { usedBytes: usage, quotaBytes: quota }),
				() => undefined,
			),
	};
}
