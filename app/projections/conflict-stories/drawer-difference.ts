import { m } from '#languages/compiled/messages.js';
import type { Story } from './story.ts';

export const drawerDifference: Story<'drawer-difference'> = {
	title: m.conflict_drawer_title,
	tone: 'amber',
	tell: ({ device, shift, countedMinor, expectedMinor, differenceMinor, toleranceMinor }, _conflict, words) => ({
		about: m.conflict_drawer_about({ device: words.deviceName(device), shift }),
		summary: m.conflict_drawer_summary({ way: differenceMinor < 0 ? 'less' : 'more', amount: words.money(Math.abs(differenceMinor)) }),
		story: m.conflict_drawer_story({
			...{ tolerates: toleranceMinor > 0 ? 'yes' : 'no', tolerance: words.money(toleranceMinor) },
			...{ counted: words.money(countedMinor), expected: words.money(expectedMinor) },
		}),
		provisional: m.conflict_drawer_stands(),
	}),
};
