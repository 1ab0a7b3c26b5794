import { expect, test } from 'vitest';
import type { BranchId, DeviceId, EntryHash, StoreId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import { bytesOfHex, encode, hexOf } from '#schemas/cbor.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import type { LaneMessage } from '#schemas/wire/lane.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';
import { whatWakes } from '#server/rest/what-wakes.ts';

const HUB = 'a1'.repeat(32) as DeviceId;
const TILL = 'c3'.repeat(32) as DeviceId;
const STRANGER = 'd4'.repeat(32) as DeviceId;
const RELAY = 'b2'.repeat(32) as DeviceId;
const markAt = (seq: number, device = HUB): Mark => ({ device, scope: 'branch', seq, hash: seq.toString(16).padStart(64, '0') as EntryHash });
const watermarkAt = (ms: number, issuer: DeviceId, seq: number): Watermark => ({
	...{ v: 1, store: '5e'.repeat(16) as StoreId, branch: 'b1'.repeat(16) as BranchId, issuer },
	...{ tier: issuer === RELAY ? 'cloud' : 'host', hlc: [ms, 0], marks: [markAt(seq)] },
});

function listener() {
	const sent: DirectMessage[] = [];
	const isNews = whatWakes({
		...{ marks: [markAt(7)], devices: [HUB, TILL], watermarks: [watermarkAt(5, RELAY, 7)], self: RELAY },
		sendTo: (_, message) => sent.push(message),
		answers: ({ t }) => t === 'want-keys',
	});
	return {
		sent,
		lane: (message: LaneMessage) => isNews({ type: 'ephemeral', senderId: 'peer', data: encode(hexOf(encode(message))) }),
		direct: (message: DirectMessage) => isNews({ type: 'direct', senderId: 'peer', data: encode(message) }),
		isNews,
	};
}

const signed = (said: Watermark): string => hexOf(encode([hexOf(encode(said)), '00'.repeat(64)]));

test('what a quiet shop says again and again wakes nobody', () => {
	const { lane, direct, sent } = listener();
	expect(lane({ t: 'lease', term: [1, HUB], heldForMs: 5, cloud: 'connected', cloudForMs: 5 })).toBe(false);
	expect(lane({ t: 'marks', device: HUB, marks: [markAt(7)] })).toBe(false);
	// Of whom no certificate is here nothing is looked for, awake or not.
	expect(lane({ t: 'marks', device: HUB, marks: [markAt(1, STRANGER)] })).toBe(false);
	expect(lane({ t: 'watermark', signed: signed(watermarkAt(5, RELAY, 7)) })).toBe(false);
	expect(lane({ t: 'watermark', signed: signed(watermarkAt(9, HUB, 7)) })).toBe(false);
	expect(direct({ t: 'want-keys', id: 1, signed: '00' })).toBe(false);
	expect(direct({ t: 'page', id: 2, chains: [], sealed: [], more: false })).toBe(false);
	expect(sent).toEqual([]);
	expect(direct({ t: 'ask', id: 3, above: [markAt(7), markAt(6)] })).toBe(false);
	expect(sent).toEqual([{ t: 'page', id: 3, chains: [], sealed: [], more: false }]);
});

test('whatever may say more than is known wakes it', () => {
	const { lane, direct, isNews } = listener();
	expect(lane({ t: 'entries', sealed: ['00'] })).toBe(true);
	expect(lane({ t: 'marks', device: HUB, marks: [markAt(8)] })).toBe(true);
	// The first of a till that has not written before.
	expect(lane({ t: 'marks', device: HUB, marks: [markAt(1, TILL)] })).toBe(true);
	expect(lane({ t: 'watermark', signed: signed(watermarkAt(9, HUB, 8)) })).toBe(true);
	// One of its own that it does not know: its disk may have been put back.
	expect(lane({ t: 'watermark', signed: signed(watermarkAt(9, RELAY, 7)) })).toBe(true);
	expect(direct({ t: 'ask', id: 3, above: [markAt(6)] })).toBe(true);
	expect(direct({ t: 'watermark', signed: '00' })).toBe(true);
	expect(direct({ t: 'page', id: 2, chains: [], sealed: ['00'], more: false })).toBe(true);
	expect(isNews({ type: 'sync', senderId: 'peer', data: bytesOfHex('43') })).toBe(true);
	expect(isNews({ type: 'ephemeral', senderId: 'peer', data: bytesOfHex('ff00') })).toBe(true);
});
