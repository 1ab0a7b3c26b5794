/**
 * The keys of a relay, and how it comes to new ones. In one folder, which all its processes share: `device.key` and `network.key`, and for each renewal
 * `device.1.key`, `network.1.key` and `succession.1`, then 2 …
 *
 * 1. In force are the keys that the last succession leads to, and no others. It is written behind the keys that it leads to: whatever a crash leaves, the keys
 *    before are in force without it, and the next try goes on with the files that lie there.
 * 2. A succession is signed by the key before and by the new one, whole, and never written over: of two processes that renew at once both have the same.
 * 3. A folder whose files do not go together is refused, never mended: half a backup beside newer files would be a key without its past.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownSeedInFile, signerInFile, writeOnce } from '#adapters/keys-file/keys-file.ts';
import { peerIdOfSeed } from '#adapters/lan-libp2p/network-key.ts';
import { encodeSuccession, encodeSuccessionBody } from '#core/entry/successions.ts';
import { provenSuccession } from '#engine/verify.ts';
import type { Digest } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { SigningKey } from '#schemas/ids.ts';
import type { Succession } from '#schemas/succession.ts';
import { openIdentity, type Identity } from './identity.ts';

export interface RelayKeys extends Pick<Identity, 'signer' | 'networkSeed' | 'peer'> {
	/** How it came to the key that is in force (hex), the first one first. */
	readonly successions: readonly string[];
	/** Its first key, by which it is known, and those that followed. */
	readonly line: readonly SigningKey[];
	/** Somebody has renewed them since this was read. */
	isOutdone(): boolean;
}

/** With the sentence to show. */
export class RelayKeysProblem extends Error {}

/** Once a day is enough for a service that starts again with the same flags. */
const DAY_MS = 24 * 60 * 60 * 1000;
const MOST_GENERATIONS = 99;

/** Makes the first keys where there are none. */
export async function openRelayKeys(folder: string, digest: Digest): Promise<RelayKeys> {
	const { identity, shown } = await open(folder, digest);
	return {
		...{ signer: identity.signer, networkSeed: identity.networkSeed, peer: identity.peer },
		successions: shown.map(({ hex }) => hex),
		line: [identity.signer.device, ...shown.map(({ succession }) => succession.key)],
		isOutdone: () => existsSync(successionFile(folder, shown.length + 1)),
	};
}

export async function renewRelayKeys(
	folder: string,
	{ digest, nowMs }: { readonly digest: Digest; readonly nowMs: number },
): Promise<'renewed' | 'renewed-today'> {
	if (!existsSync(join(folder, 'device.key')) && !existsSync(successionFile(folder, 1)))
		throw new RelayKeysProblem(
			`There are no keys to renew in ${folder}. A relay makes its first ones when it starts: start it without --renew-keys, or name the folder of its keys (--keys DIR).`,
		);
	const { identity, shown } = await open(folder, digest);
	const last = shown.at(-1)?.succession;
	if (last !== undefined && Math.abs(nowMs - last.atMs) < DAY_MS) return 'renewed-today';
	const generation = shown.length + 1;
	if (generation > MOST_GENERATIONS)
		throw new RelayKeysProblem(
			`The keys in ${folder} were renewed ${MOST_GENERATIONS} times, which is as often as they can be. Put up a new relay, and let the hubs join it.`,
		);
	const { signer } = identity;
	try {
		const next = await identity.next();
		const succession = { v: 1, relay: signer.device, generation, before: signer.key ?? signer.device, key: next.key, atMs: nowMs } as Succession;
		const body = encodeSuccessionBody(succession);
		const [byKeyBefore, byNewKey] = [new Uint8Array(await signer.sign(body)), new Uint8Array(await next.sign(body))];
		writeOnce(successionFile(folder, generation), bytesOfHex(encodeSuccession({ body, byKeyBefore, byNewKey })));
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === undefined) throw error;
		throw new RelayKeysProblem(
			`New keys cannot be written into ${folder} (${code}); those that it has stay in force. Make it writable for this user, or renew a copy of it elsewhere and put that in its place.`,
		);
	}
	await open(folder, digest);
	return 'renewed';
}

interface Shown {
	readonly succession: Succession;
	readonly hex: string;
}

async function open(folder: string, digest: Digest): Promise<{ readonly identity: Identity; readonly shown: readonly Shown[] }> {
	const shown: Shown[] = [];
	for (let generation = 1; existsSync(successionFile(folder, generation)); generation += 1) {
		const file = successionFile(folder, generation);
		const hex = hexOf(readFileSync(file));
		const proven = (await provenSuccession(hex, digest))?.succession;
		const last = shown.at(-1)?.succession;
		const first = join(folder, 'device.key');
		const relay = last?.relay ?? (existsSync(first) ? signerInFile(first).device : proven?.relay);
		if (proven?.generation !== generation || proven.relay !== relay || proven.before !== (last?.key ?? relay))
			throw new RelayKeysProblem(`${file} does not follow from the keys beside it. Put the whole folder back from one backup of it.`);
		shown.push({ succession: proven, hex });
	}
	const last = shown.at(-1)?.succession;
	if (last === undefined) return { identity: await openIdentity(folder, { keys: folder }), shown };
	const { relay: device, key, generation } = last;
	const peer = await peerIdOfSeed(knownSeedInFile(join(folder, `network.${generation}.key`)));
	return { identity: await openIdentity(folder, { keys: folder, inForce: { device, key, peer, generation } }), shown };
}

function successionFile(folder: string, generation: number): string {
	return join(folder, `succession.${generation}`);
}
