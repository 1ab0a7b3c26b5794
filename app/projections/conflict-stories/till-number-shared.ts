import { m } from '#languages/compiled/messages.js';
import { joinSome, type Story } from './story.ts';

export const tillNumberShared: Story<'till-number-shared'> = {
	title: m.conflict_number_title,
	tone: 'coral',
	tell: ({ till, devices }, { members }, words) => ({
		about: m.conflict_number_about({ number: till }),
		summary: m.conflict_number_summary({ devices: joinSome(devices.map(({ device }) => words.deviceName(device))), number: till }),
		story: m.conflict_number_story({ number: till, who: joinSome(members.map(({ hash }) => words.whoAndWhen(hash))) }),
		provisional: m.conflict_number_stands({
			devices: joinSome(
				devices.flatMap(({ device, suffix }) => (suffix === undefined ? [] : [m.conflict_number_one({ device: words.deviceName(device), suffix })])),
			),
		}),
	}),
};
