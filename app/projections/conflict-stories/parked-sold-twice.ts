import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const parkedSoldTwice: Story<'parked-sold-twice'> = {
	title: m.conflict_parked_title,
	tone: 'coral',
	tell: (_detail, { members }, words) => ({
		about: joinSome(members.map(({ hash }) => words.what(hash))),
		summary: m.conflict_parked_summary({ count: members.length }),
		story: m.conflict_parked_story({ count: members.length, who: joinSome(members.map(({ hash }) => words.whoAndWhen(hash))) }),
		provisional: m.conflict_parked_stands(),
	}),
};
