/** The small rules that keep a house in which everything is found: names, READMEs, no barrels, no dead code, nothing of the machine it was written on. */
import { posix } from 'node:path';
import ts from 'typescript';
import { isCode, type Source } from './source.ts';

/** A folder that holds code needs a page about it: the parts themselves, and each folder of these. What lies deeper belongs to the page above. */
const TOLD_ONE_BY_ONE = ['app/core', 'app/adapters', 'sync-server'];
const TOLD_AS_ONE = ['app', 'app/engine', 'app/projections', 'app/ui', 'app/routes', 'app/service-worker', 'schemas', 'tests'];

/** Names that say nothing about what is inside. `service-worker` is the platform's word. */
const EMPTY_NAMES = /(^|[-.])(utils?|helpers?|managers?|services?|commons?|misc|stuff)([-.]|$)/;

const KEBAB = /^\+?[a-z0-9]+(?:[-.][a-z0-9]+)*$/;

/** Kit's groups and parameters: `(till)`, `[receipt]`. */
const ROUTE_FOLDER = /^(\([a-z0-9-]+\)|\[{1,2}[a-zA-Z0-9.=]+\]{1,2})$/;

export function nameFindings(path: string): string[] {
	const parts = path.split('/');
	const file = parts.at(-1) ?? '';
	const found: string[] = [];
	// A unit of systemd ends so, or it is none.
	for (const part of parts)
		if (part !== 'service-worker' && EMPTY_NAMES.test(part.replace(/\.service$/, ''))) found.push(`${path}: the name "${part}" says nothing`);
	if (!isCode(path)) return found;
	if (!KEBAB.test(file)) found.push(`${path}: "${file}" is not kebab-case`);
	for (const folder of parts.slice(0, -1))
		if (!KEBAB.test(folder) && !ROUTE_FOLDER.test(folder) && !folder.startsWith('.')) found.push(`${path}: folder "${folder}" is not kebab-case`);
	return found;
}

/** A file that only passes on what others say hides where things are. */
export function barrelFindings({ path, tree }: Source): string[] {
	if (/(^|\/)index\.[a-z]+$/.test(path) && !path.startsWith('app/service-worker/'))
		return [`${path}: no index files; name the file by what is in it`];
	const statements = [...tree.statements];
	const passesOn = statements.filter((one) => ts.isExportDeclaration(one) && one.moduleSpecifier !== undefined);
	const rest = statements.filter((one) => !ts.isExportDeclaration(one) && !ts.isImportDeclaration(one));
	return passesOn.length > 0 && rest.length === 0 ? [`${path}: only passes on what other files export; let everybody import the file itself`] : [];
}

const STATEMENT =
	/^(?:(?:export|const|let|var|import|return|throw|await|if|for|while|switch|function|async|class|type|interface)\b.*[;{}]|\}.*|[\w$.[\]]+\(.*\);|[\w$.[\]]+ [+-]?= .*;)$/;

/** Line comments that read as statements. A sentence may quote code in backticks. */
export function deadCodeFindings(path: string, text: string): string[] {
	return text.split('\n').flatMap((line, i) => {
		const comment = /^\s*\/\/\s?(.*)$/.exec(line)?.[1]?.trim();
		return comment !== undefined && STATEMENT.test(comment) ? [`${path}:${i + 1}: code in a comment; git remembers it`] : [];
	});
}

/** A test left out, or one that leaves all others out. `skipIf` and `runIf` say their reason. */
export function leftOutFindings(path: string, text: string): string[] {
	return text
		.split('\n')
		.flatMap((line, i) =>
			/\b(?:test|it|describe)(?:\.\w+)*\.(?:only|skip|todo|fixme)\(/.test(line) ? [`${path}:${i + 1}: a test is left out`] : [],
		);
}

const MACHINE = [
	/(?<![\w.~*-])\/(?:work|root|home\/\w+|Users\/\w+)\//,
	/\b[A-Z]:\\Users\\/,
	/\bregistry\.[\w-]+\.(?:org|com|net|io|dev)\b/,
	/\b(?:deb|security|archive|pypi|files|proxy)\.(?:debian|ubuntu|pythonhosted|golang)\.(?:org|com)\b/,
];

/** Where somebody's files lie, and where a machine fetches packages, is nobody else's affair. */
export function machineFindings(path: string, text: string): string[] {
	return text
		.split('\n')
		.flatMap((line, i) => (MACHINE.some((one) => one.test(line)) ? [`${path}:${i + 1}: names a machine's path or a package registry`] : []));
}

/** Folders of code without a README. */
export function unexplainedFolders(paths: readonly string[]): string[] {
	const files = new Set(paths);
	const folders = new Set<string>();
	for (const path of paths.filter(isCode)) {
		for (const folder of TOLD_AS_ONE) if (path.startsWith(`${folder}/`)) folders.add(folder);
		for (const parent of TOLD_ONE_BY_ONE) {
			if (!path.startsWith(`${parent}/`)) continue;
			folders.add(parent);
			const below = path.slice(parent.length + 1).split('/');
			if (below.length > 1) folders.add(posix.join(parent, below[0] ?? ''));
		}
	}
	return [...folders].filter((folder) => !files.has(`${folder}/README.md`)).sort();
}

const NAMED_FILE = /`((?:app|docs|schemas|sync-server|tests)\/[\w./+-]+\.(?:json|md|mjs|svelte|ts|yml))`/g;

/** Files that a page names by their whole path, and that are not there. */
export function lostFindings(path: string, text: string, paths: readonly string[]): string[] {
	const files = new Set(paths);
	return [...text.matchAll(NAMED_FILE)].flatMap(([, named = '']) => (files.has(named) ? [] : [`${path}: ${named} is not there`]));
}
