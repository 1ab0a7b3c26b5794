/** Run as a process of its own: appends item after item to the file given, says each one's number when it is acknowledged, until it is killed. */
import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { createSystemTimers } from '#adapters/clock-system/clock-system.ts';
import { createDocuments } from '#adapters/documents-automerge/documents-automerge.ts';
import { createSqliteStorage } from '#adapters/documents-automerge/storage-sqlite.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';

const [, , file = '', store = '', branch = '', device = ''] = process.argv;
await startAutomerge();
const documents = await createDocuments({
	store: store as StoreId,
	branch: branch as BranchId,
	repoPeer: 'killed',
	storage: createSqliteStorage({ file }),
	network: [],
	digest: createDigest(),
	timers: createSystemTimers(() => undefined),
});
for (let n = 1; n <= 5_000; n += 1) {
	await documents.append({ store: store as StoreId, branch: branch as BranchId, scope: 'branch', device: device as DeviceId, n: 1 }, [
		new TextEncoder().encode(`${n}`.padStart(250, '.')),
	]);
	process.stdout.write(`${n}\n`);
}
