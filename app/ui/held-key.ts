/** Keys that do something: the one that is held where a letter or a digit is to (Alt; on Apple's keyboards, where Alt makes letters of its own, Control), and the letter. */

const isApple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

/** As it stands on the key. */
export const HELD_KEY = isApple ? '⌃' : 'Alt';

type Held = Pick<KeyboardEvent, 'altKey' | 'ctrlKey' | 'metaKey'>;

/** It and no other: Windows says that AltGr is Alt and Control. */
export function isHeld({ altKey, ctrlKey, metaKey }: Held): boolean {
	return !metaKey && (isApple ? ctrlKey && !altKey : altKey && !ctrlKey);
}

/** The key of a Latin letter, wherever it lies; on a keyboard that types other letters by its place. */
export function isLetter({ key, code }: Pick<KeyboardEvent, 'key' | 'code'>, letter: string): boolean {
	return key.toLowerCase() === letter || (code === `Key${letter.toUpperCase()}` && !/^[a-z]$/i.test(key));
}
