/** One process a data folder; what a dead one left is taken over. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FolderTaken, openDataFolder } from '#server/data-folder.ts';
import { eventually } from '../support/eventually.ts';

const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-folder-'));

test('what is written is read again, by the next one too', () => {
	const path = join(temporary(), 'deep', 'down');
	const first = openDataFolder(path, 'hub');
	expect(first.read('shop.json')).toBeUndefined();
	first.write('shop.json', { name: 'Corner shop' });
	first.write('shop.json', { name: 'Corner shop 2' });
	first.release();
	const second = openDataFolder(path, 'hub');
	expect(second.read('shop.json')).toEqual({ name: 'Corner shop 2' });
	second.release();
});

test('2: a folder that we make is for its owner alone; one that was there stays as it was', () => {
	const above = temporary();
	const made = join(above, 'data');
	openDataFolder(made, 'hub').release();
	expect(statSync(made).mode & 0o777).toBe(0o700);
	chmodSync(made, 0o750);
	openDataFolder(made, 'hub').release();
	expect(statSync(made).mode & 0o777).toBe(0o750);
});

test('a folder that is in use is refused, and free again when it is released', () => {
	const path = temporary();
	const first = openDataFolder(path, 'hub');
	expect(() => openDataFolder(path, 'hub')).toThrow(
		new FolderTaken(`Another Holdfast is using the data folder ${path}. Stop it first, or name another folder with --data DIR.`),
	);
	first.release();
	openDataFolder(path, 'hub').release();
});

test('a live process keeps it, a killed one does not', async () => {
	const path = temporary();
	for (let round = 0; round < 3; round += 1) {
		const holder = await holderOf(path);
		expect(() => openDataFolder(path, 'hub'), `round ${round}`).toThrow(/Another Holdfast is using/);
		const gone = new Promise((resolve) => holder.once('exit', resolve));
		holder.kill('SIGKILL');
		await gone;
		const after = openDataFolder(path, 'hub');
		expect(after.read('alive.json')).toEqual({ alive: true });
		after.release();
	}
});

test('a folder of another role or of a newer version is refused, and left as it is', () => {
	const path = temporary();
	openDataFolder(path, 'relay').release();
	const before = readFileSync(join(path, 'holdfast.json'), 'utf8');
	expect(() => openDataFolder(path, 'hub')).toThrow(/belongs to a relay \(version 1\)/);
	expect(readFileSync(join(path, 'holdfast.json'), 'utf8')).toBe(before);
	openDataFolder(path, 'relay').release(); // The refusal held no lock.

	const newer = temporary();
	writeFileSync(join(newer, 'holdfast.json'), JSON.stringify({ role: 'hub', version: 2 }));
	expect(() => openDataFolder(newer, 'hub')).toThrow(/version 2/);
});

test.each(['', '{"role":"hu', 'null', '[]'])('a holdfast.json that holds %j is a sentence, not a stack', (text) => {
	const path = temporary();
	writeFileSync(join(path, 'holdfast.json'), text);
	expect(() => openDataFolder(path, 'hub')).toThrow(FolderTaken);
	writeFileSync(join(path, 'holdfast.json'), JSON.stringify({ role: 'hub', version: 1 }));
	openDataFolder(path, 'hub').release();
});

test('a path that is no folder, or may not be made, says so', () => {
	const file = join(temporary(), 'file');
	writeFileSync(file, 'x');
	expect(() => openDataFolder(file, 'hub')).toThrow(/cannot be (made|written).*--data DIR/);
	expect(() => openDataFolder(join(file, 'below'), 'hub')).toThrow(/cannot be made.*--data DIR/);
	const taken = temporary();
	mkdirSync(join(taken, 'lock'));
	expect(() => openDataFolder(taken, 'hub')).toThrow(/cannot be written.*--data DIR/);
});

async function holderOf(path: string): Promise<ChildProcess> {
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('./hold-folder.ts', import.meta.url)), path]);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
	await eventually(() => {
		if (child.exitCode !== null) throw new Error(output);
		return output.includes('held');
	}, 'the folder is held');
	return child;
}
