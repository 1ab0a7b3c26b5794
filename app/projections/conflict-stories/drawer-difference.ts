import type { Story } from './story.ts';

export const drawerDifference: Story<'drawer-difference'> = {
	title: 'Drawer and books differ',
	tone: 'amber',
	tell: ({ device, shift, countedMinor, expectedMinor, differenceMinor, toleranceMinor }, _conflict, words) => ({
		about: `${words.deviceName(device)}, shift ${shift}`,
		summary: `${words.money(Math.abs(differenceMinor))} ${differenceMinor < 0 ? 'missing' : 'too much'}`,
		story: `${words.money(countedMinor)} was counted where ${words.money(expectedMinor)} was expected${toleranceMinor > 0 ? `; up to ${words.money(toleranceMinor)} either way is tolerated` : ''}.`,
		provisional: 'It stands as counted.',
	}),
};
