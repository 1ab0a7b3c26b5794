/**
 * Asking a hub to let this device in: what a headless till and a second hub do, and a browser does in its own way.
 *
 * 1. It asks under a key that it proves to hold; asking again (a lost answer) gets the same certificate.
 * 2. Whatever goes wrong is one sentence that says what to do.
 */
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { enrolled, enrolProofText, hubInfo, REMOVED_PATH, RENEWED_PATH, type Enrolled, type HubInfo } from '#schemas/wire/enrolment.ts';
import * as v from 'valibot';
import type { Identity } from '../identity.ts';

/** In words for whoever typed the address and the code. */
export class NotLetIn extends Error {}

export interface AskDeps {
	/** `http://192.168.1.10:4400` */
	readonly hub: string;
	readonly identity: Pick<Identity, 'signer' | 'peer'>;
	/** `join` with a code, `claim` with a plan. */
	readonly path: 'join' | 'claim';
	readonly body: Readonly<Record<string, unknown>>;
}

export interface LetIn {
	readonly member: Enrolled;
	readonly chain: Uint8Array;
	readonly info: HubInfo;
}

/** A small computer takes its time over a demo shop. */
const ANSWER_WITHIN_MS = 30_000;
const nonceAnswer = v.object({ nonce: v.string() });
const refusal = v.object({ error: v.string() });

export async function askToJoin({ hub, identity: { signer, peer }, path, body }: AskDeps): Promise<LetIn> {
	const info = v.safeParse(hubInfo, await getJson(hub, '/hub.json'));
	if (!info.success) throw new NotLetIn(`What answers at ${hub} is no Holdfast hub of this version. Check the address, and update both hubs.`);
	const { nonce } = v.parse(nonceAnswer, await getJson(hub, '/enrol/nonce'));
	const proof = hexOf(await signer.sign(new TextEncoder().encode(enrolProofText(peer, nonce))));
	const answer = await ask(hub, `/enrol/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ device: signer.device, peer, proof, nonce, ...body }),
	});
	const said: unknown = await answer.json().catch(() => undefined);
	if (!answer.ok) throw new NotLetIn(v.is(refusal, said) ? said.error : `The hub at ${hub} answered ${answer.status}. Try again.`);
	const member = v.safeParse(enrolled, said);
	if (!member.success) throw new NotLetIn(`The hub at ${hub} answered something that this version does not understand. Update both.`);
	return { member: member.output, chain: bytesOfHex(member.output.chain), info: info.output };
}

/** Undefined while nobody answers, and for what is no hub. */
export async function whoIsAt(hub: string): Promise<HubInfo | undefined> {
	const info = v.safeParse(hubInfo, await getJson(hub, '/hub.json').catch(() => undefined));
	return info.success ? info.output : undefined;
}

/** A journal of the entries that removed this device; undefined while it belongs, or nobody answers. */
export async function removalOf(hub: string, device: DeviceId): Promise<Uint8Array | undefined> {
	const answer = await ask(hub, `${REMOVED_PATH}?device=${device}`, {}).catch(() => undefined);
	return answer?.ok === true ? new Uint8Array(await answer.arrayBuffer()) : undefined;
}

/** So that it lets the new network key in. A hub that does not answer is asked again with the next look. */
export async function showRenewed(hub: string, chain: Uint8Array): Promise<void> {
	const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ chain: hexOf(chain) }) };
	await ask(hub, RENEWED_PATH, init).catch(() => undefined);
}

async function getJson(hub: string, path: string): Promise<unknown> {
	const answer = await ask(hub, path, {});
	return answer.ok ? answer.json().catch(() => undefined) : undefined;
}

async function ask(hub: string, path: string, init: RequestInit): Promise<Response> {
	try {
		return await fetch(new URL(path, hub), { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
	} catch {
		throw new NotLetIn(`No hub answers at ${hub}. Check the address, and that the hub runs.`);
	}
}
