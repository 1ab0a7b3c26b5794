import { joinWords, plural, type Story } from './story.ts';

export const clockAdrift: Story<'clock-adrift'> = {
	title: 'Clocks disagree',
	tone: 'amber',
	tell: ({ devices, drifts }, { unsettled }, words) => {
		const names = joinWords(devices.map((device) => words.deviceName(device)));
		const worst = [...drifts].sort((a, b) => b.sawAtMs - b.atMs - (a.sawAtMs - a.atMs))[0];
		const minutes = worst === undefined ? 0 : Math.round((worst.sawAtMs - worst.atMs) / 60_000);
		return {
			about: names,
			summary: `${minutes < 120 ? plural(minutes, 'minute') : plural(Math.round(minutes / 60), 'hour')} apart, ${plural(unsettled.length, 'entry', 'entries')}`,
			story:
				worst === undefined
					? `The clocks of ${names} disagree.`
					: `${words.whoAndWhen(worst.entry)} had already heard of what ${devices.length === 1 ? 'it wrote itself' : `${words.deviceName(worst.sawBy)} wrote`} at ${words.clock(worst.sawAtMs)}. ${devices.length === 1 ? 'Its clock was set back.' : 'One of the two clocks is wrong.'}`,
			provisional: 'Everything is in its right order all the same. Times on receipts are what each clock said.',
		};
	},
};
