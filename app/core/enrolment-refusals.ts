/** Why a hub lets a device not in. Screens say it in their own language; the sentence is for terminals, and for tills of a newer or older version. */
export const NOT_LET_IN = {
	'too-often': 'Too many tries. Wait a minute, then try again.',
	incomplete: 'The request is not complete. Update this till and the hub, then try again.',
	'shop-incomplete': 'A new shop needs a name, a branch, a currency, tax rates and a time zone.',
	'tax-rates-alike': 'Two tax rates have the same name. Give each a name of its own.',
	'no-time-zone': 'There is no such time zone. Name one like Europe/London.',
	'not-proven': 'The till could not prove its key. Reload the page and try again.',
	'has-shop': 'This hub has a shop already. Join it with the code that it shows.',
	'no-shop': 'This hub has no shop yet. Make one first.',
	'coming-back': 'This hub is getting the shop’s record back, and lets nobody in before it is whole. Try again in a moment.',
	'hub-starting': 'The hub is starting. Try again in a moment.',
	'needs-claim-code': 'This hub is on another machine. Type the code that its terminal shows.',
	'wrong-claim-code': 'That is not the code in the hub’s terminal. Look there again: it may be a new one.',
	'wrong-code': 'That is not the code. Codes are used once and last ten minutes: look at the hub again.',
	'wrong-five-times': 'That was wrong five times. The hub shows a new code now.',
	'needs-managers-code': 'A hub joins with the code for a manager’s till that the first hub shows, in its terminal or on its own machine.',
	'was-removed': 'This till was removed from the shop. Clear its site data in the browser, and it can join as a new till.',
	'key-taken': 'Another device of this shop has this till’s network key. Clear its site data in the browser, then join again.',
	'not-enrolled': 'The device could not be enrolled. Try again.',
	'not-understood': 'The hub does not understand this till. Update both, then try again.',
	'other-key': 'The till asks under another network key than its own. Reload the page and try again.',
} as const;

export type NotLetIn = keyof typeof NOT_LET_IN;
