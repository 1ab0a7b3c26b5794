/**
 * Where tills bring what is to be printed.
 *
 * 1. Only a till that is of this branch and not revoked, proven by its signature over these bytes, this printer and a nonce that is spent with it.
 * 2. Only on a printer that the shop's settings name, at a private address: never an open proxy.
 * 3. At most `MOST_PRINT_BYTES` a print, `MOST_A_MINUTE` a till, and one at a time on each printer, with a few that wait.
 * 4. What has waited longer than the till listens is not printed: the till has said that it was not, and somebody prints again.
 */
import type { Clock, Digest } from '#ports';
import { isPrinterAddress } from '#core/receipt/printer-address.ts';
import { hexOf } from '#schemas/cbor.ts';
import type { NetworkPrinter } from '#schemas/facts/setting-changed.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { MOST_PRINT_BYTES, printProofText, printRequest, type PrintFailure } from '#schemas/wire/print.ts';
import * as v from 'valibot';
import { createLimit } from '../http/limit.ts';
import type { Answer } from '../http/server.ts';
import { printRaw } from './raw-printing.ts';

export interface PrintDeskDeps {
	readonly digest: Digest;
	readonly clock: Clock;
	/** A nonce of this hub, which is spent by a till's proof. */
	readonly spendNonce: (nonce: string) => boolean;
	readonly isOwnTill: (device: DeviceId) => boolean;
	readonly printers: () => readonly NetworkPrinter[];
	readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** A drawer and a receipt every two seconds for a whole minute: more than a cashier sells. */
const MOST_A_MINUTE = 60;
const MOST_WAITING = 5;
/** The till listens for 15 s, and a printer may take 10. */
const MOST_WAIT_MS = 4_000;

const STATUS: Readonly<Record<PrintFailure, number>> = {
	...{ 'not-allowed': 403, 'unknown-printer': 404, 'too-long': 413, busy: 429 },
	...{ 'no-answer': 504, 'out-of-paper': 503, 'cover-open': 503, 'hub-away': 503, 'not-chosen': 400, 'not-supported': 400 },
};

export function createPrintDesk({ digest, clock, spendNonce, isOwnTill, printers, log }: PrintDeskDeps) {
	const waiting = new Map<string, { readonly last: Promise<unknown>; readonly count: number }>();
	const limits = new Map<DeviceId, () => boolean>();

	return async (body: unknown): Promise<Answer> => {
		const outcome = await print(body);
		if (outcome === 'printed') return { body: { printed: true } };
		if (outcome === 'not-read') return { status: 400, body: { error: 'The request is not complete.' } };
		return { status: STATUS[outcome], body: { failed: outcome } };
	};

	async function print(body: unknown): Promise<'printed' | 'not-read' | PrintFailure> {
		const parsed = v.safeParse(printRequest, body);
		if (!parsed.success) return 'not-read';
		const { device, printer: id, bytes: base64, nonce, proof } = parsed.output;
		const bytes = Buffer.from(base64, 'base64');
		if (bytes.length > MOST_PRINT_BYTES) return 'too-long';
		const text = printProofText({ printer: id, nonce }, hexOf(await digest.sha256(bytes)));
		if (!isOwnTill(device)) return 'not-allowed';
		const isSigned = await digest.verify(device, new TextEncoder().encode(text), Buffer.from(proof, 'hex'));
		if (!isSigned || !spendNonce(nonce)) return 'not-allowed';
		if (isTooOften(device)) return 'busy';
		const printer = printers().find((one) => one.id === id);
		if (printer === undefined || !isPrinterAddress(printer.host)) return 'unknown-printer';
		const askedMs = clock.nowMs();
		const outcome = await inTurn(`${printer.host}:${printer.port}`, () =>
			clock.nowMs() - askedMs > MOST_WAIT_MS ? Promise.resolve('busy') : printRaw(printer, bytes),
		);
		if (outcome !== 'printed') log('not printed', { printer: printer.name, outcome });
		return outcome;
	}

	function isTooOften(device: DeviceId): boolean {
		const limit = limits.get(device) ?? createLimit(clock, MOST_A_MINUTE);
		limits.set(device, limit);
		return limit();
	}

	/** Two receipts at once would come out as one. */
	async function inTurn(place: string, task: () => Promise<'printed' | PrintFailure>): Promise<'printed' | PrintFailure> {
		const before = waiting.get(place) ?? { last: Promise.resolve(), count: 0 };
		if (before.count >= MOST_WAITING) return 'busy';
		const mine = before.last.then(task);
		waiting.set(place, { last: mine.catch(() => undefined), count: before.count + 1 });
		try {
			return await mine;
		} finally {
			const now = waiting.get(place);
			if (now !== undefined && now.count <= 1) waiting.delete(place);
			else if (now !== undefined) waiting.set(place, { ...now, count: now.count - 1 });
		}
	}
}
