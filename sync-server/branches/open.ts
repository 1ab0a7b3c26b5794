/**
 * A hub opens a further branch of its store: it certifies that branch's first hub.
 *
 * 1. Only a till of this branch that may enrol asks for it, proven by its signature over what it asks and a nonce that is spent with it.
 * 2. The new hub, its branch and the branch's name are one entry, written before the certificate is given to anybody. Asked again, the same branch is answered.
 * 3. What is answered opens only with the keys that the code names.
 */
import { readBranchAsk, readBranchCode } from '#core/branch-code.ts';
import { branchName } from '#core/branch-name.ts';
import { decodeChain } from '#core/entry/certificate.ts';
import type { HubRefusalName, RefusalFigures } from '#core/hub-refusals.ts';
import { isRefusal } from '#core/intent.ts';
import { issueCertificate } from '#engine/certify.ts';
import { isEnrollingTill } from '#engine/own-branch.ts';
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
import { refuse } from '../http/refuse.ts';
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

interface Why {
	readonly why: HubRefusalName;
	readonly figures?: RefusalFigures;
}

const RELAY_ANSWER_MS = 10_000;
/** The new hub's tills need a place below it. */
const LONGEST_OPENING_CHAIN = MAX_CHAIN_CERTIFICATES - 2;

export function createOpeningDesk({ shop, hub, digest, clock, relay, spendNonce, log }: OpeningDeskDeps) {
	return async (body: unknown): Promise<Answer> => {
		const asked = v.safeParse(openBranchRequest, body);
		if (!asked.success) return refuse(400, 'branch-incomplete');
		const open = shop();
		if (open === undefined) return refuse(409, 'no-shop');
		const { device, nonce, proof } = asked.output;
		const name = asked.output.name.trim();
		if (!isEnrollingTill(open.branch.ledger, device)) return refuse(403, 'may-not-open');
		const isSigned = await digest.verify(device, new TextEncoder().encode(openBranchText(asked.output)), bytesOfHex(proof));
		if (!isSigned || !spendNonce(nonce)) return refuse(403, 'may-not-open');
		const carried = readBranchAsk(asked.output.ask);
		const code = carried === undefined ? readBranchCode(asked.output.ask) : await codeOfAsk(carried, digest);
		if (code === undefined) return refuse(400, 'no-branch-code');
		const ask = carried ?? (await askAt(code));
		if ('why' in ask) return refuse(404, ask.why, ask.figures);
		if (!(await isAskProven(ask, digest))) return refuse(400, 'branch-code-damaged');
		const given = await certify(ask, name, open);
		if ('why' in given) return refuse(409, given.why, given.figures);
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
		if ('why' in sent) return refuse(504, sent.why, sent.figures);
		return { body: { branch, name } satisfies BranchOpened };
	};

	async function askAt(code: string): Promise<BranchAsk | Why> {
		const found = await atRelay('asked', { code });
		if ('why' in found) return found;
		const parsed = v.safeParse(openingFound, found.said);
		// Another relay's keys under this code would be another code.
		return parsed.success && (await codeOfAsk(parsed.output.ask, digest)) === code ? parsed.output.ask : { why: 'other-hub-answered' };
	}

	async function atRelay(what: 'asked' | 'answer', body: object): Promise<{ readonly said: unknown } | Why> {
		const address = relay();
		if (address === undefined) return { why: 'relay-unknown' };
		try {
			const answer = await fetch(new URL(`${OPENINGS_PATH}/${what}`, address.replace(/^ws/, 'http')), {
				...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
				signal: AbortSignal.timeout(RELAY_ANSWER_MS),
			});
			if (answer.ok) return { said: await answer.json() };
			return answer.status === 404 ? { why: 'nobody-asks' } : { why: 'relay-answered', figures: { status: answer.status } };
		} catch {
			return { why: 'relay-away' };
		}
	}

	async function certify(
		{ device, peer }: BranchAsk,
		name: string,
		{ file, branch: { writer, ledger, replica, verifier } }: NonNullable<ReturnType<typeof shop>>,
	): Promise<{ readonly branch: BranchId; readonly chain: string } | Why> {
		if (writer === undefined) throw new Error('a hub writes');
		const chain = bytesOfHex(file.chain);
		if ((decodeChain(chain)?.length ?? 0) > LONGEST_OPENING_CHAIN) return { why: 'let-in-late' };
		const branch = await branchIdOf(file.store, device);
		const { state } = ledger;
		const known = state.devices.get(device);
		if (known !== undefined && known.branch !== branch) return { why: 'of-a-branch-already' };
		if (known !== undefined && known.standing !== 'active') return { why: 'hub-was-removed' };
		if (known === undefined) {
			const branches = new Set([...state.devices.values()].map((one) => one.branch));
			if ([...branches].some((one) => sameName(branchName(state, one), name))) return { why: 'branch-name-taken', figures: { name } };
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
			if ('trouble' in done || (isRefusal(done) && done.refused !== 'nothing-changed')) return { why: 'branch-not-written' };
			for (const { facts } of isRefusal(done) ? [] : done.entries)
				for (const fact of facts)
					if (!('unknown' in fact) && !('invalid' in fact) && fact.type === 'device.enrolled') await replica.takeChain(bytesOfHex(fact.chain));
		}
		const given = verifier.chainOf(device);
		return given === undefined ? { why: 'branch-not-opened' } : { branch, chain: hexOf(given) };
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
