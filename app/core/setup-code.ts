/**
 * The hub's setup code as text, for a QR code, a link, or to be copied and pasted.
 *
 *     holdfast:1/K7QM-42XR/12D3KooW…/uEi…/192.168.1.10:4404,[fd00::10]:4404/
 *     https://till.example/#holdfast:1/…        the same behind the address of the app: a browser never sends what follows the #
 *
 * 1. What is written is read back the same, whatever stands before it, around it, or was broken into lines by a mail program.
 * 2. One that was cut off anywhere is seen to be: it ends with a slash.
 * 3. Nothing is believed that the schema does not know; what is wrong is one sentence that says what to do.
 */
import * as v from 'valibot';
import { setupCode, type HubDoor, type SetupCode } from '#schemas/wire/setup-code.ts';

const BEGINS = 'holdfast:';
const VERSION = '1';
/** Longer than any that is written; what somebody pasted by mistake is not looked through. */
const MOST_LETTERS = 2_000;

/** `app`: where the app is served by https, so that a phone's camera opens it. */
export function writeSetupCode({ code, peer, certhash, doors }: SetupCode, app?: string): string {
	const text = `${BEGINS}${[VERSION, code, peer, certhash, doors.map(writeDoor).join(',')].join('/')}/`;
	return app === undefined ? text : `${app.replace(/[/#]*$/, '')}/#${text}`;
}

export function readSetupCode(given: string): SetupCode | { readonly refused: string } {
	if (given.length > MOST_LETTERS)
		return { refused: 'That is much longer than a setup code. Copy the line under the picture in the hub’s terminal, and nothing else.' };
	const text = given.replace(/\s+/g, '');
	if (text === '') return { refused: 'Paste the setup code first: the line under the picture in the hub’s terminal.' };
	const at = text.indexOf(BEGINS);
	if (at < 0) return { refused: noSetupCode(text) };
	const [version = '', code = '', peer = '', certhash = '', doors = '', ...rest] = text.slice(at + BEGINS.length).split('/');
	if (version !== VERSION)
		return {
			refused: /^\d+$/.test(version)
				? 'That setup code is of another version of Holdfast. Update the app (reload this page) and the hub, then take the code that the hub shows now.'
				: DAMAGED,
		};
	const parsed = v.safeParse(setupCode, { code: code.toUpperCase(), peer, certhash, doors: doors.split(',').map(readDoor) });
	return parsed.success && rest.length > 0 ? parsed.output : { refused: DAMAGED };
}

const DAMAGED = 'That setup code is not whole. Copy all of the line under the picture in the hub’s terminal, or scan it again.';

function noSetupCode(text: string): string {
	if (/^[0-9A-Z]{4}-?[0-9A-Z]{4}$/i.test(text))
		return 'That is the short join code. It is for an app that the hub itself serves; here the whole setup code is needed, which says where the hub is.';
	if (/^https?:/i.test(text)) return 'That is the address of a page and holds no setup code. The setup code begins with “holdfast:”.';
	return 'That is no setup code of a Holdfast hub. It begins with “holdfast:” and stands under the picture in the hub’s terminal.';
}

function writeDoor({ host, port }: HubDoor): string {
	return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What does not fit comes out as what the schema refuses. */
function readDoor(text: string): { readonly host: string; readonly port: number } {
	const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
	return { host: bracketed ?? plain ?? '', port: port === '' ? 0 : Number(port) };
}
