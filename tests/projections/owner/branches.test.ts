/** Who did something, as the owner's pages call them. */
import { languages, speak, spokenOf } from '#languages/spoken.ts';
import { personOf } from '#projections/owner/branches.ts';
import { OWNER } from '#schemas/ids.ts';
import { afterEach, expect, test } from 'vitest';

afterEach(() => speak(spokenOf(undefined, [])));

test('what a shop without people did was done by its owner, in the reader’s language; a name is a name', async () => {
	for (const { language } of languages()) {
		await speak(spokenOf(language, []));
		expect(personOf({ person: 'Ada' })).toBe('Ada');
		expect([OWNER, '']).not.toContain(personOf({ person: OWNER }));
		expect(personOf({ person: null })).not.toBe('');
	}
	await speak(spokenOf('de', []));
	expect(personOf({ person: OWNER })).toBe('Inhaber');
});
