/** What page and service worker say to each other; versions of different age must understand them, so they never change. */

/** The worker asks every page; the answer on the port that comes along is true or false. */
export const QUESTION = 'holdfast: is a sale open?';
/** A page says so to a version that waits; it asks all the others before it believes it. */
export const NO_SALE_IS_OPEN = 'holdfast: no sale is open';
