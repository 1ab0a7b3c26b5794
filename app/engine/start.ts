/** What the app finds when it opens, and what the setup screen may do about it. Fulfilled by `boot.ts`. */
import type { LocalNetworkAccess } from '#ports';
import type { BeginRecovery, KnownBranches } from '#schemas/wire/recovery.ts';
import type { ClaimRequest, HubInfo } from '#schemas/wire/enrolment.ts';

export type StartState =
	/** Not a secure context: no keys, no locks. The page says what is missing. */
	| { readonly state: 'insecure'; readonly origin: string }
	/** The vault cannot be opened (private window, blocked storage, a newer version of the app wrote it). */
	| { readonly state: 'no-storage'; readonly detail: string }
	/** Another tab of this profile sells. */
	| { readonly state: 'second-tab' }
	/** No certificate yet: setup. `hub` is undefined while no hub answers. */
	| { readonly state: 'setup'; readonly hub: HubInfo | undefined }
	/** Commands and views may be used. */
	| { readonly state: 'ready' };

export type { LocalNetworkAccess };

/** As a view of the projections: the value of now at once, then every change. */
export interface Watched<Value> {
	subscribe(listener: (value: Value) => void): () => void;
}

export interface Setup {
	/** A 4xx comes back as its sentence. */
	claim(request: Pick<ClaimRequest, 'kind' | 'claimCode' | 'shop'>): Promise<'enrolled' | { readonly error: string }>;
	join(code: string): Promise<'enrolled' | { readonly error: string }>;
	/** By the hub's whole setup code (`core/setup-code.ts`), wherever this page came from. The browser may ask for the local network meanwhile: explain first. */
	joinBySetupCode(text: string): Promise<'enrolled' | { readonly error: string }>;
	/** Brings a lost shop back to the hub that served this page, on its own machine; with a till's journal where there is no relay. */
	getBack(
		asked: Omit<BeginRecovery, 'journal'>,
		journal?: Uint8Array,
	): Promise<'enrolled' | { readonly error: string; readonly branches?: KnownBranches }>;
	/** Entries that are back already, while it is on its way. */
	readonly comingBack: Watched<number | undefined>;
	readonly localNetwork: Watched<LocalNetworkAccess>;
	/** Asks the hub again who it is. */
	lookAgain(): Promise<void>;
}

export interface TabOwnership {
	/** This tab sells from now on; the other one stops, whatever it was doing. */
	takeOver(): Promise<void>;
}
