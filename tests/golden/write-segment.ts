/** `node tests/golden/write-segment.ts`: the golden file of the newest version of closed segments, if it is not there yet. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { closeSegment } from '#engine/closed-segment.ts';
import { hexOf } from '#schemas/cbor.ts';
import { CLOSED_SEGMENT_VERSION, type ClosedSegmentName } from '#schemas/documents/closed-segment.ts';
import { refunded } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';

const floor = openFloor({ A: 9, B: 9 }, { signed: true });
const { till1, till2, shop } = floor;
const sealed: Uint8Array[] = [];
for (let i = 0; i < 12; i += 1) {
	till1.hears(floor.sell(till2, 'B'));
	const sale = floor.sell(till1, i % 3 === 0 ? 'B' : 'A', 1 + (i % 4));
	sealed.push(sale.sealed);
	if (i === 5) sealed.push(till1.does([refunded(sale.hash, [[0, 'A', 1, 100]], till1.receipt())]).sealed);
}
sealed.push(new TextEncoder().encode('these bytes are no entry'));
const name: ClosedSegmentName = { store: shop.store, scope: 'branch', device: till1.id, n: 1 };
const closed = await closeSegment(createDigest(), name, sealed);
if ('refused' in closed) throw new Error(closed.refused);
const folder = fileURLToPath(new URL('segments/', import.meta.url));
mkdirSync(folder, { recursive: true });
const golden = { name, file: hexOf(closed.bytes), sealed: sealed.map(hexOf) };
writeFileSync(`${folder}version-${CLOSED_SEGMENT_VERSION}.json`, `${JSON.stringify(golden, undefined, '\t')}\n`, { flag: 'wx' });
