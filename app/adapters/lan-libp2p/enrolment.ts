/**
 * Enrolment by webrtc-direct: a till that no hub served asks the hub of its setup code for a certificate. Both ends of `ENROL_PROTOCOL`.
 *
 * 1. A visitor, whom no certificate names, is answered here and by nobody else (`gater.ts` lets it connect, `lan.ts` opens no link with it).
 * 2. It asks at most `questions` on one stream, in messages of at most 64 KiB, within `visitMs`.
 * 3. It is enrolled under the network key with which it came, and under no other.
 * 4. The till speaks to the very hub that its setup code names: the connection proves it.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { multiaddr } from '@multiformats/multiaddr';
import * as v from 'valibot';
import { NOT_LET_IN } from '#core/enrolment-refusals.ts';
import { LAN_BOUNDS } from '#schemas/wire/bounds.ts';
import {
	enrolAnswer,
	enrolQuestion,
	type EnrolAnswer,
	type Enrolled,
	type EnrolQuestion,
	type HubInfo,
	type JoinRequest,
} from '#schemas/wire/enrolment.ts';
import type { HubRefusal } from '#schemas/wire/hub-refusal.ts';
import { ENROL_PROTOCOL } from '#schemas/wire/hello.ts';
import { createNode, DIAL_MS } from './node.ts';

/** The hub's side of the counter. */
export interface EnrolmentDesk {
	/** Whether strangers may come at all. */
	isOpen(): boolean;
	ask(): { readonly info: HubInfo; readonly nonce: string };
	join(request: JoinRequest): Promise<{ readonly enrolled: Enrolled } | HubRefusal>;
}

/** The certificates of a whole branch. */
const ANSWER_BYTES = 4 * 1024 * 1024;

export async function answerVisitor(stream: Stream, connection: Connection, desk: EnrolmentDesk): Promise<void> {
	const signal = AbortSignal.timeout(LAN_BOUNDS.visitMs);
	const messages = lpStream(stream, { maxDataLength: LAN_BOUNDS.questionBytes, maxBufferSize: 2 * LAN_BOUNDS.questionBytes });
	try {
		for (let asked = 0; asked < LAN_BOUNDS.questions; asked += 1) {
			const question = v.safeParse(enrolQuestion, jsonOf((await messages.read({ signal })).subarray()));
			const answer: EnrolAnswer = question.success
				? await answerTo(question.output, connection.remotePeer.toString(), desk)
				: { t: 'refused', error: NOT_LET_IN['not-understood'], why: 'not-understood' };
			await messages.write(bytesOf(answer), { signal });
			if (answer.t === 'enrolled') break;
		}
		await stream.close({ signal });
	} catch (error) {
		stream.abort(error instanceof Error ? error : new Error(String(error)));
	}
}

async function answerTo(question: EnrolQuestion, peer: string, desk: EnrolmentDesk): Promise<EnrolAnswer> {
	if (question.t === 'ask') return { t: 'hub', ...desk.ask() };
	if (question.request.peer !== peer) return { t: 'refused', error: NOT_LET_IN['other-key'], why: 'other-key' };
	const answer = await desk.join(question.request);
	return 'error' in answer ? { t: 'refused', ...answer } : { t: 'enrolled', enrolled: answer.enrolled };
}

/** One visit to a hub: it says who it is, then lets this till in or says why not. */
export interface Visit {
	readonly info: HubInfo;
	readonly nonce: string;
	/** The address that answered. */
	readonly address: string;
	join(request: JoinRequest): Promise<{ readonly enrolled: Enrolled } | HubRefusal>;
	close(): Promise<void>;
}

/** Nobody answered at any of the addresses. */
export class NobodyAnswered extends Error {}

/** `addresses` all end in the hub's peer id, and are tried one after the other. Throws `NobodyAnswered`. */
export async function visitHub(networkSeed: Uint8Array, addresses: readonly string[]): Promise<Visit> {
	const { libp2p } = await createNode({ networkSeed, gater: { denyDialMultiaddr: () => false }, door: undefined, dialsDirect: true });
	try {
		await libp2p.start();
		const { connection, address } = await dialOneOf(libp2p, addresses);
		const stream = await connection.newStream(ENROL_PROTOCOL, { signal: AbortSignal.timeout(DIAL_MS) });
		const messages = lpStream(stream, { maxDataLength: ANSWER_BYTES, maxBufferSize: 2 * ANSWER_BYTES });
		const ask = async (question: EnrolQuestion): Promise<EnrolAnswer> => {
			const signal = AbortSignal.timeout(LAN_BOUNDS.visitMs);
			await messages.write(bytesOf(question), { signal });
			return v.parse(enrolAnswer, jsonOf((await messages.read({ signal })).subarray()));
		};
		const first = await ask({ t: 'ask' });
		if (first.t !== 'hub') throw new Error('the hub answers something else than who it is');
		return {
			...{ info: first.info, nonce: first.nonce, address },
			async join(request) {
				const answer = await ask({ t: 'join', request });
				if (answer.t === 'hub') throw new Error('the hub answers something else than was asked');
				return answer.t === 'refused'
					? { error: answer.error, ...(answer.why === undefined ? {} : { why: answer.why }) }
					: { enrolled: answer.enrolled };
			},
			close: async () => await libp2p.stop(),
		};
	} catch (error) {
		await libp2p.stop();
		throw error;
	}
}

async function dialOneOf(libp2p: Libp2p, addresses: readonly string[]): Promise<{ readonly connection: Connection; readonly address: string }> {
	let last: unknown;
	for (const address of addresses) {
		try {
			return { address, connection: await libp2p.dial(multiaddr(address), { signal: AbortSignal.timeout(DIAL_MS) }) };
		} catch (error) {
			last = error;
		}
	}
	throw new NobodyAnswered('no address of the hub answers', { cause: last });
}

function bytesOf(message: EnrolQuestion | EnrolAnswer): Uint8Array {
	return new TextEncoder().encode(JSON.stringify(message));
}

/** Undefined for what is no JSON, which no schema takes. */
function jsonOf(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(bytes));
	} catch {
		return undefined;
	}
}
