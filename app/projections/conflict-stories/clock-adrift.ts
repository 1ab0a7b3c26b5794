import { m } from '#languages/compiled/messages.js';
import { joinWords, type Story } from './story.ts';

export const clockAdrift: Story<'clock-adrift'> = {
	title: m.conflict_clock_title,
	tone: 'amber',
	tell: ({ devices, drifts }, { unsettled }, words) => {
		const names = joinWords(devices.map((device) => words.deviceName(device)));
		const worst = [...drifts].sort((a, b) => b.sawAtMs - b.atMs - (a.sawAtMs - a.atMs))[0];
		const minutes = worst === undefined ? 0 : Math.round((worst.sawAtMs - worst.atMs) / 60_000);
		return {
			about: names,
			summary: m.conflict_clock_summary({
				apart: minutes < 120 ? m.span_minutes({ count: minutes }) : m.span_hours({ count: Math.round(minutes / 60) }),
				count: unsettled.length,
			}),
			story:
				worst === undefined
					? m.conflict_clock_story_short({ names })
					: m.conflict_clock_story({
							...{ count: devices.length, who: words.whoAndWhen(worst.entry), other: words.deviceName(worst.sawBy) },
							time: words.clock(worst.sawAtMs),
						}),
			provisional: m.conflict_clock_stands(),
		};
	},
};
