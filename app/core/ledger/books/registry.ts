/** Every book that the ledger keeps beside stock, products, sales, settings and the roster. */
import type { Book, BookView } from './book.ts';
import { parked } from './parked.ts';

export const BOOKS = { parked } as const;

export type BookName = keyof typeof BOOKS;
export type Books = { readonly [Name in BookName]: (typeof BOOKS)[Name] extends Book<infer Subject, infer State> ? BookView<Subject, State> : never };
