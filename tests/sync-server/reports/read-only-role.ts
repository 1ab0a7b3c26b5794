/** The SQL that `docs/database.md` gives for a role that only reads, as it stands there. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DOCS = fileURLToPath(new URL('../../../docs/database.md', import.meta.url));

export function readOnlyRole(role: string, password: string): string {
	const [, sql] = /<!-- read-only role -->\s*```sql\n([\s\S]*?)```/.exec(readFileSync(DOCS, 'utf8')) ?? [];
	if (sql === undefined) throw new Error(`${DOCS} gives no SQL for a read-only role`);
	return sql.replaceAll('accountant', role).replace('choose a password', password);
}
