/** Numbers are the invariants of `core/branch-code.ts`. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { readBranchAsk, readBranchCode, writeBranchAsk, writeBranchCode } from '#core/branch-code.ts';
import { encode } from '#schemas/cbor.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { BranchAsk } from '#schemas/wire/branch-opening.ts';

const ask: BranchAsk = {
	v: 1,
	device: 'ab'.repeat(32) as DeviceId,
	peer: '12D3KooWTestTestTestTestTest',
	box: 'cd'.repeat(32),
	proof: 'ef'.repeat(64),
};
const codeOf = (one: BranchAsk): string => writeBranchCode(createHash('sha256').update(encode(one)).digest());

test('1: the code is of these keys, is read however it is typed, and other keys have another', () => {
	const code = codeOf(ask);
	expect(code).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}$/);
	expect(readBranchCode(` ${code.toLowerCase().replaceAll('-', ' ')} `)).toBe(code);
	expect(codeOf({ ...ask, box: 'ce'.repeat(32) })).not.toBe(code);
	for (const wrong of ['', code.slice(1), `${code}2`, code.replace(/^./, '0')]) expect(readBranchCode(wrong)).toBeUndefined();
});

test('2: an ask is read back from a mail that broke it into lines, and not when any of its end is missing', () => {
	const text = writeBranchAsk(ask);
	expect(readBranchAsk(`Here it is:\n${text.replace(/(.{40})/g, '$1\n')}\nBye`)).toEqual(ask);
	for (let end = 0; end < text.length; end += 1) expect(readBranchAsk(text.slice(0, end))).toBeUndefined();
});
