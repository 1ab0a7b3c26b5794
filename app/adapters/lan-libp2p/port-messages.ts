/**
 * What travels between the two halves of the LAN adapter: `createPortNetwork` beside the Repo (in a worker, or in the same process) and `createLan`,
 * which owns libp2p and lives where WebRTC does. Both are our own code of one version, so nothing here is validated.
 *
 * 1. Bytes are transferred, never copied; whoever posts them does not touch them again.
 * 2. Every frame that the LAN side posts is answered by an `ack`: that bounds what lies in the port (see `link-wire.ts`, reading).
 */

import type { DeviceId } from '#schemas/ids.ts';

/** The part of a MessagePort that is used here; the ports of browsers and of Node fit. */
export interface FramePort {
	postMessage(message: unknown, transfer: ArrayBuffer[]): void;
	addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
	/** Messages flow only after this, where `addEventListener` is used. */
	start?(): void;
}

/** How a Repo presents itself: automerge-repo's peer id and `PeerMetadata`. */
export interface RepoIdentity {
	readonly repoPeer: string;
	readonly storageId?: string;
	readonly isEphemeral?: boolean;
}

export type FromRepo =
	| { readonly t: 'connect'; readonly self: RepoIdentity }
	| { readonly t: 'disconnect' }
	/** `urgent`: goes before those that are not. */
	| { readonly t: 'frame'; readonly to: string; readonly bytes: Uint8Array<ArrayBuffer>; readonly urgent: boolean }
	| { readonly t: 'ack'; readonly from: string; readonly bytes: number }
	/** A frame that was no message of the peer it came from. */
	| { readonly t: 'dropped'; readonly from: string; readonly reason: string };

export type ToRepo =
	| { readonly t: 'peer'; readonly peer: RepoIdentity; readonly device: DeviceId }
	| { readonly t: 'gone'; readonly repoPeer: string }
	| { readonly t: 'frame'; readonly from: string; readonly bytes: Uint8Array<ArrayBuffer> };
