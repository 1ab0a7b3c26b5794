/**
 * The shop's network: slow, lossy, repeating itself, torn in two, and now and then quiet.
 *
 * 1. A document that changed is offered to every linked peer that has opened it, until that peer has all of it: loss delays, it never cancels.
 * 2. The live lane promises nothing: a message arrives late, twice, or not at all. A direct message arrives late or not at all.
 * 3. The relay speaks to whoever has a link to it, and to nobody else.
 * 4. Whoever is revoked in the ledger of one of the two ends is not spoken to.
 */
import type { DeviceId } from '#schemas/ids.ts';
import { directMessage, type DirectMessage } from '#schemas/wire/direct.ts';
import type { LaneSaid } from '#schemas/wire/lane.ts';
import * as v from 'valibot';
import type { RelayLinkDouble } from '../support/relay-link-double.ts';
import type { DocumentsDouble } from './documents-double.ts';
import type { Dice } from './random.ts';
import type { Schedule } from './schedule.ts';

/** One process on the line. */
export interface Station {
	readonly name: string;
	readonly device: DeviceId;
	readonly isRelay: boolean;
	/** A device's, to the relay. */
	readonly link: RelayLinkDouble | undefined;
	readonly documents: DocumentsDouble;
	isOn(): boolean;
	refuses(device: DeviceId): boolean;
	setConnected(devices: ReadonlySet<DeviceId>): void;
}

export interface Weather {
	/** Of 1: a frame of document sync is lost and sent again later. */
	syncLoss: number;
	laneLoss: number;
	laneTwice: number;
	mostDelayMs: number;
}

export const CALM: Readonly<Weather> = { syncLoss: 0, laneLoss: 0, laneTwice: 0, mostDelayMs: 20 };
export const USUAL: Readonly<Weather> = { syncLoss: 0.05, laneLoss: 0.1, laneTwice: 0.05, mostDelayMs: 120 };

/** To the cloud, of one machine alone. `no-sockets`: what asks by http is answered, as behind a proxy. */
export type Way = 'whole' | 'no-sockets' | 'none';

export interface Network {
	readonly weather: Weather;
	join(station: Station): void;
	leave(station: Station): void;
	/** Which part of the network a machine is in; machines of different parts do not hear each other. */
	setPart(name: string, part: number): void;
	setWay(name: string, way: Way): void;
	/** Whether the relay answers a question from here. */
	answers(station: Station): boolean;
	canLink(station: Station): boolean;
	healAll(): void;
	documentChanged(station: Station, document: string): void;
	documentOpened(station: Station, document: string): void;
	broadcast(station: Station, message: LaneSaid): void;
	/** To one peer alone, by name. */
	send(station: Station, peer: string, message: DirectMessage): void;
	/** Asks everybody again who is there. */
	refresh(): void;
	stations(): readonly Station[];
	/** Frames that are not through yet. */
	underWay(): number;
}

/** Automerge gathers changes for so long before it tells them. */
const THROTTLE_MS = 100;
const AGAIN_MS = 700;

export function createNetwork(schedule: Schedule, dice: Dice): Network {
	const stations = new Set<Station>();
	const parts = new Map<string, number>();
	const ways = new Map<string, Way>();
	const weather: Weather = { ...USUAL };
	const connectedBefore = new Map<Station, string>();
	/** Per pair, the documents that one has and the other may lack. */
	const dirty = new Map<Station, Map<Station, Set<string>>>();
	let underWay = 0;

	function isLinked(a: Station, b: Station): boolean {
		if (a === b || !a.isOn() || !b.isOn()) return false;
		if ((a.isRelay && b.link?.isUp() !== true) || (b.isRelay && a.link?.isUp() !== true) || !isOneNet(a, b)) return false;
		// Two processes with one key are one peer to everybody else; they do not dial themselves.
		return a.device !== b.device && !a.refuses(b.device) && !b.refuses(a.device);
	}

	function relaysFrom(station: Station): readonly Station[] {
		return [...stations].filter((other) => other.isRelay && other.isOn() && isOneNet(station, other));
	}

	function isOneNet(a: Station, b: Station): boolean {
		return (parts.get(a.name) ?? 0) === (parts.get(b.name) ?? 0);
	}

	function refresh(): void {
		for (const station of stations) if (station.isOn()) station.link?.look();
		for (const station of stations) {
			if (!station.isOn()) continue;
			const near = [...stations].filter((other) => isLinked(station, other));
			const text = near.map(({ name }) => name).join();
			if (connectedBefore.get(station) === text) continue;
			connectedBefore.set(station, text);
			station.setConnected(new Set(near.map(({ device }) => device)));
			station.documents.setLinked(new Set(near.map(({ name }) => name)));
			for (const other of near) {
				for (const document of station.documents.disk.keys()) offer(station, other, document);
				for (const document of other.documents.disk.keys()) offer(other, station, document);
			}
		}
	}

	function offer(from: Station, to: Station, document: string): void {
		let pairs = dirty.get(from);
		if (pairs === undefined) dirty.set(from, (pairs = new Map()));
		let documents = pairs.get(to);
		if (documents === undefined) pairs.set(to, (documents = new Set()));
		if (documents.size === 0) {
			underWay += 1;
			schedule.after(THROTTLE_MS + dice.below(50), () => {
				underWay -= 1;
				flush(from, to);
			});
		}
		documents.add(document);
	}

	function flush(from: Station, to: Station): void {
		const documents = dirty.get(from)?.get(to);
		if (documents === undefined) return;
		const due = [...documents];
		documents.clear();
		// Of a link that is down nothing is kept: when it is up again everything is offered again.
		if (!isLinked(from, to)) return;
		for (const label of due) {
			if (!to.documents.isOpen(label)) continue;
			const mine = from.documents.disk.get(label);
			const theirs = to.documents.disk.get(label);
			if (mine === undefined) continue;
			const elements = new Map([...mine.elements].filter(([name]) => theirs?.elements.has(name) !== true && theirs?.removed.has(name) !== true));
			const removed = new Set([...mine.removed].filter((name) => theirs?.removed.has(name) !== true));
			if (elements.size + removed.size === 0) continue;
			if (dice.chance(weather.syncLoss)) {
				underWay += 1;
				schedule.after(AGAIN_MS, () => {
					underWay -= 1;
					offer(from, to, label);
				});
				continue;
			}
			underWay += 1;
			schedule.after(dice.between(1, weather.mostDelayMs), () => {
				underWay -= 1;
				if (isLinked(from, to)) return to.documents.merge(label, elements, removed);
				return undefined;
			});
		}
	}

	return {
		weather,
		join(station) {
			stations.add(station);
			refresh();
		},
		leave(station) {
			stations.delete(station);
			dirty.delete(station);
			connectedBefore.delete(station);
			refresh();
		},
		setPart(name, part) {
			parts.set(name, part);
			refresh();
		},
		setWay(name, way) {
			ways.set(name, way);
			refresh();
		},
		answers: (station) => ways.get(station.name) !== 'none' && relaysFrom(station).length > 0,
		canLink: (station) =>
			(ways.get(station.name) ?? 'whole') === 'whole' &&
			relaysFrom(station).some((relay) => !relay.refuses(station.device) && !station.refuses(relay.device)),
		healAll() {
			parts.clear();
			ways.clear();
			refresh();
		},
		documentChanged(station, document) {
			for (const other of stations) if (isLinked(station, other)) offer(station, other, document);
		},
		documentOpened(station, document) {
			for (const other of stations) if (isLinked(station, other) && other.documents.disk.has(document)) offer(other, station, document);
		},
		broadcast(station, message) {
			for (const other of stations) {
				if (!isLinked(station, other) || dice.chance(weather.laneLoss)) continue;
				for (let copies = dice.chance(weather.laneTwice) ? 2 : 1; copies > 0; copies -= 1) {
					schedule.after(dice.between(1, weather.mostDelayMs), () => {
						if (isLinked(station, other)) other.documents.hearLane(message);
					});
				}
			}
		},
		send(station, peer, message) {
			const parsed = v.parse(directMessage, message);
			const other = [...stations].find(({ name }) => name === peer);
			if (other === undefined || !isLinked(station, other) || dice.chance(weather.syncLoss)) return;
			schedule.after(dice.between(1, weather.mostDelayMs), () => {
				if (isLinked(station, other)) other.documents.hearDirect(parsed, station.name);
			});
		},
		refresh,
		stations: () => [...stations],
		underWay: () => underWay,
	};
}
