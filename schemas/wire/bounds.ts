/**
 * How much a peer may send, how fast, and why: the bounds that doors and links keep, on one page. A device is counted as one, through whatever links it makes.
 * What a single message of ours may hold stands with its schema (`direct.ts`, `lane.ts`, `link.ts`).
 */
import { MAX_FRAME_BYTES, MAX_HELLO_BYTES } from './link.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** A relay's side of a branch: for each device that was let in, and for all of the branch together. */
export const RELAY_BOUNDS = {
	/** The largest frame: a whole segment of 1,000 large entries. `ws` closes before more is in memory. */
	frameBytes: 16 * MIB,
	/** A month offline is about 20,000 sales of 600 bytes: 12 MiB, and twice that on the wire. 64 MiB in ten seconds are out of an honest till's reach. */
	windowMs: 10_000,
	bytesInWindow: 64 * MIB,
	/** A sale is three or four frames, and a till that sends 1,000 sales a second is a replay. */
	framesInWindow: 50_000,
	/** Four devices at their bound. Whoever sends most is ended first, so that the others go on. */
	branchBytesInWindow: 256 * MIB,
	branchFramesInWindow: 200_000,
	/** A page of catch-up is 256 entries, read and sent in some milliseconds: 25,600 entries a second for whoever was long away, and never a whole core for one. Beyond them its socket waits. */
	directInSecond: 100,
	/** What a client does not read it will ask for again. Twice the largest frame. */
	queuedBytes: 32 * MIB,
	/** What comes while a branch that was let go is read from the disk again. Twice the largest frame. */
	waitingBytes: 32 * MIB,
	/** A till names itself anew in each tab and run; more than a few at once is no shop's life. The oldest makes room. */
	linksOfDevice: 4,
} as const;

/** A link of the LAN. Till to till is the same. */
export const LINK_BOUNDS = {
	/** Nobody who has not said hello may send more at once. */
	helloBytes: MAX_HELLO_BYTES,
	frameBytes: MAX_FRAME_BYTES,
	/** Holds the largest frame and then some; a peer that reads too slowly loses its link instead of our memory. */
	queueBytes: MAX_FRAME_BYTES + 16 * MIB,
	/** 8 MiB of frames keep a worker busy for about a second. */
	unackedBytes: 8 * MIB,
	/** A replay in one process sends 1,000 sales a second, each two or three frames. Beyond them reading waits, and the sender's own queue grows. */
	framesInSecond: 5_000,
	/**
	 * As at a relay, and for the same reason: on a tablet a page of catch-up takes longer still. Whoever asks one thing after the other, as ours do, checks 256 signatures
	 * for a page and comes to 40 a second. What documents and the live lane bring passes by what waits, which `unackedBytes` bounds.
	 */
	directInSecond: 100,
	beatMs: 1_000,
	/** With one look a second a dead peer is noticed within 5.5 s. */
	silenceMs: 4_500,
	/** A connection that does not say hello, and one that never becomes a link although a greeting may fail once. */
	greetingMs: 5_000,
	unlinkedMs: 10_000,
	/** Frames that are none, before their sender is put out: an update that changed something is known by its version, not by these. */
	droppedFrames: 100,
	/** Who was put out knocks in vain for so long: trying again costs us nothing. */
	refusedMs: 30_000,
} as const;

/** The hub's LAN as a whole. */
export const LAN_BOUNDS = {
	/** More devices than a branch has, two connections each. */
	reservations: 256,
	connections: 512,
	/** All tills behind one router come from one address, after a power cut all at once. */
	handshakesOfAddressInSecond: 50,
	handshakesAtOnce: 50,
	handshakeMs: 5_000,
	/** libp2p's frames are 64 KiB. */
	socketMessageBytes: MIB,
	/** Peers that linked peers have named. */
	told: 1_000,
	/** Strangers that are being enrolled by webrtc-direct at a time, and how long each may take: nobody types anything while it lasts. */
	visitors: 16,
	visitMs: 20_000,
	questions: 6,
	questionBytes: 64 * KIB,
} as const;

/**
 * What a hub or a relay takes within a day (UTC, by its own clock), in bytes of new entries: a device that signs without end fills a disk in weeks, and is seen
 * on the first day. `--day-mib` and a relay's `--day-mib-of` set another `deviceBytes`; the other two follow it (`sync-server/operation/day-bounds.ts`).
 */
export const DAY_BOUNDS = {
	/** A sale of several lines is 1.3 KB as sealed: a till of 10,000 a day writes 13 MB, and one of 1,500 a day that was offline for a month 58 MB. */
	deviceBytes: 256 * MIB,
	/** Four devices at their bound. */
	branchBytes: 1024 * MIB,
	/** What a device may write though its branch is over: two days of 10,000 sales each, so that nobody's writing keeps an honest till waiting. */
	shareBytes: 32 * MIB,
} as const;

/** Documents of a branch on one peer. No peer makes one: ids are derived, and what was not opened here neither travels nor is kept. */
export const DOCUMENT_BOUNDS = {
	/** A full segment is 1,001 operations in at most as many changes; copies by helpers and items written again after damage may multiply that. Beyond: no longer shared. */
	segmentOperations: 5_000,
	segmentChanges: 10_000,
	segmentBytes: 64 * MIB,
	/** A busy day of parked carts is well below 1 MiB, but Automerge keeps all history. Beyond this it is told; the floor goes on, for the lane needs it. */
	floorBytes: 32 * MIB,
	/** Entries of devices that nobody has introduced, waiting for a certificate, in bytes. */
	waitingBytes: 4 * MIB,
	/** Sessions of the lane within an hour: a session is one start of a peer's repo. */
	laneSessions: 10_000,
} as const;
