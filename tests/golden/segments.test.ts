/**
 * Closed segments as they lie on disks: every version that was ever written is read, and the newest is still written bit by bit the same.
 *
 * `node tests/golden/write-segment.ts` writes the file of a new version. A file that is here is never written again.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { readClosedSegment, writeClosedSegment, type Hashing } from '#core/segment/closed-segment.ts';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import { CLOSED_SEGMENT_VERSION, type ClosedSegmentName } from '#schemas/documents/closed-segment.ts';
import { expect, test } from 'vitest';

const FOLDER = fileURLToPath(new URL('segments/', import.meta.url));

interface Golden {
	readonly name: ClosedSegmentName;
	readonly file: string;
	readonly sealed: readonly string[];
}

function run<Answer>(work: Hashing<Answer>): Answer {
	for (let step = work.next(); ; step = work.next(new Uint8Array(createHash('sha256').update(step.value).digest()))) if (step.done === true) return step.value;
}

const golden = (version: number): Golden => JSON.parse(readFileSync(join(FOLDER, `version-${version}.json`), 'utf8')) as Golden;

test.each(readdirSync(FOLDER))('%s is read, entry by entry', (file) => {
	const { name, file: bytes, sealed } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Golden;
	const read = run(readClosedSegment(bytesOfHex(bytes)));
	if ('refused' in read) throw new Error(read.refused);
	expect(read.name).toEqual(name);
	expect(read.sealed.map(hexOf)).toEqual(sealed);
});

test('the newest version is written as it always was: else raise CLOSED_SEGMENT_VERSION, and keep reading the one before', () => {
	const { name, file, sealed } = golden(CLOSED_SEGMENT_VERSION);
	const written = run(writeClosedSegment(name, sealed.map(bytesOfHex)));
	if ('refused' in written) throw new Error(written.refused);
	expect(hexOf(written.bytes)).toBe(file);
});
