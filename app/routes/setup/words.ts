/** Why a device did not get into its shop, and what to do: what a hub, a browser or a setup code may be the matter with. */
import { NOT_LET_IN, type NotLetIn } from '#core/enrolment-refusals.ts';
import type { BadSetupCode } from '#core/setup-code.ts';
import type { NotIn } from '#engine/start.ts';
import { formatList } from '#languages/figures.ts';
import { m } from '#languages/compiled/messages.js';

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
			// Of a hub that knows more than this page, its own words.
			return not.why !== undefined && Object.hasOwn(NOT_LET_IN, not.why) ? LET_IN[not.why as NotLetIn]() : not.error;
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

const LET_IN: Readonly<Record<NotLetIn, () => string>> = {
	'too-often': m.not_let_in_too_often,
	incomplete: m.not_let_in_incomplete,
	'shop-incomplete': m.not_let_in_shop_incomplete,
	'tax-rates-alike': m.not_let_in_tax_rates_alike,
	'no-time-zone': m.not_let_in_no_time_zone,
	'not-proven': m.not_let_in_not_proven,
	'has-shop': m.not_let_in_has_shop,
	'no-shop': m.not_let_in_no_shop,
	'coming-back': m.not_let_in_coming_back,
	'hub-starting': m.not_let_in_hub_starting,
	'needs-claim-code': m.not_let_in_needs_claim_code,
	'wrong-claim-code': m.not_let_in_wrong_claim_code,
	'wrong-code': m.not_let_in_wrong_code,
	'wrong-five-times': m.not_let_in_wrong_five_times,
	'was-removed': m.not_let_in_was_removed,
	'key-taken': m.not_let_in_key_taken,
	'not-enrolled': m.not_let_in_not_enrolled,
	'not-understood': m.not_let_in_not_understood,
	'other-key': m.not_let_in_not_proven,
};
