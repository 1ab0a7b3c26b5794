/** The key that is held where a letter or a digit is to do something: Alt; on Apple's keyboards, where Alt makes letters of its own, Control. */

const isApple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

/** As it stands on the key. */
export const HELD_KEY = isApple ? '⌃' : 'Alt';

type Held = Pick<KeyboardEvent, 'altKey' | 'ctrlKey' | 'metaKey'>;

/** It and no other: Windows says that AltGr is Alt and Control. */
export function isHeld({ altKey, ctrlKey, metaKey }: Held): boolean {
	return !metaKey && (isApple ? ctrlKey && !altKey : altKey && !ctrlKey);
}
