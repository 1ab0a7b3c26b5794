/**
 * Which processors a row of the relay's bench has. A relay's shops are elsewhere; in the bench they are on its machine, and would take of its processors what the anchor's
 * loop has for itself. So the relay with its database, and the loop with the same database, have the same processors, one after the other; the shops have the rest.
 *
 * Where that cannot be (another system than Linux, one processor, no `taskset`) all share what there is, and the row says so.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Processors {
	/** As `taskset` takes them. */
	readonly all: string;
	/** For the relay, its database and the loop; and for the shops. Undefined: all share all. */
	readonly split: { readonly relay: string; readonly shops: string } | undefined;
	/** What a reader of the row must know. */
	readonly words: string;
}

export function processorsHere(): Processors {
	const all = allowed();
	const shops = all.slice(Math.ceil(all.length / 2));
	if (process.platform !== 'linux' || shops.length === 0 || spawnSync('taskset', ['--version']).status !== 0)
		return { all: all.join(), split: undefined, words: 'the shops shared the processors of the relay; the loop had them alone' };
	const relay = all.slice(0, Math.ceil(all.length / 2));
	const words = `the relay and the loop, each with its database, had the same ${relay.length === 1 ? 'processor' : `${relay.length} processors`}, the shops ${shops.length === 1 ? 'another' : `${shops.length} others`}`;
	return { all: all.join(), split: { relay: relay.join(), shops: shops.join() }, words };
}

/** With all of its threads, and those that it begins from now on. */
export function pin(pid: number, list: string | undefined): void {
	if (list === undefined) return;
	const { status, stderr } = spawnSync('taskset', ['-a', '-p', '-c', list, String(pid)], { encoding: 'utf8' });
	if (status !== 0) throw new Error(`taskset ended with ${status}: ${stderr}`);
}

/** Those that this process may use. */
function allowed(): readonly number[] {
	if (process.platform !== 'linux') return [];
	const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
	return list.split(',').flatMap((range) => {
		const [from = Number.NaN, to = from] = range.split('-').map(Number);
		return Array.from({ length: to - from + 1 }, (_, n) => from + n);
	});
}
