/**
 * Text that people read belongs into `app/languages`, where it can be translated. Found here where it stands in the code instead:
 *
 * 1. in markup: a text with letters, also one that an expression there may come to;
 * 2. in attributes that people see or hear: labels, titles, hints; in any other attribute, where an object there has one of these names;
 * 3. in scripts and modules: a literal of two words and more, or a word beside what is filled in; in the page and the worker, too, which hand screens what they say.
 */
import { parse } from 'svelte/compiler';
import ts from 'typescript';

const SEEN_OR_HEARD =
	/^(label|title|placeholder|hint|alt|error|about|legend|caption|detail|subtitle|action|message|aria-(label|description|placeholder|roledescription|valuetext))$/;
const LETTERS = /\p{L}/u;
const TWO_WORDS = /\p{L}{2,}[,:;]? \p{L}+/u;
/** A sentence is put together there. */
const BESIDE_FILLED = /\p{L}{2,}[,:;]? \{\}|\{\}[,:;]? \p{L}{2,}/u;

/** Pieces of code have words too: a format, a selector, an address, a media query. */
const NOT_READ = /^[\s\w.#[\]="'>:()-]*[#[\]="]|^\(|^[\d.]+px|var\(--/;

interface Node {
	readonly type: string;
	readonly start: number;
	readonly end: number;
	readonly [name: string]: unknown;
}

export interface FoundText {
	readonly path: string;
	readonly line: number;
	readonly text: string;
}

/** Every text in a file that a translator would not find. */
export function spokenTexts(path: string, code: string): FoundText[] {
	if (!path.endsWith('.svelte')) return textsOfScript(path, code);
	const ast = parse(code, { modern: true }) as unknown as { fragment: Node; instance: Node | null; module: Node | null };
	const scripts = [ast.module, ast.instance].flatMap((script) => {
		if (script === null || script === undefined) return [];
		const { start, end } = script['content'] as Node;
		// Line breaks before it are kept, so that a line is what it is in the file.
		return textsOfScript(path, code.slice(0, start).replace(/[^\n]/g, '') + code.slice(start, end));
	});
	const markup: FoundText[] = [];
	eachNode(ast.fragment, (node) => {
		for (const text of textsOfNode(node)) {
			const shown = text.replace(/\s+/g, ' ').trim();
			if (LETTERS.test(shown.replace(/&\w+;/g, ''))) markup.push({ path, line: code.slice(0, node.start).split('\n').length, text: shown });
		}
	});
	return [...scripts, ...markup];
}

function textsOfNode(node: Node): string[] {
	if (node.type === 'Text') return [String(node['raw'])];
	if (node.type === 'ExpressionTag') return valuesOf(node['expression'] as Node);
	if (node.type !== 'Attribute' || node['value'] === true) return [];
	const parts = Array.isArray(node['value']) ? (node['value'] as Node[]) : [node['value'] as Node];
	if (SEEN_OR_HEARD.test(String(node['name']))) return parts.flatMap((part) => textsOfNode(part));
	const inside: string[] = [];
	eachNode(parts, (part) => {
		const { key } = part as { readonly key?: Node };
		if (part.type === 'Property' && SEEN_OR_HEARD.test(String(key?.['name'] ?? key?.['value']))) inside.push(...valuesOf(part['value'] as Node));
	});
	return inside;
}

/** The literals that an expression may come to; what it only compares with is no text. */
function valuesOf(node: Node | undefined): string[] {
	if (node === undefined) return [];
	const of = (...names: string[]): string[] => names.flatMap((name) => valuesOf(node[name] as Node));
	switch (node.type) {
		case 'Literal':
			return typeof node['value'] === 'string' ? [node['value']] : [];
		case 'TemplateLiteral':
			return [
				...(node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked),
				...(node['expressions'] as Node[]).flatMap((one) => valuesOf(one)),
			];
		case 'ConditionalExpression':
			return of('consequent', 'alternate');
		case 'LogicalExpression':
			return of('left', 'right');
		case 'BinaryExpression':
			return node['operator'] === '+' ? of('left', 'right') : [];
		default:
			return [];
	}
}

/** Below an attribute only the ones that people see or hear are looked at; classes, types and styles are not. */
function eachNode(value: unknown, visit: (node: Node) => void): void {
	if (Array.isArray(value)) for (const item of value) eachNode(item, visit);
	else if (typeof value === 'object' && value !== null && 'type' in value) {
		const node = value as Node;
		visit(node);
		if (node.type === 'Attribute' || node.type === 'StyleDirective') return;
		for (const [name, item] of Object.entries(node)) if (name !== 'parent' && name !== 'metadata') eachNode(item, visit);
	} else if (typeof value === 'object' && value !== null && 'nodes' in value) eachNode(value.nodes, visit);
}

function textsOfScript(path: string, code: string): FoundText[] {
	const tree = ts.createSourceFile(path, code, ts.ScriptTarget.ESNext, true);
	const found: FoundText[] = [];
	const look = (node: ts.Node): void => {
		if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || isForProgrammers(node)) return;
		const text = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ? wordsOf(node) : undefined;
		if (text !== undefined && (TWO_WORDS.test(text) || BESIDE_FILLED.test(text)) && !NOT_READ.test(text))
			found.push({ path, line: tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1, text });
		ts.forEachChild(node, look);
	};
	look(tree);
	return found;
}

/** `{}` stands for what is filled in. */
function wordsOf(node: ts.StringLiteralLike | ts.TemplateExpression): string {
	if (ts.isStringLiteralLike(node)) return node.text;
	return node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('');
}

/** What is thrown, is wrong in the code; a comparison is no text. */
function isForProgrammers(node: ts.Node): boolean {
	return (
		(ts.isNewExpression(node) && /Error$/.test(node.expression.getText())) ||
		(ts.isCallExpression(node) && /^(assert|console\.\w+|document\.querySelector(All)?|matchMedia|\w+\.closest)$/.test(node.expression.getText()))
	);
}
