/** What every fulfilment of `Documents` promises, whatever carries the documents. */
import { Automerge as A, type StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import { describe, expect, test } from 'vitest';
import { documentIdOf } from '#adapters/documents-automerge/document-id.ts';
import { firstChangeOfSegment } from '#adapters/documents-automerge/first-changes.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import type { Documents } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import { segmentPreimage, type SegmentDocument, type SegmentName } from '#schemas/documents/segment.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import type { LaneSaid } from '#schemas/wire/lane.ts';
import { eventually } from '../support/eventually.ts';

export interface DocumentsPeer {
	readonly documents: Documents;
	/** Opens what this peer has on disk once more, as after a crash: the first one is not closed. */
	again(): Promise<DocumentsPeer>;
	/** Its storage adapter alone, for whoever writes there what no healthy process does. */
	disk(): Promise<Disk>;
	close(): Promise<void>;
}

export interface Disk {
	readonly storage: StorageAdapterInterface;
	close(): void;
}

export interface DocumentsHarness {
	/** Two peers that do not see each other yet. */
	pair(): Promise<{ readonly left: DocumentsPeer; readonly right: DocumentsPeer; link(): Promise<void>; unlink(): void }>;
}

export const contractStore = '4b8f6d5cb5b0b5ab0bd5d8b1b8d9a9ce' as StoreId;
export const contractBranch = 'b0'.repeat(16) as BranchId;
export const contractSegment: SegmentName = {
	store: contractStore,
	branch: contractBranch,
	scope: 'branch',
	device: 'd0'.repeat(32) as DeviceId,
	n: 1,
};

/** As long as a sealed entry, different for each word. */
export const item = (word: string): Uint8Array => new TextEncoder().encode(word.padStart(250, '.'));
export const wordOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replace(/^\.+/, '');

/** A segment as it lies on a disk: of these twelve the first eight in a snapshot, then four changes, of which `places` are there, in that order. */
async function writeSegment({ storage, close }: Disk, words: readonly string[], places: readonly number[]): Promise<void> {
	const { text } = await documentIdOf(segmentPreimage(contractSegment), createDigest());
	const sha256 = async (bytes: Uint8Array): Promise<string> => hexOf(await createDigest().sha256(bytes));
	let document = A.loadIncremental(A.init<SegmentDocument>(), firstChangeOfSegment().bytes);
	const push = (of: readonly string[]): void => {
		document = A.change(document, (draft) => {
			draft.items.push(...of.map(item));
		});
	};
	push(words.slice(0, 8));
	await storage.save([text, 'snapshot', await sha256(new TextEncoder().encode(A.getHeads(document).join('')))], A.save(document));
	const changes = words.slice(8).map((word) => {
		const before = A.getHeads(document);
		push([word]);
		return A.saveSince(document, before);
	});
	for (const place of places) {
		const change = changes[place] ?? new Uint8Array();
		await storage.save([text, 'incremental', await sha256(change)], change);
	}
	close();
}

async function heldBy({ documents }: DocumentsPeer): Promise<readonly string[]> {
	const heard = listen(documents);
	await documents.openSegment(contractSegment);
	return heard();
}

/** All that `onItems` ever told, each word once, in order. */
export function listen(documents: Documents): () => readonly string[] {
	const words = new Set<string>();
	documents.onItems((_, items) => {
		for (const bytes of items) words.add(wordOf(bytes));
	});
	return () => [...words].sort();
}

export function documentsContract(title: string, { pair }: DocumentsHarness): void {
	describe(`documents (${title})`, () => {
		test('two peers that made the same segment alone hold the items of both once they meet', async () => {
			const { left, right, link } = await pair();
			const [heardLeft, heardRight] = [listen(left.documents), listen(right.documents)];
			await left.documents.append(contractSegment, [item('one'), item('two')]);
			await right.documents.append(contractSegment, [item('three')]);
			await link();
			await eventually(
				() => heardLeft().includes('three') && heardRight().includes('one') && heardRight().includes('two'),
				'each hears of the other’s',
			);
			const [again, againRight] = [await left.again(), await right.again()];
			for (const peer of [again, againRight]) {
				const held = listen(peer.documents);
				await eventually(async () => {
					await peer.documents.openSegment(contractSegment);
					return held().length > 0;
				}, 'what is on disk is told');
			}
			for (const peer of [left, right, again, againRight]) await peer.close();
		});

		test('what append acknowledged is on the disk of a process that dies the next moment', async () => {
			const { left, right } = await pair();
			await left.documents.append(contractSegment, [item('kept')]);
			const again = await left.again();
			const held = listen(again.documents);
			await again.documents.openSegment(contractSegment);
			expect(held()).toEqual(['kept']);
			for (const peer of [again, left, right]) await peer.close();
		});

		test.each([
			['one of them is missing', 9, [0, 2, 3]],
			['all but the last are missing', 8, [3]],
			['they come in the opposite order', 12, [3, 2, 1, 0]],
			['the first comes last', 12, [1, 2, 3, 0]],
		] as const)(
			'changes on the disk, and %s: what stands on nothing missing is there, and the writer’s own copy makes it whole',
			async (_, there, places) => {
				const words = [...'abcdefghijkl'];
				const { left, right } = await pair();
				await writeSegment(await left.disk(), words, places);
				expect(await heldBy(left)).toEqual(words.slice(0, there));
				await left.documents.append(contractSegment, words.map(item));
				const again = await left.again();
				expect(await heldBy(again)).toEqual(words);
				for (const peer of [again, left, right]) await peer.close();
			},
		);

		test('an item that the list holds is not written a second time', async () => {
			const { left, right } = await pair();
			await Promise.all([
				left.documents.append(contractSegment, [item('once'), item('once')]),
				left.documents.append(contractSegment, [item('once')]),
			]);
			await left.documents.append(contractSegment, [item('once')]);
			const again = await left.again();
			const told: string[] = [];
			again.documents.onItems((_, items) => {
				told.push(...items.map(wordOf));
			});
			await again.documents.openSegment(contractSegment);
			expect(told).toEqual(['once']);
			for (const peer of [again, left, right]) await peer.close();
		});

		test('a full segment of 1,000 items reaches a peer', async () => {
			const { left, right, link } = await pair();
			await left.documents.append(
				contractSegment,
				Array.from({ length: 1_000 }, (_, n) => item(`${n}`)),
			);
			const held = listen(right.documents);
			await right.documents.openSegment(contractSegment);
			await link();
			await eventually(() => held().length === 1_000, 'all arrive');
			for (const peer of [left, right]) await peer.close();
		});

		test('a segment that a peer opens only after they met comes too', async () => {
			const { left, right, link } = await pair();
			await link();
			await left.documents.append(contractSegment, [item('early')]);
			await new Promise((resolve) => setTimeout(resolve, 300));
			const held = listen(right.documents);
			await right.documents.openSegment(contractSegment);
			await eventually(() => held().includes('early'), 'it arrives');
			for (const peer of [left, right]) await peer.close();
		});

		test('what was written while the link was down comes when it is up again', async () => {
			const { left, right, link, unlink } = await pair();
			const held = listen(right.documents);
			await right.documents.openSegment(contractSegment);
			await link();
			await left.documents.append(contractSegment, [item('before')]);
			await eventually(() => held().includes('before'), 'the first arrives');
			unlink();
			await left.documents.append(contractSegment, [item('while apart')]);
			await link();
			await eventually(() => held().includes('while apart'), 'the second arrives');
			for (const peer of [left, right]) await peer.close();
		});

		test('favourites and parked carts that two tills changed apart are all there', async () => {
			const { left, right, link } = await pair();
			await left.documents.changeFloor((floor) => {
				floor.favourites['APPLE'] = 1;
				floor.parked['cart-1'] = '{"lines":1}';
			});
			await right.documents.changeFloor((floor) => {
				floor.favourites['BREAD'] = 2;
			});
			await link();
			const seen = () => [left, right].map(({ documents }) => ({ ...documents.floor().favourites }));
			await eventually(() => seen().every((favourites) => Object.keys(favourites).length === 2), 'both see both');
			expect(seen()).toEqual([
				{ APPLE: 1, BREAD: 2 },
				{ APPLE: 1, BREAD: 2 },
			]);
			expect(`${right.documents.floor().parked['cart-1']}`).toBe('{"lines":1}');
			await right.documents.changeFloor((floor) => {
				delete floor.parked['cart-1'];
			});
			await eventually(() => !('cart-1' in left.documents.floor().parked), 'fetched on one, gone on both');
			for (const peer of [left, right]) await peer.close();
		});

		test('a segment that is closed travels no more, and begins anew when it is opened again', async () => {
			const { left, right, link } = await pair();
			const held = listen(right.documents);
			await right.documents.openSegment(contractSegment);
			await link();
			await left.documents.append(contractSegment, [item('before')]);
			await eventually(() => held().includes('before'), 'the first arrives');
			await right.documents.closeSegment(contractSegment);
			await left.documents.append(contractSegment, [item('closed there')]);
			await new Promise((resolve) => setTimeout(resolve, 500));
			expect(held()).not.toContain('closed there');
			await right.documents.openSegment(contractSegment);
			await eventually(() => held().includes('closed there'), 'opened again, it is told everything');
			await left.documents.closeSegment(contractSegment);
			const own = listen(left.documents);
			await left.documents.closeSegment(contractSegment); // Closing twice is closing once.
			await left.documents.append(contractSegment, [item('afterwards')]);
			await eventually(() => held().includes('afterwards') && own().includes('closed there'), 'both hold what either had');
			for (const peer of [left, right]) await peer.close();
		});

		test('a segment that rests travels no more, keeps what it holds, and goes on when it is opened again', async () => {
			const { left, right, link, unlink } = await pair();
			const held = listen(right.documents);
			await right.documents.openSegment(contractSegment);
			await link();
			await left.documents.append(contractSegment, [item('before')]);
			await eventually(() => held().includes('before'), 'the first arrives');
			await right.documents.restSegment(contractSegment);
			await left.documents.append(contractSegment, [item('while it rests')]);
			await new Promise((resolve) => setTimeout(resolve, 500));
			expect(held()).not.toContain('while it rests');
			const again = listen(right.documents);
			await right.documents.openSegment(contractSegment);
			await eventually(() => again().includes('while it rests'), 'opened again, it is told the rest');
			unlink();
			await right.documents.restSegment(contractSegment);
			await right.documents.restSegment(contractSegment); // Resting twice is resting once.
			const alone = listen(right.documents);
			await right.documents.openSegment(contractSegment);
			await eventually(() => alone().includes('while it rests') && alone().includes('before'), 'what it held is on its disk');
			for (const peer of [left, right]) await peer.close();
		});

		test('a direct message reaches the one it is for, from who it says; nobody else, and nobody who is not linked', async () => {
			const { left, right, link, unlink } = await pair();
			const heard: [DirectMessage, string][] = [];
			const linked: [string, boolean][] = [];
			right.documents.onDirect((message, from) => heard.push([message, from]));
			left.documents.onLinked((peer, isLinked) => linked.push([peer, isLinked]));
			await link();
			await eventually(() => linked.length > 0, 'the link is told');
			const [name = ''] = linked[0] ?? [];
			left.documents.sendTo(name, { t: 'ask', id: 1, above: [] });
			left.documents.sendTo('nobody', { t: 'ask', id: 2, above: [] });
			await eventually(() => heard.length > 0, 'it arrives');
			expect(heard).toMatchObject([[{ t: 'ask', id: 1 }, expect.any(String)]]);
			const later: [string, boolean][] = [];
			left.documents.onLinked((peer, isLinked) => later.push([peer, isLinked]));
			expect(later).toEqual([[name, true]]);
			unlink();
			await eventually(() => later.some(([, isLinked]) => !isLinked), 'its end is told');
			for (const peer of [left, right]) await peer.close();
		});

		test('a lane message arrives, with the name of its sender’s repo', async () => {
			const { left, right, link } = await pair();
			await link();
			const heard: { message: LaneSaid; from: string }[] = [];
			right.documents.onLane((message, from) => {
				heard.push({ message, from });
			});
			await new Promise((resolve) => setTimeout(resolve, 500)); // The floor's first exchange.
			left.documents.broadcast({ t: 'entries', sealed: [new Uint8Array([0, 255])] });
			await eventually(() => heard.length === 1, 'it arrives');
			expect(heard[0]?.message).toEqual({ t: 'entries', sealed: [new Uint8Array([0, 255])] });
			expect(heard[0]?.from).not.toBe('');
			for (const peer of [left, right]) await peer.close();
		});
	});
}
