import { joinSome, type Story } from './story.ts';

export const tillNumberShared: Story<'till-number-shared'> = {
	title: 'Two tills, one number',
	tone: 'coral',
	tell: ({ till, devices }, { members }, words) => ({
		about: `Till number ${till}`,
		summary: `${joinSome(devices.map(({ device }) => words.deviceName(device)))} have the number ${till}`,
		story: `The number ${till} was given more than once: ${joinSome(members.map(({ hash }) => words.whoAndWhen(hash)))}, without knowing of each other.`,
		provisional: `So that no two receipts have one number, ${joinSome(
			devices.flatMap(({ device, suffix }) => (suffix === undefined ? [] : [`${words.deviceName(device)} prints ${suffix} after it`])),
		)}.`,
	}),
};
