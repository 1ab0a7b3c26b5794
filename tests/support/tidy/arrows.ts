/**
 * Which part of the house may know which: the arrows of the design, as data.
 *
 *     core → schemas                    engine → ports, core, schemas
 *     ports → core, schemas             projections, ui → core, schemas, languages
 *     adapters → ports, core, schemas   routes → engine, projections, ui, core, schemas, languages
 *     boot.ts, replica.worker.ts, sync-server → all but ui and routes; only the root layout imports boot.ts
 *     tests → anything; nothing → tests
 */
import { posix } from 'node:path';
import type { Source } from './source.ts';

type Part =
	| 'schemas'
	| 'core'
	| 'ports'
	| 'engine'
	| 'adapters'
	| 'projections'
	| 'ui'
	| 'languages'
	| 'routes'
	| 'boot'
	| 'worker'
	| 'service-worker'
	| 'server'
	| 'launch'
	| 'tests'
	| 'settings'
	| 'static';

const SHELL: readonly Part[] = ['engine', 'projections', 'adapters', 'ports', 'core', 'schemas', 'languages'];

const MAY_IMPORT: Record<Part, readonly Part[] | 'anything'> = {
	schemas: ['schemas'],
	core: ['core', 'schemas'],
	ports: ['core', 'schemas'],
	engine: ['engine', 'ports', 'core', 'schemas'],
	adapters: ['ports', 'core', 'schemas'], // And its own folder, see below.
	projections: ['projections', 'core', 'schemas', 'languages'],
	ui: ['ui', 'core', 'schemas', 'languages'],
	languages: ['languages', 'core', 'schemas'],
	routes: ['routes', 'engine', 'projections', 'ui', 'core', 'schemas', 'languages'],
	boot: ['worker', ...SHELL],
	worker: SHELL,
	'service-worker': ['schemas'],
	server: ['server', ...SHELL],
	launch: ['launch'],
	tests: 'anything',
	settings: ['settings', 'tests', 'languages'], // vitest.config.ts asks the tests where a browser is; languages are compiled before anything else.
	static: [],
};

const ROOT_LAYOUT = /^app\/routes\/\+layout\.(svelte|ts)$/;

/** Packages that only some adapters may know. */
const GUARDED: readonly { readonly name: RegExp; readonly by: readonly string[] }[] = [
	{ name: /^@automerge\//, by: ['documents-automerge', 'lan-libp2p', 'relay-websocket'] },
	{ name: /^(libp2p|@libp2p\/.*|@chainsafe\/libp2p.*|@multiformats\/.*)$/, by: ['lan-libp2p'] },
];

/** What the platform gives, and to whom. */
const KIT_PARTS: readonly Part[] = ['routes', 'ui', 'service-worker'];
const NODE_PARTS: readonly Part[] = ['adapters', 'server', 'launch', 'tests', 'settings', 'languages'];

/** The pure parts may name these packages, which compute and touch nothing. */
const PURE_PACKAGES: Partial<Record<Part, readonly string[]>> = { schemas: ['valibot', 'cborg'], core: ['valibot'], ports: [] };

export interface House {
	/** `imports` of package.json: alias to path. */
	readonly aliases: Readonly<Record<string, string>>;
	/** Names in dependencies and devDependencies. */
	readonly packages: readonly string[];
}

export function partOf(path: string): Part | undefined {
	if (path.startsWith('schemas/')) return 'schemas';
	if (path.startsWith('tests/')) return 'tests';
	if (path.startsWith('static/')) return 'static';
	if (path.startsWith('sync-server/launch/')) return 'launch';
	if (path.startsWith('sync-server/')) return 'server';
	if (path === 'app/ports.ts') return 'ports';
	if (path === 'app/boot.ts') return 'boot';
	if (path === 'app/replica.worker.ts') return 'worker';
	const folder = /^app\/([^/]+)\//.exec(path)?.[1];
	if (folder !== undefined)
		return ['core', 'engine', 'adapters', 'projections', 'ui', 'routes', 'service-worker', 'languages'].includes(folder)
			? (folder as Part)
			: undefined;
	return path.includes('/') ? undefined : 'settings';
}

/** What is wrong with the imports of a file, in sentences. */
export function arrowFindings(source: Source, house: House): string[] {
	const from = partOf(source.path);
	if (from === undefined) return [`${source.path}: has no place in the layout`];
	return source.imports.flatMap(({ specifier, line }) => {
		const at = `${source.path}:${line}`;
		if (specifier === undefined) return from === 'tests' || from === 'launch' ? [] : [`${at}: imports a computed address, which no rule can follow`];
		const problem = judge(source.path, from, specifier, house);
		return problem === undefined ? [] : [`${at}: ${problem}`];
	});
}

function judge(path: string, from: Part, specifier: string, house: House): string | undefined {
	const target = resolve(path, specifier, house.aliases);
	if (target === undefined) return judgePackage(path, from, specifier, house);
	const to = partOf(target);
	if (to === undefined) return `imports ${target}, which has no place in the layout`;
	if (to === 'boot' && from !== 'tests') return ROOT_LAYOUT.test(path) ? undefined : 'imports boot.ts, which only the root layout does';
	const allowed = MAY_IMPORT[from];
	if (allowed === 'anything' || allowed.includes(to)) return undefined;
	if (from === 'adapters' && to === 'adapters')
		return adapterOf(path) === adapterOf(target) ? undefined : `adapter ${adapterOf(path)} imports adapter ${adapterOf(target)}`;
	return `${from} imports ${to} (${specifier})`;
}

function judgePackage(path: string, from: Part, specifier: string, { packages, aliases }: House): string | undefined {
	if (specifier.startsWith('#')) return `${specifier} is no alias; there are ${Object.keys(aliases).join(', ')}`;
	if (/^\$(app|env)\//.test(specifier)) return KIT_PARTS.includes(from) ? undefined : `${from} imports ${specifier}, which is Kit's`;
	if (specifier.startsWith('node:')) return NODE_PARTS.includes(from) ? undefined : `${from} imports ${specifier}, which only Node has`;
	const name = specifier
		.split('?')[0]!
		.split('/')
		.slice(0, specifier.startsWith('@') ? 2 : 1)
		.join('/');
	if (!packages.includes(name)) return `imports ${name}, which package.json does not name`;
	if (from === 'tests' || from === 'settings') return undefined;
	if (from === 'launch') return `imports ${name}: launchers run before anything is installed`;
	const guard = GUARDED.find((one) => one.name.test(name));
	if (guard !== undefined && !guard.by.includes(adapterOf(path) ?? '')) return `imports ${name}, which only ${guard.by.join(', ')} may`;
	const pure = PURE_PACKAGES[from];
	if (pure !== undefined && !pure.includes(name)) return `${from} imports ${name}; it may import ${pure.join(', ') || 'no package'}`;
	return undefined;
}

/** A path in the repository, or undefined for a package. */
function resolve(path: string, specifier: string, aliases: Readonly<Record<string, string>>): string | undefined {
	const plain = specifier.split('?')[0]!;
	if (plain.startsWith('/')) return plain.slice(1);
	if (plain.startsWith('.')) return posix.normalize(posix.join(posix.dirname(path), plain));
	for (const [alias, target] of Object.entries(aliases)) {
		if (alias === plain) return posix.normalize(target);
		if (alias.endsWith('*') && plain.startsWith(alias.slice(0, -1))) return posix.normalize(target.replace('*', plain.slice(alias.length - 1)));
	}
	return undefined;
}

const adapterOf = (path: string): string | undefined => /^app\/adapters\/([^/]+)\//.exec(path)?.[1];
