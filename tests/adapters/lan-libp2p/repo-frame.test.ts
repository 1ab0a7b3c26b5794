import { encode } from 'cborg';
import { expect, test } from 'vitest';
import { parseRepoFrame } from '#adapters/lan-libp2p/repo-frame.ts';

const frame = {
	type: 'sync',
	senderId: 'till',
	targetId: 'hub',
	documentId: '2akvofn6L1o4RMUEMQi7qzwRjKWZ',
	data: new Uint8Array([0x42, 0, 0, 0, 0]),
};
const parsed = (changes: Readonly<Record<string, unknown>>) => parseRepoFrame(encode({ ...frame, ...changes }), 'till', 'hub');

test('2: a sync message of the link’s own peer passes', () => {
	expect(parsed({})).toEqual({ message: frame });
});

test('a document’s id that is far too long is not decoded, which would cost the square of its length', () => {
	const begunMs = Date.now();
	for (const documentId of ['a'.repeat(100_000), '0'.repeat(100_000), '2'.repeat(100_000)])
		expect(parsed({ documentId })).toEqual({ dropped: expect.stringContaining('not a document id') as string });
	expect(Date.now() - begunMs).toBeLessThan(20_000);
});
