/** What a hub refuses and what to do, in the words of whoever asked. Of a hub that knows more than this page, its own sentence. */
import { NOT_LET_IN, type NotLetIn } from '#core/enrolment-refusals.ts';
import { HUB_REFUSALS, type HubRefusalName } from '#core/hub-refusals.ts';
import { m } from '#languages/compiled/messages.js';
import type { HubRefusal } from '#schemas/wire/hub-refusal.ts';

export function hubRefusalText({ error, why, figures = {} }: HubRefusal): string {
	if (why !== undefined && Object.hasOwn(NOT_LET_IN, why)) return LET_IN[why as NotLetIn]();
	if (why === undefined || !Object.hasOwn(HUB_REFUSALS, why)) return error;
	return HUB_SAYS[why as HubRefusalName]((name) => String(figures[name] ?? ''));
}

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
	'needs-managers-code': m.not_let_in_needs_managers_code,
	'was-removed': m.not_let_in_was_removed,
	'key-taken': m.not_let_in_key_taken,
	'not-enrolled': m.not_let_in_not_enrolled,
	'not-understood': m.not_let_in_not_understood,
	'other-key': m.not_let_in_not_proven,
};

type Figure = (name: string) => string;

const HUB_SAYS: Readonly<Record<HubRefusalName, (figure: Figure) => string>> = {
	'another-machine': m.hub_says_another_machine,
	'key-not-here': m.hub_says_key_not_here,
	'no-passphrase': m.hub_says_no_passphrase,
	'passphrase-short': (figure) => m.hub_says_passphrase_short({ least: figure('least') }),
	'nothing-shown': m.hub_says_nothing_shown,
	'wrong-group': (figure) => m.hub_says_wrong_group({ group: figure('group') }),
	'wrong-passphrase': m.hub_says_wrong_passphrase,
	'no-recovery-file': m.hub_says_no_recovery_file,
	'file-of-another-shop': m.hub_says_file_of_another_shop,
	'no-secret': m.hub_says_no_secret,
	'code-length': (figure) => m.hub_says_code_length({ of: figure('of'), letters: figure('letters') }),
	'code-group': (figure) => m.hub_says_code_group({ group: figure('group') }),
	'code-not-whole': m.hub_says_code_not_whole,
	'not-new': m.hub_says_not_new,
	'no-relay-named': m.hub_says_no_relay_named,
	'relay-silent': (figure) => m.hub_says_relay_silent({ relay: figure('relay') }),
	'relay-empty': (figure) => m.hub_says_relay_empty({ relay: figure('relay') }),
	'no-such-branch': (figure) => m.hub_says_no_such_branch({ branches: figure('branches') }),
	'several-branches': (figure) => m.hub_says_several_branches({ branches: figure('branches') }),
	'journal-unreadable': m.hub_says_journal_unreadable,
	'journal-newer': m.hub_says_journal_newer,
	'journal-of-another-shop': m.hub_says_journal_of_another_shop,
	'no-journal-awaited': m.hub_says_no_journal_awaited,
	'branch-incomplete': m.hub_says_branch_incomplete,
	'may-not-open': m.hub_says_may_not_open,
	'no-branch-code': m.hub_says_no_branch_code,
	'branch-code-damaged': m.hub_says_branch_code_damaged,
	'other-hub-answered': m.hub_says_other_hub_answered,
	'relay-unknown': m.hub_says_relay_unknown,
	'nobody-asks': m.hub_says_nobody_asks,
	'relay-answered': (figure) => m.hub_says_relay_answered({ status: figure('status') }),
	'relay-away': m.hub_says_relay_away,
	'let-in-late': m.hub_says_let_in_late,
	'of-a-branch-already': m.hub_says_of_a_branch_already,
	'hub-was-removed': m.hub_says_hub_was_removed,
	'branch-name-taken': (figure) => m.hub_says_branch_name_taken({ name: figure('name') }),
	'branch-not-written': m.hub_says_branch_not_written,
	'branch-not-opened': m.hub_says_branch_not_opened,
	'no-branch-file': m.setup_branch_no_file,
	'no-branch-awaited': m.hub_says_no_branch_awaited,
	'other-code': (figure) => m.hub_says_other_code({ code: figure('code') }),
	'other-certificate': m.hub_says_other_certificate,
	'answer-cut-short': m.hub_says_answer_cut_short,
	'dispute-gone': m.hub_says_dispute_gone,
	'dispute-not-written': m.hub_says_dispute_not_written,
	'hub-silent': m.setup_hub_silent,
	'in-training': m.refusal_in_training,
};
