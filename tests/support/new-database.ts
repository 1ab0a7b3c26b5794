/** The address of a new, empty database of the server that runs for the whole project `postgres`. */
import postgres from 'postgres';
import { inject } from 'vitest';

export async function newDatabase(): Promise<string> {
	const url = (name: string): string => `postgres://holdfast@127.0.0.1:${inject('postgresPort')}/${name}`;
	const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
	const sql = postgres(url('postgres'), { max: 1, onnotice: () => undefined });
	await sql.unsafe(`CREATE DATABASE ${name}`);
	await sql.end();
	return url(name);
}
