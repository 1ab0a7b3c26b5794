/**
 * Icons as they stand in the page, made when the app is built. The library's own component puts an icon together from lists whenever it is shown,
 * some twenty times for a till's first screen and five times with each line of a sale.
 *
 * Of what the library's icons can be told, ours know size, stroke width and fill. No reader is told of them: words stand beside them, or the button says what it does.
 */
import type { Plugin } from 'vite';

const ICON = /\/@lucide\/svelte\/dist\/icons\/[\w-]+\.svelte$/;
const DATA = /const iconData = (\{[^;]*\});/;

export const plainIcons: Plugin = {
	name: 'plain-icons',
	enforce: 'pre',
	// Nothing of the library's own component is left to map to.
	transform: (code, id) => (ICON.test(id) ? { code: plainIcon(code, id), map: null } : undefined),
};

/** A component's source for the library's. Throws where that has another form than we know. */
export function plainIcon(code: string, id: string): string {
	const data = DATA.exec(code)?.[1];
	if (data === undefined) throw new Error(`${id} holds no icon that could be read`);
	const { name, aliases = [], node } = JSON.parse(data) as Icon;
	const classes = ['lucide-icon', 'lucide', ...[name, ...aliases].map((one) => `lucide-${one}`)].join(' ');
	const shapes = node.map(([tag, attributes]) => `<${tag} ${attributesOf(attributes)} />`).join('');
	return `<script>
	const { size = 24, strokeWidth = 2, fill = 'none' } = $props();
</script>
<svg xmlns="http://www.w3.org/2000/svg" width={size} height={size} viewBox="0 0 24 24" {fill} stroke="currentColor" stroke-width={strokeWidth} stroke-linecap="round" stroke-linejoin="round" class="${classes}" aria-hidden="true">${shapes}</svg>
`;
}

interface Icon {
	readonly name: string;
	readonly aliases?: readonly string[];
	readonly node: readonly (readonly [tag: string, attributes: Readonly<Record<string, string | number>>])[];
}

function attributesOf(attributes: Readonly<Record<string, string | number>>): string {
	return Object.entries(attributes)
		.map(([name, value]) => `${name}="${value}"`)
		.join(' ');
}
