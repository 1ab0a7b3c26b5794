import { joinSome, joinWords, type Story } from './story.ts';

export const rosterDisputed: Story<'roster-disputed'> = {
	title: 'Removed each other',
	tone: 'coral',
	tell: ({ devices, revocations }, _conflict, words) => ({
		about: joinSome(devices.map((device) => words.deviceName(device))),
		summary: `${devices.length} devices are suspended`,
		story: `${joinWords(
			revocations.slice(0, 4).map(({ entry, against, reason }) => `${words.whoAndWhen(entry)} removed ${words.deviceName(against)} (${reason})`),
		)}. None of them had heard of the other, and none can judge its own case.`,
		provisional: 'What they had written before stands. What they wrote beyond it is put aside until an owner answers on a hub.',
	}),
};
