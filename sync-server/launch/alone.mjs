/**
 * One setup at a time in a folder: a hub and a relay that are started together from a new clone would install and build into each other's files.
 *
 * 1. Who comes second waits, says so, and finds it done.
 * 2. Whoever was killed over it keeps nobody waiting for long: the holder touches its file every two seconds. Who waits sees that by its own clock, for the
 *    holder's may be another machine's.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { step } from './progress.mjs';

export const SETUP_LOCK = '.holdfast-setup';

const TOUCHED_EVERY_MS = 2_000;
/** The process is not there any more, as far as we can see: it may be in another container on the same folder. */
const GONE_AFTER_MS = 6_000;
/** It is there, or another one under its number: a machine that stood still is given time. */
const SILENT_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 200;

/**
 * Runs `work` while nobody else does; answers what it answers, throws what it throws.
 * @template T
 * @param {string} root
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(root, work) {
	const lock = join(root, SETUP_LOCK);
	// Two containers may have the same number for two processes.
	const own = `${process.pid} ${randomUUID()}`;
	const isAbandoned = createAbandoned(lock);
	if (!take(lock, own, isAbandoned)) {
		await step('Waiting for another start, which is setting up', async () => {
			while (!take(lock, own, isAbandoned)) await new Promise((go) => setTimeout(go, LOOK_EVERY_MS));
		});
	}
	const touching = setInterval(() => {
		const now = new Date();
		if (holderOf(lock) === own) utimesSync(lock, now, now);
	}, TOUCHED_EVERY_MS);
	try {
		return await work();
	} finally {
		clearInterval(touching);
		if (holderOf(lock) === own) rmSync(lock, { force: true });
	}
}

function take(lock, own, isAbandoned) {
	const holder = holderOf(lock);
	if (holder !== undefined && isAbandoned(holder)) remove(lock, holder);
	try {
		writeFileSync(lock, own, { flag: 'wx' });
		return true;
	} catch (error) {
		if (error.code === 'EEXIST') return false;
		throw error;
	}
}

function remove(lock, holder) {
	// Of several who see it one moves it away; who moved a new one by that puts it back.
	const aside = `${lock}.${process.pid}`;
	try {
		renameSync(lock, aside);
	} catch {
		return;
	}
	if (holderOf(aside) === holder) rmSync(aside, { force: true });
	else renameSync(aside, lock);
}

/** Looked at again and again: whether this holder has not touched its file for as long as one that lives would have. */
function createAbandoned(lock) {
	let seen;
	return (holder) => {
		const touchedMs = touchedAtMs(lock);
		if (seen?.holder !== holder || seen.touchedMs !== touchedMs) seen = { holder, touchedMs, sinceMs: performance.now() };
		return performance.now() - seen.sinceMs >= (isRunning(Number.parseInt(holder, 10)) ? SILENT_AFTER_MS : GONE_AFTER_MS);
	};
}

/** Empty: its file is being written. */
function holderOf(lock) {
	try {
		return readFileSync(lock, 'utf8');
	} catch {
		return undefined;
	}
}

function touchedAtMs(lock) {
	try {
		return statSync(lock).mtimeMs;
	} catch {
		return undefined;
	}
}

function isRunning(pid) {
	if (!(pid > 0)) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}
