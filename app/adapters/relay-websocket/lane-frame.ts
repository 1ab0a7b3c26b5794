/**
 * A frame of the live lane, as automerge-repo's encoder writes it. Every sale and every watermark is one: to read it as any CBOR and to look at its shape, and to write
 * it as any object, took longer than all else at the door.
 *
 * 1. What is read here reads the same as any frame (`relay-frame.ts`). Whatever is otherwise in anything is left to that, and refused there.
 * 2. What is written here any CBOR reader reads as the message.
 */
import { BYTES, LONGEST_HEAD, readHead, TEXT, UNSIGNED, writeHead } from '#schemas/cbor-head.ts';
import { createKnownTexts } from '#schemas/known-texts.ts';

export interface LaneFrame {
	readonly type: 'ephemeral';
	readonly senderId: string;
	readonly targetId: string;
	readonly count: number;
	readonly sessionId: string;
	readonly documentId: string;
	readonly data: Uint8Array;
}

const FIELDS = 7;
/** A map whose length is written in 16 bits, however short it is: as that encoder writes every object. */
const MAP_OF_SEVEN = [0xb9, 0, FIELDS];
const MOST_LETTERS = 200;
export const DOCUMENT_ID = /^[1-9A-HJ-NP-Za-km-z]{10,64}$/;
const known = createKnownTexts();

type Fields = { -readonly [Name in keyof LaneFrame]?: LaneFrame[Name] | string };

export function readLaneFrame(frame: Uint8Array): LaneFrame | undefined {
	if (MAP_OF_SEVEN.some((byte, place) => frame[place] !== byte)) return undefined;
	const fields: Fields = {};
	let at = MAP_OF_SEVEN.length;
	for (let n = 0; n < FIELDS; n += 1) {
		const name = readHead(frame, at);
		if (name?.major !== TEXT || name.value > MOST_LETTERS) return undefined;
		const nameEnd = name.end + name.value;
		const value = readHead(frame, nameEnd);
		const field = known.text(frame, name.end, nameEnd);
		let text: string | undefined;
		if (value === undefined) return undefined;
		at = value.major === UNSIGNED ? value.end : value.end + value.value;
		if (at > frame.length) return undefined;
		switch (field) {
			case 'count':
				if (fields.count !== undefined || value.major !== UNSIGNED) return undefined;
				fields.count = value.value;
				break;
			case 'data':
				if (fields.data !== undefined || value.major !== BYTES || value.value === 0) return undefined;
				fields.data = frame.subarray(value.end, at);
				break;
			case 'type':
			case 'senderId':
			case 'targetId':
			case 'sessionId':
			case 'documentId':
				if (fields[field] !== undefined || value.major !== TEXT || value.value === 0 || value.value > MOST_LETTERS) return undefined;
				text = known.text(frame, value.end, at);
				if (text === undefined) return undefined;
				fields[field] = text as 'ephemeral';
				break;
			default:
				return undefined;
		}
	}
	if (at !== frame.length || fields.type !== 'ephemeral' || !isWhole(fields) || !DOCUMENT_ID.test(fields.documentId)) return undefined;
	return fields;
}

function isWhole(fields: Fields): fields is LaneFrame {
	const { senderId, targetId, count, sessionId, documentId, data } = fields;
	return [senderId, targetId, count, sessionId, documentId, data].every((field) => field !== undefined);
}

/** Undefined for names that are not ASCII and a count of 2³² or more: those are for an encoder that knows them all. */
export function writeLaneFrame({ type, senderId, targetId, count, sessionId, documentId, data }: LaneFrame): Uint8Array<ArrayBuffer> | undefined {
	if (count >= 2 ** 32) return undefined;
	const texts = ['type', type, 'senderId', senderId, 'targetId', targetId, 'sessionId', sessionId, 'documentId', documentId, 'count', 'data'];
	const bound = texts.reduce((sum, text) => sum + LONGEST_HEAD + text.length, MAP_OF_SEVEN.length + 2 * LONGEST_HEAD + data.length);
	const frame = new Uint8Array(bound);
	frame.set(MAP_OF_SEVEN);
	let at = MAP_OF_SEVEN.length;
	for (const text of texts) {
		at = writeHead(frame, at, TEXT, text.length);
		for (let i = 0; i < text.length; i += 1) {
			const letter = text.charCodeAt(i);
			if (letter >= 0x80) return undefined;
			frame[at + i] = letter;
		}
		at += text.length;
		if (text === 'count') at = writeHead(frame, at, UNSIGNED, count);
	}
	at = writeHead(frame, at, BYTES, data.length);
	frame.set(data, at);
	return frame.subarray(0, at + data.length);
}
