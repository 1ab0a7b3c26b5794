/**
 * Bytes to a printer by raw TCP (port 9100, "JetDirect").
 *
 * 1. Connecting, asking and sending end within `PATIENCE_MS`, whatever the printer does. Nothing that it says is kept or passed on.
 * 2. A printer that says that it has no paper, or that its cover is open, gets nothing: what it would keep would come out when nobody waits for it.
 * 3. What the printer has not taken when patience ends is thrown away with the connection: it would come out beside the next try.
 */
import { connect, type Socket } from 'node:net';
import type { PrintFailure } from '#schemas/wire/print.ts';

export interface RawPrinter {
	readonly host: string;
	readonly port: number;
	readonly speaks: 'esc-pos' | 'star-prnt';
}

const CONNECT_MS = 3_000;
const PATIENCE_MS = 10_000;
/** Printers that answer do so within a few ms. */
const STATUS_MS = 400;

/** DLE EOT 2 (why it is offline) and DLE EOT 4 (paper), Epson ESC/POS reference: each is answered by one byte at once. */
const ASK_STATUS = new Uint8Array([0x10, 0x04, 2, 0x10, 0x04, 4]);
const COVER_OPEN = 0x04;
const PAPER_STOPPED = 0x20;
const PAPER_END = 0x60;

export async function printRaw({ host, port, speaks }: RawPrinter, bytes: Uint8Array): Promise<'printed' | PrintFailure> {
	const socket = connect({ host, port });
	const late = setTimeout(() => socket.resetAndDestroy(), PATIENCE_MS);
	socket.on('error', () => undefined);
	try {
		if (!(await connected(socket))) return 'no-answer';
		const trouble = speaks === 'esc-pos' ? await troubleOf(socket) : undefined;
		if (trouble !== undefined) return trouble;
		return await sent(socket, bytes);
	} finally {
		clearTimeout(late);
		socket.destroy();
	}
}

function connected(socket: Socket): Promise<boolean> {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, CONNECT_MS, false);
		socket.once('connect', () => {
			clearTimeout(timer);
			resolve(true);
		});
		socket.once('close', () => {
			clearTimeout(timer);
			resolve(false);
		});
	});
}

async function troubleOf(socket: Socket): Promise<PrintFailure | undefined> {
	const answers: number[] = [];
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, STATUS_MS);
		socket.on('data', (data: Buffer) => {
			// Every status byte is 0xx1xx10; anything else is no answer to this.
			answers.push(...data.subarray(0, 16).filter((byte) => (byte & 0x93) === 0x12));
			if (answers.length < 2) return;
			clearTimeout(timer);
			resolve();
		});
		socket.once('close', resolve);
		socket.write(ASK_STATUS);
	});
	const [offline = 0, paper = 0] = answers;
	if (answers.length < 2) return undefined;
	if ((offline & COVER_OPEN) !== 0) return 'cover-open';
	return (offline & PAPER_STOPPED) !== 0 || (paper & PAPER_END) !== 0 ? 'out-of-paper' : undefined;
}

/** Handed over whole; the printer closing after that is no failure. */
function sent(socket: Socket, bytes: Uint8Array): Promise<'printed' | PrintFailure> {
	return new Promise((resolve) => {
		socket.once('close', () => {
			resolve('no-answer');
		});
		// Called for a connection that is gone, too, and then with what went wrong.
		socket.end(bytes, (error?: Error | null) => {
			resolve(error instanceof Error ? 'no-answer' : 'printed');
		});
	});
}
