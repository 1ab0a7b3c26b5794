/** What the owner's pages ask of the relay that serves them. Nothing is written: a page that cannot reach it says so, and shows what it had. */
import type { Live, RecordRow } from '#schemas/wire/owner-pages.ts';

/** `signed-out`: no session, or one that was taken back. `away`: nobody answers. `busy`: ask again. `not-here`: whoever serves this page is no relay. */
export interface OwnerTrouble {
	readonly trouble: 'signed-out' | 'away' | 'busy' | 'not-here';
}

/** As `GET /api` describes it. */
export interface OwnerQuestion {
	readonly view: string;
	readonly branch?: string | undefined;
	readonly from?: string | undefined;
	readonly to?: string | undefined;
	readonly find?: string | undefined;
	readonly by?: string | undefined;
	readonly most?: string | undefined;
	readonly order?: 'last' | undefined;
	readonly after?: string | undefined;
	/** Absent: as many as a page may have, 1,000 rows or 10,000 sums. */
	readonly limit?: number | undefined;
}

export interface OwnerPage {
	readonly rows: readonly RecordRow[];
	/** `after` of the next page. */
	readonly next?: string | undefined;
	/** Of sums, which have one page: there are others. */
	readonly more?: boolean | undefined;
}

export interface OwnerRecord {
	/** `text`: the code of a link, or a token. `waitS`: seconds, after wrong tries. */
	signIn(text: string): Promise<'in' | 'wrong' | { readonly waitS: number } | OwnerTrouble>;
	signOut(): Promise<void>;
	live(): Promise<Live | OwnerTrouble>;
	page(question: OwnerQuestion): Promise<OwnerPage | OwnerTrouble>;
}
