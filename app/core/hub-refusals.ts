/**
 * Why a hub does not do what it is asked: bring a shop back, keep its key elsewhere, open a branch. As `enrolment-refusals.ts`: screens say it in their own
 * language; the sentence is for terminals, and for tills of a newer or older version. `{what}` is filled in from the refusal's figures.
 */
export const HUB_REFUSALS = {
	'another-machine': 'This is done on the hub’s own machine only. Open its page there.',

	// Keeping the key.
	'key-not-here': 'The key that recovers this shop is not on this machine: it is kept elsewhere, or this hub joined later.',
	'no-passphrase': 'Choose a passphrase first.',
	'passphrase-short': 'That passphrase is short. Take {least} letters or more: four words that nobody would guess.',
	'nothing-shown': 'Type a group of the code, or choose the file and type its passphrase.',
	'wrong-group': 'That is not group {group} of the code. Look at the paper again.',
	'wrong-passphrase': 'The recovery file does not open with that passphrase. Type it again.',
	'no-recovery-file': 'That is no recovery file of this version of Holdfast, or it was cut short. Choose the file that was saved as one.',
	'file-of-another-shop': 'That file recovers another shop. Choose the one that was just saved.',

	// Bringing a shop back.
	'no-secret': 'Bring the recovery code, or the recovery file and its passphrase.',
	'code-length': 'A recovery code has {of} letters, and these are {letters}. Look at the paper again.',
	'code-group': 'Group {group} of the code has a letter that is wrong. Look at the paper again.',
	'code-not-whole': 'Each group is right by itself, but together they are no code: are they all of one paper?',
	'not-new': 'This hub has a shop already. A shop is brought back to a hub that is new: name another folder with --data.',
	'no-relay-named':
		'The code alone does not say where the record is. Start this hub with --relay and the address of the relay, or bring a till’s journal too.',
	'relay-silent': 'The relay at {relay} does not answer. Check the address and the network, or bring a till’s journal.',
	'relay-empty': 'The relay at {relay} holds nothing of this shop. Check its address and the code.',
	'no-such-branch': 'There is no branch of that name. The relay knows: {branches}.',
	'several-branches': 'The shop has several branches: {branches}. Name the one of this hub.',
	'journal-unreadable': 'This is no journal of a till, or it was cut short. Choose the file that “Save this till’s journal” made.',
	'journal-newer': 'This journal is of a newer version. Update this hub first.',
	'journal-of-another-shop': 'That journal is of another shop. Choose one of this shop.',
	'no-journal-awaited': 'This hub waits for no journal. Begin to bring the shop back again.',

	// A further branch, at a hub of the shop.
	'branch-incomplete': 'Type the name of the branch, and the code that the new hub shows.',
	'may-not-open': 'This till may not open a branch. Open it at a till of this shop that may let devices in.',
	'no-branch-code': 'That is no code of a new hub. It has twelve letters, in three groups.',
	'branch-code-damaged': 'That code or file is damaged. Take it from the new hub again.',
	'other-hub-answered': 'The relay answered with another hub than the one that shows this code. Take the file from the new hub instead.',
	'relay-unknown': 'This hub knows no relay, so the code alone does not find the new hub. Take the file from the new hub instead.',
	'nobody-asks': 'No hub with that code asks at the relay now. Look at the code on the new hub again, and that it was started with the same relay.',
	'relay-answered': 'The relay answered {status}. Try again in a moment.',
	'relay-away': 'The relay does not answer. Try again, or take the file from the new hub instead.',
	'let-in-late': 'This hub was itself let in by a later one, and opens no branch. Open it at the store’s first hub, or at one that was recovered.',
	'of-a-branch-already': 'That hub is of a branch of this shop already. Start it with an empty data folder to make it a new one.',
	'hub-was-removed': 'That hub was removed from the shop. Start it with an empty data folder.',
	'branch-name-taken': 'There is a branch called {name} already. Give this one another name.',
	'branch-not-written': 'The branch could not be written down. Look at this hub’s disk, then try again.',
	'branch-not-opened': 'The branch could not be opened. Try again.',

	// And at the new hub.
	'no-branch-file': 'That is no file of a branch, or it was cut short. Choose the file that the shop made.',
	'no-branch-awaited': 'This hub waits for no file of a branch. Begin with its code again.',
	'other-code': 'That answers another code than {code}, which this hub shows now. Open the branch with this one.',
	'other-certificate': 'The certificate in that answer is not of this hub. Open the branch again with the code that it shows.',
	'answer-cut-short': 'That answer was cut short. Open the branch again with the code that this hub shows.',

	// Who stays of devices that removed each other.
	'dispute-gone': 'There is no such question any more. Look at Conflicts again.',
	'dispute-not-written': 'The answer could not be written down. Look at this hub’s disk, then try again.',

	/** Said by the till. */
	'hub-silent': 'The hub does not answer. Check that it runs, then try again.',
	'in-training': 'Training changes nothing of the shop. Stop it first.',
} as const;

export type HubRefusalName = keyof typeof HUB_REFUSALS;
export type RefusalFigures = Readonly<Record<string, string | number>>;

export function hubRefusalWords(why: HubRefusalName, figures: RefusalFigures = {}): string {
	return HUB_REFUSALS[why].replace(/\{(\w+)\}/g, (_, name: string) => String(figures[name] ?? ''));
}
