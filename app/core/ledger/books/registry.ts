/** Every book that the ledger keeps beside stock, products, sales, settings and the roster. */
import * as v from 'valibot';
import type { Book, BookView } from './book.ts';
import { contacts } from './contacts.ts';
import { costs } from './costs.ts';
import { counts } from './counts.ts';
import { credit } from './credit.ts';
import { customers } from './customers.ts';
import { days } from './days.ts';
import { debts } from './debts.ts';
import { drawers } from './drawers.ts';
import { levels } from './levels.ts';
import { orders } from './orders.ts';
import { parked } from './parked.ts';
import { people } from './people.ts';
import { returnedGoods } from './returned-goods.ts';
import { shifts } from './shifts.ts';
import { suppliers } from './suppliers.ts';
import { tillNumbers } from './till-numbers.ts';
import { transfers } from './transfers.ts';
import { wrongPins } from './wrong-pins.ts';
import { zs } from './zs.ts';

export const BOOKS = {
	parked,
	drawers,
	shifts,
	zs,
	days,
	customers,
	contacts,
	credit,
	debts,
	people,
	wrongPins,
	tillNumbers,
	transfers,
	counts,
	returnedGoods,
	suppliers,
	levels,
	orders,
	costs,
} as const;

export type BookName = keyof typeof BOOKS;
export type Books = {
	readonly [Name in BookName]: (typeof BOOKS)[Name] extends Book<infer Subject, infer State, infer _> ? BookView<Subject, State> : never;
};

/** What the entries of a subject come to, as a checkpoint keeps it. */
export type BookSum = readonly [book: BookName, subject: string, sum: unknown];

/** Undefined for a sum that no book of this version understands. */
export function bookSum(name: string, subject: string, sum: unknown): BookSum | undefined {
	if (!Object.hasOwn(BOOKS, name)) return undefined;
	const { sum: summed } = BOOKS[name as BookName] as Book<string, unknown, unknown>;
	const parsed = summed === undefined ? undefined : v.safeParse(summed.schema, sum);
	return parsed?.success === true ? [name as BookName, subject, parsed.output] : undefined;
}
