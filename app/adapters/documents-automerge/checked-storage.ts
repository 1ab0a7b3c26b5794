/**
 * What stands between automerge-repo and any storage adapter: automerge-repo trusts what it reads, drops a document's later changes without a word
 * when one chunk is bad, and lets a failed write surface as an unhandled rejection.
 *
 * Invariants:
 * 1. A chunk that is not what was written is never loaded: it is set aside, the others load, and the damage is told.
 * 2. No call rejects and none hangs. A read that fails answers what the document begins with; a write that fails marks the document unsaved until
 *    `saveWhole` has written all of it.
 * 3. Every document is there: it begins with its first change, whatever the disk holds, so `find` is never `unavailable`.
 * 4. Bad chunks are moved, never deleted.
 */
import { Automerge as A, type Chunk, type DocumentId, type StorageAdapterInterface, type StorageKey } from '@automerge/automerge-repo/slim';
import { StorageError, type Digest, type Timers } from '#ports';
import { hexOf, sameBytes } from '#schemas/cbor.ts';
import type { FirstChange } from './first-changes.ts';

export interface CheckedStorageDeps {
	readonly digest: Pick<Digest, 'sha256'>;
	readonly timers: Timers;
	readonly onDamage: (document: DocumentId, reason: string) => void;
	/** How long one call of the adapter below may take. An aborted IndexedDB transaction is never answered by the official adapter. */
	readonly patienceMs?: number;
}

export interface CheckedStorage extends StorageAdapterInterface {
	/** Call before the repo looks for the document. */
	beginWith(document: DocumentId, first: FirstChange): Promise<void>;
	/** The reason why the disk does not have all of this document; undefined when it has. */
	unsaved(document: DocumentId): StorageError | undefined;
	unsavedDocuments(): readonly DocumentId[];
	/** Writes the whole document in one piece; afterwards it is saved, or the reason why not is the answer. */
	saveWhole(document: DocumentId, automerge: A.Doc<unknown>): Promise<StorageError | undefined>;
	/** Bytes on disk, set-aside chunks not counted. */
	bytesOf(document: DocumentId): number;
	/** The document has left: nothing of it is remembered. */
	forget(document: DocumentId): void;
	/** From here on nothing touches the adapter below, which is its owner's to close. */
	close(): void;
}

const PATIENCE_MS = 5_000;
const SET_ASIDE = 'set-aside';

export function checkStorage(raw: StorageAdapterInterface, deps: CheckedStorageDeps): CheckedStorage {
	const { digest, timers, onDamage, patienceMs = PATIENCE_MS } = deps;
	const first = new Map<string, Chunk & { readonly data: Uint8Array }>();
	const unsaved = new Map<string, StorageError>();
	const sizes = new Map<string, Map<string, number>>();
	/** automerge-repo connects no network before it has this id, and we use none (all peers are ephemeral): it needs no disk. */
	const idInMemory = new Map<string, Uint8Array>();
	let closed = false;

	async function bounded<T>(what: string, operation: () => Promise<T>): Promise<T> {
		if (closed) throw new StorageError('failed', `${what}: the documents are closed`);
		let stop = (): void => undefined;
		const tooLate = new Promise<never>((_, reject) => {
			stop = timers.after(patienceMs, () => {
				reject(new StorageError('failed', `${what} was not answered within ${patienceMs} ms`));
			});
		});
		try {
			return await Promise.race([operation(), tooLate]);
		} catch (error) {
			throw asStorageError(what, error);
		} finally {
			stop();
		}
	}

	// ——— reading

	async function load(key: StorageKey): Promise<Uint8Array | undefined> {
		if (isStorageId(key)) return idInMemory.get(key.join('/'));
		return await bounded('reading', () => raw.load(key)).catch(() => undefined);
	}

	async function loadRange(prefix: StorageKey): Promise<Chunk[]> {
		const [document, kind] = prefix;
		const isChunks = prefix.length === 2 && document !== undefined && (kind === 'snapshot' || kind === 'incremental');
		if (!isChunks) return await bounded('reading', () => raw.loadRange(prefix)).catch(() => []);
		let found: Chunk[] = [];
		try {
			found = await bounded('reading', () => raw.loadRange(prefix));
		} catch (error) {
			if (!closed) onDamage(document as DocumentId, `its storage cannot be read: ${(error as Error).message}`);
		}
		const whole = await wholeChunks(document, kind, found);
		// A snapshot holds the first change; without one, it comes from here, so that changes on disk find what they stand on.
		const begin = first.get(document);
		if (kind === 'snapshot' && whole.length === 0 && begin !== undefined) whole.push(begin);
		return whole;
	}

	async function wholeChunks(document: string, kind: 'snapshot' | 'incremental', found: readonly Chunk[]): Promise<Chunk[]> {
		const problems = await Promise.all(
			found.map(({ key, data }) => (kind === 'incremental' ? incrementalProblem(key, data) : snapshotProblem(data))),
		);
		const whole: Chunk[] = [];
		for (const [index, chunk] of found.entries()) {
			const problem = problems[index];
			if (problem === undefined) {
				whole.push(chunk);
				noteSize(chunk.key, chunk.data?.length ?? 0);
			} else {
				onDamage(
					document as DocumentId,
					`${kind === 'snapshot' ? 'a snapshot' : 'a change'} on disk ${problem}; it was set aside, the rest was loaded`,
				);
				await setAside(document, chunk);
			}
		}
		return whole;
	}

	/** automerge-repo names an incremental chunk by the SHA-256 of its content. */
	async function incrementalProblem(key: StorageKey, data: Uint8Array | undefined): Promise<string | undefined> {
		if (data === undefined || data.length === 0) return 'is empty';
		return hexOf(await digest.sha256(data)) === key[2] ? undefined : 'is not what was written';
	}

	/**
	 * Automerge's binary format, sections "chunk" and "document chunk": magic, 4 bytes of SHA-256 over (type, length, content), type, length as
	 * ULEB128, content. This is what Automerge itself checks when it loads, at a fiftieth of the time. Kinds of chunk whose checksum is over
	 * something else (a compressed change, which a snapshot may carry while it waits for others) are loaded to see.
	 */
	async function snapshotProblem(data: Uint8Array | undefined): Promise<string | undefined> {
		if (data === undefined || data.length === 0) return 'is empty';
		let at = 0;
		while (at < data.length) {
			const chunk = chunkAt(data, at);
			if (chunk === undefined) return 'is cut off or is no Automerge document';
			if (chunk.type !== DOCUMENT_CHUNK && chunk.type !== CHANGE_CHUNK) return loadProblem(data);
			if (!sameBytes((await digest.sha256(chunk.hashed)).subarray(0, 4), chunk.checksum)) return 'is not what was written';
			at = chunk.end;
		}
		return undefined;
	}

	async function setAside(document: string, { key, data }: Chunk): Promise<void> {
		try {
			await bounded('writing', () => raw.save([SET_ASIDE, document, ...key.slice(1)], data ?? new Uint8Array()));
			await bounded('writing', () => raw.remove(key));
		} catch {
			// It stays where it is, and is found again at the next start.
		}
	}

	// ——— writing

	async function save(key: StorageKey, data: Uint8Array): Promise<void> {
		if (isStorageId(key)) {
			idInMemory.set(key.join('/'), data);
			return;
		}
		if (closed) return;
		try {
			await bounded('writing', () => raw.save(key, data));
			noteSize(key, data.length);
		} catch (error) {
			// automerge-repo now believes that it was saved, so later changes alone would not be enough.
			if (key[0] !== undefined) unsaved.set(key[0], error as StorageError);
		}
	}

	async function remove(key: StorageKey): Promise<void> {
		const [document] = key;
		if (document !== undefined && first.get(document)?.key[2] === key[2]) return; // It never was on disk.
		if (document !== undefined) sizes.get(document)?.delete(key.join('/'));
		await bounded('removing', () => raw.remove(key)).catch(() => undefined); // A chunk too many is merged at the next start.
	}

	async function saveWhole(document: DocumentId, automerge: A.Doc<unknown>): Promise<StorageError | undefined> {
		const before = unsaved.get(document);
		const key = [document, 'snapshot', await headsName(A.getHeads(automerge))];
		const bytes = A.save(automerge);
		try {
			await bounded('writing', () => raw.save(key, bytes));
		} catch (error) {
			unsaved.set(document, error as StorageError);
			return error as StorageError;
		}
		noteSize(key, bytes.length);
		if (unsaved.get(document) === before) unsaved.delete(document); // Else a write failed meanwhile: this snapshot may be older than it.
		return unsaved.get(document);
	}

	/** automerge-repo names a snapshot by the SHA-256 of its heads' hex. */
	async function headsName(heads: readonly string[]): Promise<string> {
		return hexOf(await digest.sha256(new TextEncoder().encode(heads.join(''))));
	}

	function noteSize(key: StorageKey, bytes: number): void {
		const [document] = key;
		if (document === undefined) return;
		const ofDocument = sizes.get(document) ?? new Map<string, number>();
		sizes.set(document, ofDocument.set(key.join('/'), bytes));
	}

	return {
		load,
		loadRange,
		save,
		remove,
		async removeRange(prefix) {
			await bounded('removing', () => raw.removeRange(prefix)).catch(() => undefined);
		},
		async beginWith(document, { bytes, heads }) {
			first.set(document, { key: [document, 'snapshot', await headsName(heads)], data: bytes });
		},
		unsaved: (document) => unsaved.get(document),
		unsavedDocuments: () => [...unsaved.keys()] as DocumentId[],
		saveWhole,
		bytesOf: (document) => [...(sizes.get(document)?.values() ?? [])].reduce((sum, bytes) => sum + bytes, 0),
		forget(document) {
			for (const map of [first, unsaved, sizes]) map.delete(document);
		},
		close: () => {
			closed = true;
		},
	};
}

const DOCUMENT_CHUNK = 0;
const CHANGE_CHUNK = 1;
const MAGIC = Uint8Array.of(0x85, 0x6f, 0x4a, 0x83);

function chunkAt(data: Uint8Array, at: number): { type: number; checksum: Uint8Array; hashed: Uint8Array; end: number } | undefined {
	if (data.length < at + 10 || !sameBytes(data.subarray(at, at + 4), MAGIC)) return undefined;
	let length = 0;
	let content = at + 9;
	for (let shift = 1; ; shift *= 128) {
		const byte = data[content];
		if (byte === undefined || content > at + 9 + 6) return undefined;
		content += 1;
		length += (byte & 127) * shift;
		if (byte < 128) break;
	}
	const end = content + length;
	if (end > data.length) return undefined;
	return { type: data[at + 8] ?? -1, checksum: data.subarray(at + 4, at + 8), hashed: data.subarray(at + 8, end), end };
}

function loadProblem(data: Uint8Array): string | undefined {
	try {
		A.free(A.load(data));
		return undefined;
	} catch {
		return 'does not load';
	}
}

function isStorageId(key: StorageKey): boolean {
	return key.length === 1 && key[0] === 'storage-adapter-id';
}

function asStorageError(what: string, error: unknown): StorageError {
	if (error instanceof StorageError) return error;
	const { name = '', message = String(error), errcode } = (error ?? {}) as { name?: string; message?: string; errcode?: number };
	// 13 is SQLITE_FULL (sqlite.org/rescode.html).
	const isFull = name === 'QuotaExceededError' || errcode === 13 || /database or disk is full|quota/i.test(message);
	return new StorageError(isFull ? 'full' : 'failed', `${what}: ${message}`);
}
