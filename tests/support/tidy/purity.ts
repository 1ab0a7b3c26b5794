/**
 * What `app/core` and `schemas` may not touch: time, chance, waiting, the browser, Node, and whatever the machine's own settings would change.
 *
 * 1. Nothing waits: no async, await, Promise, generator of promises.
 * 2. No clock and no chance: `Date.now()`, `new Date()` and `Math.random()` come through a port. A date from explicit milliseconds is arithmetic.
 * 3. Nothing depends on the machine's language or time zone: Intl with explicit arguments, no local getters of Date, no localeCompare.
 * 4. No global of a browser or of Node. A name that the file declares itself is its own affair.
 */
import ts from 'typescript';
import { lineOf, walk, type Source } from './source.ts';

const GLOBALS = new Set([
	...[
		'window',
		'document',
		'navigator',
		'location',
		'history',
		'localStorage',
		'sessionStorage',
		'indexedDB',
		'caches',
		'globalThis',
		'self',
		'fetch',
		'crypto',
	],
	...[
		'performance',
		'setTimeout',
		'setInterval',
		'setImmediate',
		'clearTimeout',
		'clearInterval',
		'queueMicrotask',
		'requestAnimationFrame',
		'console',
	],
	...[
		'process',
		'Buffer',
		'require',
		'Worker',
		'SharedWorker',
		'WebSocket',
		'EventSource',
		'XMLHttpRequest',
		'BroadcastChannel',
		'MessageChannel',
		'RTCPeerConnection',
	],
	...['Promise', 'WeakRef', 'FinalizationRegistry', 'Atomics', 'SharedArrayBuffer', 'eval', 'Function', '$state', '$derived', '$effect'],
]);

/** Their answer is the machine's language or time zone. */
const LOCAL_METHODS = new Set([
	...[
		'getFullYear',
		'getMonth',
		'getDate',
		'getDay',
		'getHours',
		'getMinutes',
		'getTimezoneOffset',
		'setFullYear',
		'setMonth',
		'setDate',
		'setHours',
		'setMinutes',
	],
	...[
		'toLocaleString',
		'toLocaleDateString',
		'toLocaleTimeString',
		'toDateString',
		'toTimeString',
		'localeCompare',
		'toLocaleUpperCase',
		'toLocaleLowerCase',
	],
]);

export function purityFindings({ path, tree }: Source): string[] {
	const own = declaredNames(tree);
	const found: string[] = [];
	const say = (node: ts.Node, what: string) => found.push(`${path}:${lineOf(tree, node)}: ${what}`);
	walk(tree, (node) => {
		if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)) say(node, 'awaits');
		else if (node.kind === ts.SyntaxKind.AsyncKeyword) say(node, 'is async');
		else if (ts.isIdentifier(node) && isFree(node, own)) {
			if (GLOBALS.has(node.text)) say(node, `uses ${node.text}`);
			if (node.text === 'Date' && ts.isCallExpression(node.parent)) say(node, 'reads the clock: Date()');
		} else if (ts.isPropertyAccessExpression(node)) {
			const text = node.getText(tree);
			if (text === 'Date.now' || text === 'Math.random') say(node, `uses ${text}`);
			else if (LOCAL_METHODS.has(node.name.text)) say(node, `uses ${node.name.text}, which depends on the machine's settings`);
		}
		if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Date') {
			if (node.arguments === undefined || node.arguments.length === 0) say(node, 'reads the clock: new Date()');
			else if (node.arguments.length > 1) say(node, "builds a date in the machine's time zone; use Date.UTC");
		}
		if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && /^Intl\.\w+$/.test(node.expression.getText(tree))) {
			const problem = intlProblem(node, tree);
			if (problem !== undefined) say(node, problem);
		}
	});
	return found;
}

function intlProblem(node: ts.NewExpression | ts.CallExpression, tree: ts.SourceFile): string | undefined {
	const [locale, options] = node.arguments ?? [];
	if (locale === undefined || locale.getText(tree) === 'undefined') return "uses Intl in the machine's language: name one";
	if (!node.expression.getText(tree).endsWith('DateTimeFormat')) return undefined;
	const named = options !== undefined && (!ts.isObjectLiteralExpression(options) || /\btimeZone\b/.test(options.getText(tree)));
	return named ? undefined : "formats in the machine's time zone: name one";
}

/** Neither a property's name nor declared by the file. */
function isFree(node: ts.Identifier, own: ReadonlySet<string>): boolean {
	const { parent } = node;
	if (own.has(node.text)) return false;
	if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
	if (ts.isQualifiedName(parent) && parent.right === node) return false;
	if (
		(ts.isPropertyAssignment(parent) ||
			ts.isPropertySignature(parent) ||
			ts.isMethodSignature(parent) ||
			ts.isMethodDeclaration(parent) ||
			ts.isPropertyDeclaration(parent)) &&
		parent.name === node
	)
		return false;
	if ((ts.isBindingElement(parent) || ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) && parent.propertyName === node) return false;
	return true;
}

function declaredNames(tree: ts.SourceFile): ReadonlySet<string> {
	const names = new Set<string>();
	walk(tree, (node) => {
		const declares =
			ts.isVariableDeclaration(node) ||
			ts.isParameter(node) ||
			ts.isBindingElement(node) ||
			ts.isFunctionDeclaration(node) ||
			ts.isClassDeclaration(node) ||
			ts.isImportSpecifier(node) ||
			ts.isImportClause(node) ||
			ts.isNamespaceImport(node) ||
			ts.isTypeAliasDeclaration(node) ||
			ts.isInterfaceDeclaration(node) ||
			ts.isTypeParameterDeclaration(node);
		if (declares && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
	});
	return names;
}
