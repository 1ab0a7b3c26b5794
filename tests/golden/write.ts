/** `node tests/golden/write.ts NAME`: writes a golden ledger that does not exist yet. */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CONFLICT_KINDS } from '#core/conflict/registry.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { hexOf } from '#schemas/cbor.ts';
import { expectedOf, successionIn } from './expected.ts';
import { STORIES } from './stories.ts';

const name = process.argv[2] ?? '';
const story = STORIES[name];
const file = fileURLToPath(new URL(`ledgers/${name}.json`, import.meta.url));
if (story === undefined) {
	console.error(`There is no story "${name}". There are: ${Object.keys(STORIES).join(', ')}.`);
	process.exit(1);
}
if (existsSync(file)) {
	console.error(`${name}.json is written already. Golden ledgers are only added: tell a new story under a new name.`);
	process.exit(1);
}
const shop = story();
const ledger = createLedger({ store: shop.store, branch: shop.branch, successionIn });
ledger.add(shop.entries);
const content = { store: shop.store, branch: shop.branch, sealed: shop.entries.map(({ sealed }) => hexOf(sealed)), kinds: CONFLICT_KINDS, expected: expectedOf(ledger, CONFLICT_KINDS) };
writeFileSync(file, `${JSON.stringify(content, null, '\t')}\n`);
console.log(`${name}.json: ${shop.entries.length} entries, ${ledger.conflicts().length} conflicts`);
