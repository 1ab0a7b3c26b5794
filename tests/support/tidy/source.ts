/**
 * A source file as the tidy rules read it: what it imports, in every form there is, and its syntax tree.
 *
 * 1. Every form counts: import, export from, `import type`, import types, dynamic import, require, worker and asset urls (`new URL(…, import.meta.url)`), glob imports.
 * 2. In a Svelte file the scripts count, and what its markup imports.
 * 3. An import whose address is computed is reported as `undefined`: no rule can follow it.
 */
import { parse } from 'svelte/compiler';
import ts from 'typescript';

export interface Source {
	/** From the repository's root, with forward slashes. */
	readonly path: string;
	readonly text: string;
	/** The parsed file; for a Svelte file its scripts, one after the other. */
	readonly tree: ts.SourceFile;
	readonly imports: readonly Import[];
}

export interface Import {
	/** As written; undefined when it is computed. */
	readonly specifier: string | undefined;
	readonly line: number;
}

const CODE = /\.(ts|mts|js|mjs|svelte)$/;

export const isCode = (path: string): boolean => CODE.test(path);

export function sourceOf(path: string, text: string): Source {
	if (!path.endsWith('.svelte')) {
		const tree = treeOf(path, text);
		return { path, text, tree, imports: importsOf(tree) };
	}
	const { script, markup } = partsOfSvelte(text);
	const tree = treeOf(`${path}.ts`, script);
	return { path, text, tree, imports: [...importsOf(tree), ...markup] };
}

/** Calls `visit` for a node and all below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
	visit(node);
	ts.forEachChild(node, (child) => walk(child, visit));
}

export const lineOf = (tree: ts.SourceFile, node: ts.Node): number => tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;

function treeOf(path: string, text: string): ts.SourceFile {
	return ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
}

function importsOf(tree: ts.SourceFile): Import[] {
	const found: Import[] = [];
	const add = (node: ts.Node, address: ts.Expression | undefined) =>
		found.push({ specifier: address !== undefined && ts.isStringLiteralLike(address) ? address.text : undefined, line: lineOf(tree, node) });
	walk(tree, (node) => {
		if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier);
		else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) add(node, node.moduleSpecifier);
		else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal))
			add(node, node.argument.literal);
		else if (ts.isExternalModuleReference(node)) add(node, node.expression);
		else if (ts.isCallExpression(node)) {
			if (node.expression.kind === ts.SyntaxKind.ImportKeyword || isNamed(node.expression, 'require')) add(node, node.arguments[0]);
			if (node.expression.getText(tree) === 'import.meta.glob') for (const address of listed(node.arguments[0])) add(node, address);
		} else if (ts.isNewExpression(node) && isNamed(node.expression, 'URL') && node.arguments?.[1]?.getText(tree) === 'import.meta.url') {
			// A path to data beside the file (a folder, a database) is no import; what ends like code is. Nobody computes the address of a worker.
			const address = node.arguments[0];
			if (address === undefined || !ts.isStringLiteralLike(address) || !isCode(address.text)) return;
			found.push({ specifier: /^[./]/.test(address.text) ? address.text : `./${address.text}`, line: lineOf(tree, node) });
		}
	});
	return found;
}

const isNamed = (node: ts.Node, name: string): boolean => ts.isIdentifier(node) && node.text === name;

function listed(node: ts.Expression | undefined): (ts.Expression | undefined)[] {
	return node !== undefined && ts.isArrayLiteralExpression(node) ? [...node.elements] : [node];
}

function partsOfSvelte(text: string): { script: string; markup: Import[] } {
	const ast = parse(text, { modern: true });
	const scripts = [ast.module, ast.instance].filter((one) => one !== null && one !== undefined);
	// Blanks for everything else, so that lines stay what they are in the file.
	const kept = [...text].map((char) => (char === '\n' ? '\n' : ' '));
	const script = scripts.reduce((blank, { content }) => {
		const { start, end } = content as unknown as { start: number; end: number };
		return blank.slice(0, start) + text.slice(start, end) + blank.slice(end);
	}, kept.join(''));
	const markup: Import[] = [];
	eachNode(ast.fragment, (node) => {
		if (node['type'] !== 'ImportExpression') return;
		const { value } = node['source'] as { value?: unknown };
		const line = text.slice(0, node['start'] as number).split('\n').length;
		markup.push({ specifier: typeof value === 'string' ? value : undefined, line });
	});
	return { script, markup };
}

function eachNode(value: unknown, visit: (node: Record<string, unknown>) => void): void {
	if (Array.isArray(value)) for (const item of value) eachNode(item, visit);
	else if (typeof value === 'object' && value !== null) {
		visit(value as Record<string, unknown>);
		for (const item of Object.values(value)) eachNode(item, visit);
	}
}
