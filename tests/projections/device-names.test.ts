/** What a hub called a device reads in the language of whoever looks; what somebody called it stays. */
import { languages, speak, spokenOf } from '#languages/spoken.ts';
import { deviceNameText } from '#projections/device-names.ts';
import { afterEach, expect, test } from 'vitest';

afterEach(() => speak(spokenOf(undefined, [])));

test('a till that a hub numbered is a Kasse in German; a name that somebody gave, or a hub in English, stays', async () => {
	for (const name of ['Till 2', 'Hub', 'Hub 3', 'Front door', 'Till', 'Till 2 upstairs']) expect(deviceNameText(name)).toBe(name);
	await speak(spokenOf('de', []));
	expect(['Till 2', 'Front door', 'Till 2 upstairs'].map(deviceNameText)).toEqual(['Kasse 2', 'Front door', 'Till 2 upstairs']);
	const said = [];
	for (const { language } of languages()) {
		await speak(spokenOf(language, []));
		said.push(deviceNameText('Till 7'));
	}
	expect(new Set(said).size).toBe(languages().length);
	for (const text of said) expect(text).toContain('7');
});
