/**
 * The hub's setup code as text, for a QR code, a link, or to be copied and pasted.
 *
 *     holdfast:1/K7QM-42XR/12D3KooW…/uEi…/192.168.1.10:4404,[fd00::10]:4404/
 *     https://till.example/#holdfast:1/…        the same behind the address of the app: a browser never sends what follows the #
 *
 * 1. What is written is read back the same, whatever stands before it, around it, or was broken into lines by a mail program.
 * 2. One that was cut off anywhere is seen to be: it ends with a slash.
 * 3. Nothing is believed that the schema does not know; what is wrong has a name, which the screen turns into words.
 */
import * as v from 'valibot';
import type { HubDoor } from '#schemas/wire/hub-place.ts';
import { setupCode, type SetupCode } from '#schemas/wire/setup-code.ts';

const BEGINS = 'holdfast:';
const VERSION = '1';
/** Longer than any that is written; what somebody pasted by mistake is not looked through. */
const MOST_LETTERS = 2_000;

/** `app`: where the app is served by https, so that a phone's camera opens it. */
export function writeSetupCode({ code, peer, certhash, doors }: SetupCode, app?: string): string {
	const text = `${BEGINS}${[VERSION, code, peer, certhash, doors.map(writeDoor).join(',')].join('/')}/`;
	return app === undefined ? text : `${app.replace(/[/#]*$/, '')}/#${text}`;
}

/** What was read instead of a setup code. `join-code`: the short one, for an app that the hub itself serves. `address`: of a page. */
export type BadSetupCode = 'too-long' | 'nothing' | 'other-version' | 'damaged' | 'join-code' | 'address' | 'not-a-code';

export function readSetupCode(given: string): SetupCode | { readonly refused: BadSetupCode } {
	if (given.length > MOST_LETTERS) return { refused: 'too-long' };
	const text = given.replace(/\s+/g, '');
	if (text === '') return { refused: 'nothing' };
	const at = text.indexOf(BEGINS);
	if (at < 0) return { refused: noSetupCode(text) };
	const [version = '', code = '', peer = '', certhash = '', doors = '', ...rest] = text.slice(at + BEGINS.length).split('/');
	if (version !== VERSION) return { refused: /^\d+$/.test(version) ? 'other-version' : 'damaged' };
	const parsed = v.safeParse(setupCode, { code: code.toUpperCase(), peer, certhash, doors: doors.split(',').map(readDoor) });
	return parsed.success && rest.length > 0 ? parsed.output : { refused: 'damaged' };
}

function noSetupCode(text: string): BadSetupCode {
	if (/^[0-9A-Z]{4}-?[0-9A-Z]{4}$/i.test(text)) return 'join-code';
	return /^https?:/i.test(text) ? 'address' : 'not-a-code';
}

function writeDoor({ host, port }: HubDoor): string {
	return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What does not fit comes out as what the schema refuses. */
function readDoor(text: string): { readonly host: string; readonly port: number } {
	const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
	return { host: bracketed ?? plain ?? '', port: port === '' ? 0 : Number(port) };
}
