/** What the page for auditors found, a sentence each. */
import type { Finding, NamedEntry } from '#core/audit/finding.ts';
import { m } from '#languages/compiled/messages.js';
import type { Scope } from '#schemas/ids.ts';
import { damageText } from './damage-words.ts';
import { deviceNameText } from './device-names.ts';
import { zFaultText } from './z-words.ts';

export function findingText({ why }: Pick<Finding, 'why'>): string {
	switch (why.is) {
		case 'of-unknown-device':
			return m.finding_unknown_device({ at: why.at });
		case 'unreadable':
			return m.finding_unreadable({ at: why.at, damage: damageText(why.damage) });
		case 'altered':
			return m.finding_altered({ at: why.at, entry: entryText(why.entry), damage: damageText(why.damage) });
		case 'missing':
			return m.finding_missing({ entry: entryText(why.entry), next: why.next });
		case 'missing-up-to':
			return m.finding_missing_up_to({ entry: entryText(why.entry), last: why.last });
		case 'after-another':
			return m.finding_after_another({ entry: entryText(why.entry), before: why.entry.seq - 1 });
		case 'forked':
			return m.finding_forked({ entry: entryText(why.entry), times: why.times });
		case 'cut-off': {
			const by = 'witness' in why.by ? (WITNESSES[why.by.witness]?.() ?? why.by.witness) : entryText(why.by);
			return m.finding_cut_off({
				chain: m.finding_chain({ device: deviceNameText(why.chain.name), chain: scopeText(why.chain.scope) }),
				last: why.last,
				by,
				seen: why.seen,
			});
		}
		case 'not-later':
			return m.finding_not_later({ entry: entryText(why.entry), than: entryText(why.than) });
		case 'twice':
			return m.finding_twice({ at: why.at, entry: entryText(why.entry) });
		case 'misplaced':
			return m.finding_misplaced({ at: why.at, entry: entryText(why.entry), place: entryText(why.place) });
		case 'out-of-order':
			return m.finding_out_of_order({ at: why.at, entry: entryText(why.entry), before: entryText(why.before) });
		case 'receipt':
			return m.finding_receipt({ entry: entryText(why.entry), bears: why.bears, expected: why.expected });
		case 'certificate':
			return m.finding_certificate({ number: why.number });
		case 'z': {
			const fault = zFaultText(why.fault, why.currency, []);
			const words =
				why.z === undefined
					? m.finding_shift({ device: deviceNameText(why.name), fault })
					: m.finding_z({ number: why.z, device: deviceNameText(why.name), fault });
			return why.waits ? m.finding_waits({ words }) : words;
		}
		case 'file-missing':
			return m.finding_file_missing({ file: why.file });
		case 'file-changed':
			return m.finding_file_changed({ file: why.file });
		case 'file-added':
			return m.finding_file_added({ file: why.file });
		case 'file-unreadable':
			return m.finding_file_unreadable({ file: why.file });
		case 'miscounted':
			return m.finding_miscounted({ said: why.said, held: why.held });
	}
}

/** Which of a device's two chains. */
export function scopeText(scope: Scope): string {
	return scope === 'branch' ? m.chain_branch() : m.chain_store();
}

function entryText({ seq, name, scope }: NamedEntry): string {
	return m.finding_entry({ seq, device: deviceNameText(name), chain: scopeText(scope) });
}

const WITNESSES: Readonly<Record<string, (() => string) | undefined>> = { 'the manifest': m.finding_by_manifest };
