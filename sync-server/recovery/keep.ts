/**
 * Keeping the root key elsewhere: on paper as a code, or in a file under a passphrase.
 *
 * 1. It is told to this machine alone.
 * 2. It leaves this machine when somebody has shown that it is kept: a group of the code typed back, or the file opened with its passphrase.
 */
import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { LEAST_PASSPHRASE, openRecovery, sealRecovery } from '#adapters/recovery-file/recovery-file.ts';
import { isSameGroup, writeRecoveryCode } from '#core/recovery/recovery-code.ts';
import type { Cipher, Clock, Random } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import { fileRequest, savedRequest, type RecoveryState } from '#schemas/wire/recovery.ts';
import type { DataFolder } from '../data-folder.ts';
import type { ShopFile } from '../enrolment/shop.ts';
import { isSameMachine } from '../http/same-machine.ts';
import { refuse } from '../http/refuse.ts';
import type { Answer, Handler } from '../http/server.ts';
import type { Identity } from '../identity.ts';

export interface KeepDeps {
	readonly folder: DataFolder;
	readonly identity: Pick<Identity, 'rootSeed' | 'forgetRoot'>;
	readonly shop: () => { readonly file: ShopFile; readonly storeName: string; readonly relay: string | undefined } | undefined;
	readonly cipher: Cipher;
	readonly random: Random;
	readonly clock: Clock;
}

export interface Keep {
	state(request: IncomingMessage): RecoveryState;
	isUnsaved(): boolean;
	readonly routes: Readonly<Record<string, Handler>>;
}

const SAVED = 'recovery.json';
const savedNote = v.object({ savedAtMs: v.number() });

export function createKeep({ folder, identity, shop, cipher, random, clock }: KeepDeps): Keep {
	function savedAtMs(): number | undefined {
		const note = v.safeParse(savedNote, folder.read(SAVED));
		return note.success ? note.output.savedAtMs : undefined;
	}

	function noteSaved(): Answer {
		// In this order: a crash between the two leaves a key that is noted as kept, and goes at the next start.
		folder.write(SAVED, { savedAtMs: clock.nowMs() });
		identity.forgetRoot();
		return { body: {} };
	}

	const only =
		(answer: (secret: Uint8Array, body: unknown) => Answer | Promise<Answer>): Handler =>
		(request, body) => {
			if (!isSameMachine(request)) return refuse(403, 'another-machine');
			const secret = shop() === undefined ? undefined : identity.rootSeed();
			if (secret === undefined) return refuse(409, 'key-not-here');
			return answer(secret, body);
		};

	if (savedAtMs() !== undefined) identity.forgetRoot();

	return {
		state(request) {
			const saved = savedAtMs();
			if (saved !== undefined) return { state: 'saved', savedAtMs: saved };
			return this.isUnsaved() ? { state: 'unsaved', here: isSameMachine(request) } : { state: 'none' };
		},
		isUnsaved: () => shop() !== undefined && identity.rootSeed() !== undefined,
		routes: {
			'POST /recovery/code': only((secret) => ({ body: { groups: writeRecoveryCode(secret) } })),
			'POST /recovery/file': only(async (secret, body) => {
				const asked = v.safeParse(fileRequest, body);
				const now = shop();
				if (!asked.success || now === undefined) return refuse(400, 'no-passphrase');
				const { passphrase } = asked.output;
				if ([...passphrase].length < LEAST_PASSPHRASE) return refuse(400, 'passphrase-short', { least: LEAST_PASSPHRASE });
				const { file, storeName, relay } = now;
				const content = { v: 1, root: hexOf(secret), store: file.store, branch: file.branch, ...(relay === undefined ? {} : { relay }) } as const;
				const madeAtMs = clock.nowMs();
				const text = await sealRecovery(content, { passphrase, storeName, madeAtMs }, { cipher, random });
				return { body: { name: `holdfast-recovery-${new Date(madeAtMs).toISOString().slice(0, 10)}.json`, text } };
			}),
			'POST /recovery/saved': only(async (secret, body) => {
				const asked = v.safeParse(savedRequest, body);
				if (!asked.success) return refuse(400, 'nothing-shown');
				if ('group' in asked.output) {
					const { group, typed } = asked.output;
					const right = writeRecoveryCode(secret)[group - 1];
					return right !== undefined && isSameGroup(typed, right) ? noteSaved() : refuse(403, 'wrong-group', { group });
				}
				const opened = await openRecovery(asked.output.file, asked.output.passphrase, { cipher });
				if ('refused' in opened) return refuse(403, opened.refused);
				return opened.root === hexOf(secret) ? noteSaved() : refuse(403, 'file-of-another-shop');
			}),
		},
	};
}
