/** One server for all files of the project `postgres`; each test makes a database of its own in it. */
import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres-server.ts';

declare module 'vitest' {
	export interface ProvidedContext {
		postgresPort: number;
		postgresBin: string;
	}
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const server = await startPostgres();
	project.provide('postgresPort', server.port);
	project.provide('postgresBin', server.bin);
	return () => server.close();
}
