/** Who may buy what has an age limit: asked once a sale, for the highest limit in it. */
import type { AgeChecked } from '#schemas/facts/sale-completed.ts';
import type { TradingDay } from '#schemas/ids.ts';

/** Born on that day or earlier is old enough on the trading day. Who was born on 29 February has their birthday on 1 March in years without one. */
export function ageCheck(years: number, day: TradingDay): AgeChecked {
	const [year = '', month = '', date = ''] = day.split('-');
	const born = Number(year) - years;
	const isLeap = born % 4 === 0 && (born % 100 !== 0 || born % 400 === 0);
	const bornBy = month === '02' && date === '29' && !isLeap ? '28' : date;
	return { years, bornBy: `${String(born).padStart(4, '0')}-${month}-${bornBy}` };
}

/** Whether a person has to be asked before this goes into the sale. */
export function asksAge(ageLimit: number | undefined, checked: AgeChecked | undefined): ageLimit is number {
	return ageLimit !== undefined && (checked === undefined || checked.years < ageLimit);
}
