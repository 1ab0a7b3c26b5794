/**
 * A hub opens a further branch of its store: it certifies that branch's first hub.
 *
 * 1. Only a till of this branch that may enrol asks for it, proven by its signature over what it asks and a nonce that is spent with it.
 * 2. The new hub, its branch and the branch's name are one entry, written before the certificate is given to anybody. Asked again, the same branch is answered.
 * 3. What is answered opens only with the keys that the code names.
 */
import { readBranchAsk, readBranchCode } from '#core/branch-code.ts';
import { decodeChain } from '#core/entry/certificate.ts';
import { isRefusal } from '#core/intent.ts';
import { issueCertificate } from '#engine/certify.ts';
import type { Clock, Digest, Signer } from '#ports';
import { bytesOfHex, encode, hexOf } from '#schemas/cbor.ts';
import { MAX_CHAIN_CERTIFICATES, type Certificate } from '#schemas/certificate.ts';
import type { DeviceEnrolled } from '#schemas/facts/device-enrolled.ts';
import type { SettingChanged } from '#schemas/facts/setting-changed.ts';
import type { BranchId, DeviceId, IntentKey, StoreId } from '#schemas/ids.ts';
import { HUB_RIGHTS } from '#schemas/rights.ts';
import {
	openBranchRequest,
	openBranchText,
	openingFound,
	OPENINGS_PATH,
	type BranchAnswer,
	type BranchAsk,
	type BranchFile,
	type BranchOpened,
} from '#schemas/wire/branch-opening.ts';
import * as v from 'valibot';
import type { Branch } from '../branch.ts';
import type { ShopFile } from '../enrolment/shop.ts';
import type { Answer } from '../http/server.ts';
import { codeOfAsk, isAskProven } from './proven-ask.ts';

export interface OpeningDeskDeps {
	readonly shop: () => { readonly file: ShopFile; readonly branch: Branch } | undefined;
	readonly hub: Signer;
	readonly digest: Digest;
	readonly clock: Clock;
	readonly relay: () => string | undefined;
	readonly spendNonce: (nonce: string) => boolean;
	readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

const RELAY_ANSWER_MS = 10_000;
/** The new hub's tills need a place below it. */
const LONGEST_OPENING_CHAIN = MAX_CHAIN_CERTIFICATES - 2;

export function createOpeningDesk({ shop, hub, digest, clock, relay, spendNonce, log }: OpeningDeskDeps) {
	return async (body: unknown): Promise<Answer> => {
		const asked = v.safeParse(openBranchRequest, body);
		if (!asked.success) return refuse(400, 'Type the name of the branch, and the code that the new hub shows.');
		const open = shop();
		if (open === undefined) return refuse(409, 'This hub has no shop yet.');
		const { device, nonce, proof } = asked.output;
		const name = asked.output.name.trim();
		const isProven = spendNonce(nonce) && (await digest.verify(device, new TextEncoder().encode(openBranchText(asked.output)), bytesOfHex(proof)));
		if (!isProven || !mayEnrol(open, device)) return refuse(403, 'This till may not open a branch.');
		const carried = readBranchAsk(asked.output.ask);
		const code = carried === undefined ? readBranchCode(asked.output.ask) : await codeOfAsk(carried, digest);
		if (code === undefined) return refuse(400, 'That is no code of a new hub. It has twelve letters, in three groups.');
		const ask = carried ?? (await askAt(code));
		if ('error' in ask) return refuse(404, ask.error);
		if (!(await isAskProven(ask, digest))) return refuse(400, 'That code or file is damaged. Take it from the new hub again.');
		const given = await certify(ask, name, open);
		if ('error' in given) return refuse(409, given.error);
		const { branch, chain } = given;
		const { ledger, keys } = open.branch;
		if (keys === undefined) throw new Error('a hub holds keys');
		const cloud = relay();
		const answer: BranchAnswer = {
			...{ v: 1, code, store: open.file.store, root: open.file.root, branch, chain },
			...{ storeName: ledger.state.settings.value('storeName') ?? '', branchName: name },
			sealed: await keys.sealedFor(bytesOfHex(ask.box), carried === undefined ? 'secrets' : 'all'),
			...(cloud === undefined ? {} : { relay: cloud }),
		};
		log('branch opened', { branch, name });
		if (carried !== undefined) return { body: fileOf(answer, open.branch), type: 'application/octet-stream' };
		const sent = await atRelay('answer', { code, answer });
		if ('error' in sent) return refuse(504, sent.error);
		return { body: { branch, name } satisfies BranchOpened };
	};

	function mayEnrol({ file, branch }: NonNullable<ReturnType<typeof shop>>, device: DeviceId): boolean {
		const known = branch.ledger.state.devices.get(device);
		return known?.role === 'till' && known.standing === 'active' && known.branch === file.branch && known.rights.includes('enrol');
	}

	async function askAt(code: string): Promise<BranchAsk | { readonly error: string }> {
		const found = await atRelay('asked', { code });
		if ('error' in found) return found;
		const parsed = v.safeParse(openingFound, found.said);
		// Another relay's keys under this code would be another code.
		return parsed.success && (await codeOfAsk(parsed.output.ask, digest)) === code
			? parsed.output.ask
			: { error: 'The relay answered with another hub than the one that shows this code. Take the file from the new hub instead.' };
	}

	async function atRelay(what: 'asked' | 'answer', body: object): Promise<{ readonly said: unknown } | { readonly error: string }> {
		const address = relay();
		if (address === undefined)
			return { error: 'This hub knows no relay, so the code alone does not find the new hub. Take the file from the new hub instead.' };
		try {
			const answer = await fetch(new URL(`${OPENINGS_PATH}/${what}`, address.replace(/^ws/, 'http')), {
				...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
				signal: AbortSignal.timeout(RELAY_ANSWER_MS),
			});
			if (answer.ok) return { said: await answer.json() };
			return {
				error:
					answer.status === 404
						? 'No hub with that code asks at the relay now. Look at the code on the new hub again, and that it was started with the same relay.'
						: `The relay answered ${answer.status}. Try again in a moment.`,
			};
		} catch {
			return { error: 'The relay does not answer. Try again, or take the file from the new hub instead.' };
		}
	}

	async function certify(
		{ device, peer }: BranchAsk,
		name: string,
		{ file, branch: { writer, ledger, replica, verifier } }: NonNullable<ReturnType<typeof shop>>,
	): Promise<{ readonly branch: BranchId; readonly chain: string } | { readonly error: string }> {
		if (writer === undefined) throw new Error('a hub writes');
		const chain = bytesOfHex(file.chain);
		if ((decodeChain(chain)?.length ?? 0) > LONGEST_OPENING_CHAIN)
			return {
				error: 'This hub was itself let in by a later one, and opens no branch. Open it at the store’s first hub, or at one that was recovered.',
			};
		const branch = await branchIdOf(file.store, device);
		const { state } = ledger;
		const known = state.devices.get(device);
		if (known !== undefined && known.branch !== branch) return { error: 'That hub is of a branch of this shop already.' };
		if (known !== undefined && known.standing !== 'active')
			return { error: 'That hub was removed from the shop. Start it with an empty data folder.' };
		if (known === undefined) {
			const branches = new Set([...state.devices.values()].map((one) => one.branch));
			if ([...branches].some((one) => sameName(state.settings.at('branchName', one)?.value, name)))
				return { error: `There is a branch called ${name} already. Give this one another name.` };
			const done = await writer.commit({
				key: `open-branch:${device}` as IntentKey,
				async decide() {
					if (ledger.state.devices.has(device)) return { refused: 'nothing-changed' };
					const place = { role: 'hub', name: `Hub ${hubsIn(ledger.state.devices.values()) + 1}`, rights: [...HUB_RIGHTS] } as const;
					const certificate: Certificate = {
						...{ v: 1, store: file.store, branch, device, peer, ...place, rights: [...place.rights] },
						...{ issuer: hub.device, issuedAtMs: clock.nowMs() },
					};
					const enrolled: DeviceEnrolled = {
						...{ type: 'device.enrolled', v: 1, device, branch, ...place, rights: [...place.rights] },
						chain: hexOf(await issueCertificate(certificate, hub, chain)),
					};
					const named: SettingChanged = { type: 'setting.changed', v: 1, setting: { name: 'branchName', value: name }, branch, replaces: [] };
					return { branch: [], store: [enrolled, named], takesReceipt: false };
				},
			});
			if ('trouble' in done || (isRefusal(done) && done.refused !== 'nothing-changed'))
				return { error: 'The branch could not be written down. Look at this hub’s disk, then try again.' };
			for (const { facts } of isRefusal(done) ? [] : done.entries)
				for (const fact of facts)
					if (!('unknown' in fact) && !('invalid' in fact) && fact.type === 'device.enrolled') await replica.takeChain(bytesOfHex(fact.chain));
		}
		const given = verifier.chainOf(device);
		return given === undefined ? { error: 'The branch could not be opened. Try again.' } : { branch, chain: hexOf(given) };
	}

	async function branchIdOf(store: StoreId, device: DeviceId): Promise<BranchId> {
		return hexOf((await digest.sha256(encode(['holdfast branch', store, device]))).slice(0, 16)) as BranchId;
	}
}

/** All that the store is, for a hub that may never reach the relay. */
function fileOf(answer: BranchAnswer, { ledger, verifier }: Branch): Uint8Array {
	const entries = ledger.entries().filter(({ header }) => header.scope === 'store');
	const writers = [...new Set(entries.map(({ header }) => header.device))];
	return encode({
		...{ kind: 'holdfast branch', v: 1, answer },
		chains: writers.flatMap((device) => verifier.chainOf(device) ?? []).map(hexOf),
		sealed: entries.map(({ sealed }) => hexOf(sealed)),
	} satisfies BranchFile);
}

function hubsIn(devices: Iterable<{ readonly role: string }>): number {
	return [...devices].filter(({ role }) => role === 'hub').length;
}

function sameName(one: string | undefined, other: string): boolean {
	return one?.trim().toLocaleLowerCase('en') === other.toLocaleLowerCase('en');
}

function refuse(status: number, error: string): Answer {
	return { status, body: { error } };
}
