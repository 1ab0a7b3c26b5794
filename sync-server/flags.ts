/**
 * Flags of our programs: each with its help, its variable in the environment and its check. An unknown flag or a bad value is named and refused.
 *
 * Each can be given as a variable, too: `--https-port` is `HOLDFAST_HTTPS_PORT`. Some have a second, which hosts set by custom (`PORT`).
 */
import { parseArgs } from 'node:util';

export interface Flag<Value> {
	/** Shown in the help: `DIR`, `N`, `ws://host:port`. */
	readonly hint: string;
	readonly help: string;
	/** A second variable, where a custom of hosts has one: `PORT`. */
	readonly env?: string;
	readonly initial: Value;
	/** How the help names `initial`, where its text says little or is another on each machine. */
	readonly initialWords?: string;
	/** The value, or what is wrong with the text. */
	readonly parse: (text: string) => { readonly value: Value } | { readonly wrong: string };
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;
export type Values<All extends Flags> = { readonly [Name in keyof All]: All[Name] extends Flag<infer Value> ? Value : never };

export type Parsed<All extends Flags> = { readonly values: Values<All> } | { readonly help: string } | { readonly refused: string };

export function parseFlags<All extends Flags>(
	program: string,
	about: string,
	flags: All,
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>>,
): Parsed<All> {
	const help = helpText(program, about, flags);
	const options = Object.fromEntries([
		...Object.keys(flags).map((name) => [name, { type: 'string' as const }]),
		['help', { type: 'boolean' as const, short: 'h' }],
	]);
	let given: Readonly<Record<string, unknown>>;
	try {
		given = parseArgs({ args: [...args], options, allowPositionals: false, strict: true }).values;
	} catch (error) {
		return { refused: `${firstSentence((error as Error).message)} ${program} --help lists all flags.` };
	}
	if (given['help'] === true) return { help };
	const values: Record<string, unknown> = {};
	for (const [name, flag] of Object.entries(flags)) {
		// An empty variable of the environment is one that nobody set; an empty flag is a slip.
		const variable = variablesOf(name, flag).find((one) => (env[one] ?? '') !== '');
		const [text, source] =
			given[name] !== undefined ? [given[name] as string, `--${name}`] : variable === undefined ? [undefined, ''] : [env[variable], variable];
		if (text === undefined) {
			values[name] = flag.initial;
			continue;
		}
		if (text === '') return { refused: `${source} "": expected ${flag.hint}.` };
		const parsed = flag.parse(text);
		if ('wrong' in parsed) return { refused: `${source} "${text}": ${parsed.wrong}.` };
		values[name] = parsed.value;
	}
	return { values: values as Values<All> };
}

export function variablesOf(name: string, { env }: Pick<Flag<unknown>, 'env'>): readonly string[] {
	const own = `HOLDFAST_${name.toUpperCase().replaceAll('-', '_')}`;
	return env === undefined || env === own ? [own] : [own, env];
}

export function portFlag(initial: number, help: string, env?: string): Flag<number> {
	return { ...numberFlag(initial, help, { least: 1, most: 65_535 }, 'PORT'), ...(env === undefined ? {} : { env }) };
}

export function numberFlag(
	initial: number,
	help: string,
	{ least, most }: { readonly least: number; readonly most: number },
	hint = 'N',
): Flag<number> {
	return {
		...{ hint, help, initial },
		parse(text) {
			const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
			return value >= least && value <= most ? { value } : { wrong: `expected a whole number from ${least} to ${most}` };
		},
	};
}

export function textFlag(initial: string, hint: string, help: string, env?: string): Flag<string> {
	return { ...{ hint, help, initial, parse: (value) => ({ value }) }, ...(env === undefined ? {} : { env }) };
}

function helpText(program: string, about: string, flags: Flags): string {
	const rows = Object.entries(flags).map(([name, flag]) => {
		const { hint, help, initial, initialWords = initial === undefined ? '' : String(initial) } = flag;
		const notes = [`or ${variablesOf(name, flag).join(', ')}`, ...(initialWords === '' ? [] : [`default ${initialWords}`])];
		return [`  --${name} ${hint}`, `${help}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`] as [string, string];
	});
	rows.push(['  --help', 'Show this text']);
	const width = Math.max(...rows.map(([left]) => left.length)) + 2;
	return `${about}\n\nUsage: ${program} [flags]\n\n${rows.map(([left, right]) => `${left.padEnd(width)}${right}`).join('\n')}\n`;
}

/** The two words that switch something on and off. */
export function switchFlag(help: string): Flag<boolean> {
	return {
		...{ hint: 'on|off', help, initial: false, initialWords: 'off' },
		parse: (text) => (text === 'on' || text === 'off' ? { value: text === 'on' } : { wrong: 'expected on or off' }),
	};
}

/** Node's message goes on about how to write positionals; the first sentence names the flag. */
function firstSentence(message: string): string {
	return `${message.split(/\.\s|\n/)[0] ?? message}.`.replace(/\.\.$/, '.');
}
