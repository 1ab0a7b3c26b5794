/** Run as a process of its own: sells into the vault of the folder given, says each sale when it is acknowledged, until it is killed. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteVault } from '#adapters/entries-sqlite/vault-sqlite.ts';
import { signerInFile } from '#adapters/keys-file/keys-file.ts';
import { sellUntilKilled } from '../../support/after-crash.ts';
import { openSealingShop } from '../../support/sealing-till.ts';

const [, , folder = '', run = ''] = process.argv;
const key = (name: string) => signerInFile(join(folder, 'keys', `${name}.key`));
const shop = await openSealingShop({ root: key('root'), hub: key('hub') });
const till = await shop.till({ vault: openSqliteVault(join(folder, 'vault.sqlite')), signer: key('device') });
await sellUntilKilled(till, run, (what) => writeSync(1, `${JSON.stringify(what)}\n`));
