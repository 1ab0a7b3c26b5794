/** A relay's record that is not there: two branches of one store with some weeks behind them, the same at every visit. `?owner=` chooses who looks. */
import type { OwnerQuestion, OwnerRecord } from '#engine/owner-record.ts';
import { tradingDayOf } from '#core/time.ts';
import type { Live, RecordRow } from '#schemas/wire/owner-pages.ts';

const [HARBOUR, STATION] = ['1'.repeat(32), '2'.repeat(32)];
const NAMES: Readonly<Record<string, string>> = { [HARBOUR]: 'Harbour Street', [STATION]: 'Station Road' };
const PRODUCTS = ['Sourdough loaf', 'Flat white', 'Natural yogurt 500 g', '<b>Free range</b> eggs, 6', 'Hot cross buns, 4', 'Olive oil 75 cl'];
const PEOPLE = ['Mia Kerr', 'Cas Whitby', 'Olga Fenn'];

export function createFixtureOwner(): OwnerRecord {
	const who = new URLSearchParams(location.search).get('owner') ?? 'in';
	let isIn = who !== 'out' && who !== 'wrong';
	const nowMs = new Date().setUTCHours(15, 41, 0, 0);
	const today = tradingDayOf(nowMs, 'Europe/London', 0);
	const branches = who === 'empty' ? [] : [HARBOUR, STATION];

	function live(): Live {
		return {
			...{ name: 'Asha', nowMs },
			branches: branches.map((branch, place) => ({
				...{ branch, branch_name: NAMES[branch] ?? '', store_name: 'Tidewater Stores', currency: 'GBP', digits: 2, time_zone: 'Europe/London' },
				...{ day_start_minutes: 0, entries: 48_210 - place * 9_000, conflicts: place * 2, newer_version: false, written_ms: nowMs - 3_000 },
				...{ devices_linked: place === 0 ? 3 : 0, heard_ms: nowMs - place * 47 * 60_000, waiting: place * 12 },
				waiting_since_ms: place === 0 ? null : nowMs - 47 * 60_000,
			})),
			tills: branches.flatMap((branch, place) =>
				['Hub', 'Till 1', 'Till 2'].map((name, n) => ({
					...{
						branch,
						device: `${branch.slice(0, 4)}${n}`,
						name,
						role: n === 0 ? 'hub' : 'till',
						standing: place === 1 && n === 2 ? 'revoked' : 'active',
					},
					...{ linked: place === 0, heard_ms: nowMs - (place * 47 + n) * 60_000, waiting: place === 1 && n === 1 ? 12 : 0, waiting_since_ms: null },
				})),
			),
		};
	}

	function rowsOf({ view, branch, from = today, to = today, find = '', by = '' }: OwnerQuestion): readonly RecordRow[] {
		const of = branches.filter((one) => branch === undefined || one === branch);
		const named = (one: string): RecordRow => ({ branch: one, branch_name: NAMES[one] ?? '', currency: 'GBP' });
		switch (view) {
			case 'takings_by_hour':
				return of.flatMap((one, place): RecordRow[] =>
					by.endsWith('hour')
						? hours(from === today ? 15 : 19).map((hour) => ({ ...named(one), hour, ...takenIn(from, hour, place) }))
						: daysBetween(from, to < today ? to : today).map((day) => ({ ...named(one), trading_day: day, ...takenIn(day, 3, place, 11) })),
				);
			case 'takings_by_product':
				return PRODUCTS.map((name, place) => ({
					...named(HARBOUR),
					sku: `SKU-${place}`,
					name,
					quantity: 84 - place * 11,
					takings: 412.5 - place * 47.1,
				}));
			case 'takings_by_person':
				return PEOPLE.map((person, place) => ({ ...named(HARBOUR), person, sales: 61 - place * 14, refunds: place, takings: 893.4 - place * 211.2 }));
			case 'stock':
				return PRODUCTS.flatMap((name, place) => {
					if (find !== '' && !`${name} SKU-${place}`.toLowerCase().includes(find.toLowerCase())) return [];
					const row = { sku: `SKU-${place}`, name, category: 'Pantry', unit: 'each', on_hand: place === 4 ? -3 : 41 - place * 6 };
					return by === '' ? of.map((one) => ({ ...named(one), ...row })) : [row];
				});
			case 'products':
				return PRODUCTS.flatMap((name, place) =>
					`SKU-${place}`.toLowerCase() === find.toLowerCase()
						? of.map((one) => ({ ...named(one), sku: `SKU-${place}`, name, unit_price: 8.9 + (one === STATION ? 0.6 : 0) }))
						: [],
				);
			case 'in_transit':
				return of.map((one) => ({
					...{ ...named(one), transfer: 't1', sku: 'SKU-5', name: 'Olive oil 75 cl', from_branch: HARBOUR, to_branch: STATION },
					...{ sent_ms: nowMs - 7_200_000, sent_quantity: 24, in_transit: 24 },
				}));
			case 'conflicts':
				return of.includes(STATION)
					? ['oversold', 'drawer-difference'].map((kind, place) => ({ ...named(STATION), conflict: kind, kind, stake: 12.4 + place }))
					: [];
			case 'z_reports':
				return of.flatMap((one, place): RecordRow[] =>
					[2, 1].map((z) => ({
						...{
							...named(one),
							entry: `${place}${z}`,
							z: 110 + z,
							trading_day: daysBetween(from, to)[z - 1] ?? from,
							till: 'Till 1',
							person: 'Mia Kerr',
						},
						...{ sales: 143 - z, refunds: z, takings: 1_904.35 - z * 100, problems: place === 1 && z === 1 ? 'One receipt came later.' : '' },
					})),
				);
			case 'acts':
				return ['sale.completed', 'price.changed', 'stock.received', 'shift.closed cash.counted', 'refund.completed'].map((what, place) => ({
					...{
						...named(branch ?? HARBOUR),
						entry: String(place).repeat(64),
						at_ms: nowMs - place * 540_000,
						till: 'Till 1',
						person: 'Cas Whitby',
						what,
					},
					standing: place === 4 ? 'quarantined' : 'counts',
				}));
			default:
				return [];
		}
	}

	return {
		signIn(text) {
			if (who === 'wrong') return Promise.resolve(text === 'WAIT' ? { waitS: 8 } : 'wrong');
			isIn = true;
			return Promise.resolve('in');
		},
		signOut() {
			isIn = false;
			return Promise.resolve();
		},
		live: () =>
			Promise.resolve(who === 'away' ? { trouble: 'away' } : who === 'hub' ? { trouble: 'not-here' } : isIn ? live() : { trouble: 'signed-out' }),
		page: (question) => Promise.resolve(who === 'broken' ? { trouble: 'away' } : { rows: rowsOf(question) }),
	};
}

const hours = (until: number): readonly number[] => Array.from({ length: until - 6 }, (_, place) => place + 7);

/** A busy lunch, a busier Saturday, and growth over the year. */
function takenIn(day: string, hour: number, place: number, hoursIn = 1): RecordRow {
	const at = Date.parse(`${day}T00:00:00Z`);
	const season = 1 + (at - Date.UTC(2026, 0, 1)) / 86_400_000 / 3_000 + (new Date(at).getUTCDay() === 6 ? 0.3 : 0);
	const takings = Math.round((140 - 9 * Math.abs(hour - 13)) * season * hoursIn * (place === 0 ? 1 : 0.62) * 100) / 100;
	return {
		takings,
		sales: Math.round(takings / 9.4),
		refunds: hour % 5 === 0 ? 1 : 0,
		tax: Math.round(takings * 8) / 100,
		discounts: Math.round(takings) / 100,
	};
}

function daysBetween(from: string, to: string): readonly string[] {
	const days: string[] = [];
	for (let at = Date.parse(`${from}T00:00:00Z`); at <= Date.parse(`${to}T00:00:00Z`); at += 86_400_000)
		days.push(new Date(at).toISOString().slice(0, 10));
	return days;
}
