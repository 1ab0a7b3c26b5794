/**
 * Which of a device's renewals are in force.
 *
 * 1. Those that are known, in any order, give the same line of keys on every peer.
 * 2. Where two give one generation to different keys, the one rules that was countersigned first by its countersigner's clock (then the smaller key). A device
 *    that countersigns knows the generations that it has seen and signs each once, so that a second one comes from a device that had not heard, later: whoever
 *    holds a key that was given up cannot choose that time. That it happened is a conflict for a person (`core/conflict/renewed-twice.ts`).
 * 3. Of two for one key, from asking again after a crash, the one rules whose chains end later: what lies between is signed by the key before.
 */
import type { DeviceId, SigningKey } from '#schemas/ids.ts';
import type { SignedRenewal } from './certificate.ts';
import { compareText } from './order.ts';

export interface KeyLine {
	/** Of generation 1, 2, … */
	readonly inForce: readonly SignedRenewal[];
	/** Proven, and outdone by another of the same generation, or built on such a one. */
	readonly rivals: readonly SignedRenewal[];
}

export function keyLineOf(device: DeviceId, proven: Iterable<SignedRenewal>): KeyLine {
	const left = [...proven];
	const inForce: SignedRenewal[] = [];
	let before: SigningKey = device;
	for (;;) {
		const next = ruling(left.filter(({ renewal }) => renewal.before === before && renewal.generation === inForce.length + 1));
		if (next === undefined) break;
		inForce.push(next);
		before = next.renewal.key;
	}
	const keys = new Set(inForce.map(({ renewal }) => renewal.key));
	return { inForce, rivals: left.filter(({ renewal }) => !keys.has(renewal.key)) };
}

/** Of one generation. */
function ruling(renewals: readonly SignedRenewal[]): SignedRenewal | undefined {
	const [first] = [...renewals].sort((a, b) => a.atMs - b.atMs || compareText(a.renewal.key, b.renewal.key));
	return renewals
		.filter(({ renewal }) => renewal.key === first?.renewal.key)
		.sort((a, b) => endOf(b) - endOf(a) || compareText(textOf(a), textOf(b)))[0];
}

function endOf({ renewal: { ends } }: SignedRenewal): number {
	return (ends.branch?.seq ?? 0) + (ends.store?.seq ?? 0);
}

function textOf({ renewal: { ends } }: SignedRenewal): string {
	return JSON.stringify([ends.branch, ends.store]);
}

/** Of a new key, in six digits: what two people read to each other, to be sure that they mean the same device. */
export function renewalNumber(key: SigningKey): string {
	const digits = String(BigInt(`0x${key.slice(0, 32)}`) % 1_000_000n).padStart(6, '0');
	return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}

/** How a header names the key that signed it. */
export function signerOfKey(key: SigningKey): string {
	return key.slice(0, 16);
}
