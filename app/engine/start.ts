/** What the app finds when it opens, and what the setup screen may do about it. Fulfilled by `boot.ts`. */
import type { BadSetupCode } from '#core/setup-code.ts';
import type { LocalNetworkAccess } from '#ports';
import type { BranchAskShown } from '#schemas/wire/branch-opening.ts';
import type { ClaimRequest, HubInfo } from '#schemas/wire/enrolment.ts';
import type { HubRefusal } from '#schemas/wire/hub-refusal.ts';
import type { BeginRecovery, KnownBranches } from '#schemas/wire/recovery.ts';
import type { HubDoor } from '#schemas/wire/hub-place.ts';
import type { BadJournal, BroughtIn } from './journal-file.ts';

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

/** Why this device did not get into the shop, in names that the screen turns into words. Nothing has changed: it may be tried again. */
export type NotIn =
	/** `hub-left`: it stopped answering half way. `network-denied`: the browser was told that this page may not reach the local network. */
	| { readonly problem: BadSetupCode | 'storage-closed' | 'no-webrtc' | 'hub-silent' | 'hub-left' | 'network-denied' }
	/** The place in the shop could not be saved on this device. */
	| { readonly problem: 'not-saved'; readonly detail: string }
	| { readonly problem: 'bad-journal'; readonly journal: BadJournal }
	/** HTTP. */
	| { readonly problem: 'hub-answered'; readonly status: number }
	/** `mayBeAsked`: the browser may be asking for the local network. */
	| { readonly problem: 'nobody-there'; readonly doors: readonly HubDoor[]; readonly mayBeAsked: boolean }
	/** The hub says no (`schemas/wire/hub-refusal.ts`). */
	| ({ readonly problem: 'not-let-in' } & HubRefusal);

/** As a view of the projections: the value of now at once, then every change. */
export interface Watched<Value> {
	subscribe(listener: (value: Value) => void): () => void;
}

export interface Setup {
	claim(request: Pick<ClaimRequest, 'kind' | 'claimCode' | 'shop'>): Promise<'enrolled' | NotIn>;
	join(code: string): Promise<'enrolled' | NotIn>;
	/** By the hub's whole setup code (`core/setup-code.ts`), wherever this page came from. The browser may ask for the local network meanwhile: explain first. */
	joinBySetupCode(text: string): Promise<'enrolled' | NotIn>;
	/** Brings a lost shop back to the hub that served this page, on its own machine; with a till's journal where there is no relay. */
	getBack(asked: Omit<BeginRecovery, 'journal'>, journal?: Uint8Array): Promise<'enrolled' | (NotIn & { readonly branches?: KnownBranches })>;
	/** What the hub that served this page shows for becoming a branch, on its own machine; `opened`: it has become one. */
	branchAsk(): Promise<BranchAskShown | 'opened' | undefined>;
	/** Makes this the first till of the hub that has become a branch, or becomes one by this file. */
	asBranch(file?: Uint8Array): Promise<'enrolled' | NotIn>;
	/** Takes a till's journal into the hub that served this page, on its own machine: the way in where that machine is no till. */
	bringJournal(file: Uint8Array<ArrayBuffer>): Promise<BroughtIn | NotIn>;
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
