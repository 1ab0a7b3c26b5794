/**
 * What Paraglide writes, as a till wants it: its index asks every language, so that all of them are loaded; ours asks English, and the one other language that
 * is loaded before it.
 *
 * Source in, source out: what Paraglide writes must look as it does today, or nothing is compiled.
 */

/** One message, with its type; the body asks one language after the other. */
const MESSAGE = /^export const (\w+) = (\/\*\* @type .*? \*\/) \(\((inputs(?: = \{\})?), options = \{\}\) => \{\n.*?^\}\);$/gms;
/** A language for one message alone, which nobody could load in time. */
const OPTIONS = /, options\?: \{[^}]*\}(?=\) =>)/;
const LANGUAGES = /^import \* as __(\w+) from .*\n/gm;

export function splitIndex(index: string, base: string): string {
	let messages = 0;
	const split = index
		.replace(MESSAGE, (_, name: string, type: string, inputs: string) => {
			messages += 1;
			return `export const ${name} = ${type.replace(OPTIONS, '')} ((${inputs}) => (other?.${name} ?? __${base}.${name})(inputs));`;
		})
		.replace(LANGUAGES, (line, language: string) => (language === base ? line : ''))
		.replace(/^import \{ getLocale, .*$/m, 'import { other } from "../load.js"');
	const wanted = index.match(/^export const /gm)?.length ?? 0;
	if (messages !== wanted || messages === 0 || split.includes('getLocale'))
		throw new Error(`Paraglide writes its index in another way than languages/split.ts knows: ${messages} of ${wanted} messages were found.`);
	return split;
}

/** Paraglide makes the rules of plurals anew for each message that has a number: half a millisecond of a line on a slow till. */
const RULES = 'return new Intl.PluralRules(locale, options).select(Number(input))';

export function keepPluralRules(registry: string): string {
	if (!registry.includes(RULES)) throw new Error('Paraglide writes its plurals in another way than languages/split.ts knows.');
	const kept = '\n/** @type {Map<string, Intl.PluralRules>} */\nconst rules = new Map();\n';
	const asked = [
		"const name = locale + (options?.type ?? '');",
		'let known = rules.get(name);',
		'if (known === undefined) rules.set(name, (known = new Intl.PluralRules(locale, options)));',
		'return known.select(Number(input));',
	];
	return registry.replace(RULES, asked.join('\n\t')) + kept;
}
