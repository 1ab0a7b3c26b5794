/** What the linter holds against the code. Format is Prettier's affair; which folder may import which is `tests/tidy.test.ts`'s. */
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
	{ ignores: ['node_modules/', 'build/', '.svelte-kit/', 'data/', 'test-results/', 'app/languages/compiled*/'] },
	js.configs.recommended,
	...ts.configs.strict,
	...svelte.configs.recommended,
	{
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		languageOptions: { globals: { ...globals.es2024 } },
		rules: {
			// `_name` says: the shape asks for it, the code does not.
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
			'@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false }],
			// `() => void | Promise<void>` is what a port says that may or may not be waited for.
			'@typescript-eslint/no-invalid-void-type': 'off',
			eqeqeq: 'error',
			'prefer-const': 'error',
			'no-var': 'error',
			'no-console': 'error',
		},
	},
	{
		// The compiler knows these; the linter would only know half of the globals.
		files: ['**/*.ts', '**/*.svelte'],
		rules: { 'no-undef': 'off' },
	},
	{
		// Promises are where a sale gets lost in silence, and only the types know which call makes one. Two whole programs are read sooner than one file after another.
		files: ['schemas/**/*.ts', 'app/**/*.ts', 'sync-server/**/*.ts', 'tests/**/*.ts'],
		ignores: ['app/service-worker/**'],
		languageOptions: { parserOptions: { project: ['./tsconfig.json', './app/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
		rules: {
			'@typescript-eslint/no-floating-promises': [
				'error',
				{ allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'it'] }] },
			],
			'@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false, properties: false } }],
			'@typescript-eslint/await-thenable': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
		},
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig }, globals: globals.browser },
		rules: {
			// The app lies at the root of its origin and nowhere else: no base path to resolve.
			'svelte/no-navigation-without-resolve': 'off',
			'@typescript-eslint/no-unused-expressions': 'off',
			// Props are taken apart in one declaration, and one of them may be bindable.
			'prefer-const': 'off',
			'svelte/prefer-const': ['error', { destructuring: 'all' }],
		},
	},
	{
		// A till has no log file: what nobody expected is in the browser's console, for whoever looks after it.
		files: ['app/boot.ts', 'app/replica.worker.ts'],
		rules: { 'no-console': ['error', { allow: ['error'] }] },
	},
	{
		files: ['**/*.js', '**/*.mjs', '**/*.d.mts', 'app/languages/compile.ts', 'sync-server/**', 'tests/**', '*.config.ts'],
		languageOptions: { globals: globals.node },
		rules: { 'no-console': 'off' },
	},
	{
		// A test may insist on what it has just built.
		files: ['tests/**'],
		rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
	},
);
