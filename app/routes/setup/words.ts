/** Why a device did not get into its shop, and what to do: what a hub, a browser or a setup code may be the matter with. */
import type { BadSetupCode } from '#core/setup-code.ts';
import type { NotIn } from '#engine/start.ts';
import { formatList } from '#languages/figures.ts';
import { m } from '#languages/compiled/messages.js';
import { hubRefusalText } from '#ui/hub-words.ts';

export function notInWords(not: NotIn): string {
	switch (not.problem) {
		case 'storage-closed':
			return m.setup_storage_closed();
		case 'no-webrtc':
			return m.setup_no_webrtc();
		case 'hub-silent':
			return m.setup_hub_silent();
		case 'hub-left':
			return m.setup_hub_left();
		case 'network-denied':
			return m.setup_network_denied();
		case 'not-saved':
			return m.setup_not_saved({ detail: not.detail });
		case 'hub-answered':
			return m.setup_hub_answered({ status: not.status });
		case 'nobody-there': {
			const where = formatList(
				not.doors.map(({ host, port }) => m.setup_door({ host, port: String(port) })),
				'and',
			);
			return not.mayBeAsked ? m.setup_nobody_there_asked({ where }) : m.setup_nobody_there({ where });
		}
		case 'not-let-in':
			return hubRefusalText(not);
		case 'bad-journal':
			return JOURNAL[not.journal]();
		default:
			return badSetupCodeWords(not.problem);
	}
}

export function badSetupCodeWords(problem: BadSetupCode): string {
	return SETUP_CODE[problem]();
}

const JOURNAL = { 'no-journal': m.emergency_no_journal, 'newer-version': m.emergency_newer_version, 'other-shop': m.emergency_other_shop } as const;

const SETUP_CODE: Readonly<Record<BadSetupCode, () => string>> = {
	'too-long': m.setup_code_too_long,
	nothing: m.setup_code_nothing,
	'other-version': m.setup_code_other_version,
	damaged: m.setup_code_damaged,
	'join-code': m.setup_code_join_code,
	address: m.setup_code_address,
	'not-a-code': m.setup_code_not_a_code,
};
