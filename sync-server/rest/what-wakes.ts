/**
 * What a branch that has gone from memory must come back for, judged by the little that is kept of it.
 *
 * 1. Whatever may tell it something is news: entries, documents, marks beyond its own, watermarks that say more. In doubt it is news.
 * 2. What a quiet shop says again and again is none: signs of life, marks and watermarks that are known, answers with nothing in them, "what have you after these marks?" from whoever has
 *    everything. The last is answered from here.
 */
import { chainKey } from '#core/entry/codec.ts';
import { decode, bytesOfHex } from '#schemas/cbor.ts';
import { SCOPES, type DeviceId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import { directMessage, MAX_DIRECT_BYTES, type DirectMessage } from '#schemas/wire/direct.ts';
import { laneMessage, MAX_LANE_BYTES, type LaneMessage } from '#schemas/wire/lane.ts';
import { watermark, type Watermark } from '#schemas/wire/watermark.ts';
import * as v from 'valibot';
import type { GateFrame } from '#adapters/relay-websocket/branch-gate.ts';

export interface WhatWakesDeps {
	/** The ends of all chains. */
	readonly marks: readonly Mark[];
	/** Whose certificates it has. */
	readonly devices: readonly DeviceId[];
	/** That it holds. */
	readonly watermarks: readonly Pick<Watermark, 'issuer' | 'hlc'>[];
	/** Whose watermarks are the relay's own. */
	readonly self: DeviceId;
	readonly sendTo: (repoPeer: string, message: DirectMessage) => void;
	/** True: the question was for others, and is taken care of. */
	readonly answers: (message: DirectMessage, repoPeer: string) => boolean;
}

/** A hub's and the relay's, and one or two of hubs that went. */
const MOST_WATERMARKS = 16;

export function whatWakes({ marks, devices, watermarks, self, sendTo, answers }: WhatWakesDeps): (frame: GateFrame) => boolean {
	const held = new Map<string, number>(devices.flatMap((device) => SCOPES.map((scope) => [chainKey(device, scope), 0] as const)));
	for (const { device, scope, seq } of marks) held.set(chainKey(device, scope), Math.max(seq, held.get(chainKey(device, scope)) ?? 0));
	const nameOf = ({ issuer, hlc }: Pick<Watermark, 'issuer' | 'hlc'>): string => `${issuer}:${hlc.join(':')}`;
	const known = new Set(watermarks.map(nameOf));

	/** Of a device that is not known here nothing is looked for, awake or not, before its certificate comes. */
	const isBeyond = ({ device, scope, seq }: Mark): boolean => seq > (held.get(chainKey(device, scope)) ?? Infinity);

	function isLaneNews(message: LaneMessage): boolean {
		switch (message.t) {
			case 'lease':
				return false;
			case 'marks':
				return message.marks.some(isBeyond);
			case 'watermark':
				return isNewWatermark(message.signed);
			case 'entries':
				return true;
		}
	}

	function isNewWatermark(hex: string): boolean {
		const [body] = decode(bytesOfHex(hex)) as readonly string[];
		const said = v.parse(watermark, decode(bytesOfHex(body ?? '')));
		if (known.has(nameOf(said))) return false;
		if (said.issuer === self || said.marks.some(isBeyond) || known.size >= MOST_WATERMARKS) return true;
		known.add(nameOf(said));
		return false;
	}

	function isDirectNews(message: DirectMessage, from: string): boolean {
		// The answer to what was asked before it went.
		if (message.t === 'page' && message.sealed.length === 0) return false;
		if (message.t !== 'ask') return !answers(message, from);
		const has = new Set(message.above.map(({ device, scope, hash }) => `${chainKey(device, scope)}:${hash}`));
		if (!marks.every(({ device, scope, hash }) => has.has(`${chainKey(device, scope)}:${hash}`))) return true;
		sendTo(from, { t: 'page', id: message.id, chains: [], sealed: [], more: false });
		return false;
	}

	return ({ type, senderId, data }) => {
		if (data === undefined) return type !== 'doc-unavailable';
		try {
			if (type === 'ephemeral' && data.length <= MAX_LANE_BYTES) return isLaneNews(v.parse(laneMessage, decode(bytesOfHex(decode(data) as string))));
			if (type === 'direct' && data.length <= MAX_DIRECT_BYTES) return isDirectNews(v.parse(directMessage, decode(data)), senderId);
		} catch {
			// Damage is told by whoever is asked awake.
		}
		return true;
	};
}
