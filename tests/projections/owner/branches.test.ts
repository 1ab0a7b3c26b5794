/** Branches and devices in the order in which an owner looks for them, and who did something. */
import { languages, speak, spokenOf } from '#languages/spoken.ts';
import { ownerBranches, personOf } from '#projections/owner/branches.ts';
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

test('branches stand by their names, in each its hub first and Till 10 after Till 9, whatever their ids are', () => {
	const branch = (id: string, name: string) => ({
		branch: id,
		branch_name: name,
		currency: 'GBP',
		digits: 2,
		time_zone: 'UTC',
		day_start_minutes: 0,
	});
	const device = (id: string, name: string, role = 'till') => ({ branch: 'a', device: id, name, role, standing: 'active' });
	const told = ownerBranches({
		...{ name: 'Asha', nowMs: 0, branches: [branch('a', 'Station'), branch('b', 'Harbour'), branch('c', 'High Street')] },
		tills: [device('1', 'Till 10'), device('2', 'Till 9'), device('3', 'Hub', 'hub'), device('4', 'Till 1')],
	});
	expect(told.map(({ name }) => name)).toEqual(['Harbour', 'High Street', 'Station']);
	expect(told[2]?.tills.map(({ name }) => name)).toEqual(['Hub', 'Till 1', 'Till 9', 'Till 10']);
});
