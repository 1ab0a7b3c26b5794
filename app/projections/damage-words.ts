/** What is the matter with bytes that cannot be believed, and where they lay: findings are written down by their English names, also by older tills. */
import { m } from '#languages/compiled/messages.js';

export function damageText(reason: string): string {
	return REASONS.find(([pattern]) => pattern.test(reason))?.[1]() ?? m.damage_other({ detail: reason });
}

const REASONS: readonly (readonly [pattern: RegExp, words: () => string])[] = [
	[/^not a sealed entry$|^not deterministic CBOR$|^not an entry: |^header: |^neither an entry nor a certificate/, m.damage_no_entry],
	[/^its signature does not verify$/, m.damage_signature],
	[/^an entry of another store$/, m.damage_other_store],
	[/^an entry whose device has no certificate here$|^a certificate that no longer verifies$/, m.damage_no_certificate],
	[/^cannot be opened: /, m.damage_not_opened],
	[/^its storage cannot be read: |^older entries cannot be read: /, m.damage_not_read],
	[/^stock rows cannot be kept: /, m.damage_not_kept],
	[/ on disk .*; it was set aside/, m.damage_set_aside],
	[/^far larger than a /, m.damage_too_large],
	[/^its list was replaced|^holds items that are no bytes$|^items were taken out of it$|^does not name the root key/, m.damage_spoilt],
	[/^two signers hold different figures/, m.damage_two_signers],
	[/ signed is not what its entries come to$/, m.damage_signed_otherwise],
];

export function placeText(document: string): string {
	const segment = SEGMENT.exec(document)?.groups;
	if (segment !== undefined) return m.damage_segment({ number: segment['number'] ?? '', device: segment['device'] ?? '' });
	return /^catch-up from /.test(document) ? m.damage_place_catch_up() : (PLACES[document]?.() ?? document);
}

const SEGMENT = /^segment (?<number>\d+) of (?<device>[^,]+)(, (branch|store))?$/;
const PLACES: Readonly<Record<string, (() => string) | undefined>> = {
	'entry store': m.damage_place_disk,
	checkpoint: m.damage_place_checkpoint,
	'live lane': m.damage_place_lane,
	'a journal': m.damage_place_journal,
};
