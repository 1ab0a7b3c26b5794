/** A valibot schema as plain data that says what it accepts, and nothing of how: two schemas that accept the same in the same words describe alike. */

type Described = string | number | boolean | null | readonly Described[] | { readonly [name: string]: Described };

export function describeSchema(schema: unknown): Described {
	if (typeof schema !== 'object' || schema === null) return describeValue(schema);
	const parts = schema as Record<string, unknown>;
	if (Array.isArray(parts['pipe'])) return parts['pipe'].map((part) => (part === schema ? describeOne(parts) : describeSchema(part)));
	return describeOne(parts);
}

function describeOne(parts: Record<string, unknown>): Described {
	const described: Record<string, Described> = { type: String(parts['type']) };
	if ('literal' in parts) described['literal'] = describeValue(parts['literal']);
	if ('requirement' in parts) described['requirement'] = describeValue(parts['requirement']);
	if ('name' in parts && parts['type'] === 'brand') described['name'] = String(parts['name']);
	if ('wrapped' in parts) described['wrapped'] = describeSchema(parts['wrapped']);
	if ('item' in parts) described['item'] = describeSchema(parts['item']);
	if ('key' in parts && typeof parts['key'] === 'object') described['key'] = describeSchema(parts['key']);
	if ('value' in parts && typeof parts['value'] === 'object') described['value'] = describeSchema(parts['value']);
	if (Array.isArray(parts['items'])) described['items'] = parts['items'].map(describeSchema);
	if (Array.isArray(parts['options'])) described['options'] = parts['options'].map(describeSchema);
	if (typeof parts['entries'] === 'object' && parts['entries'] !== null) {
		const entries = Object.entries(parts['entries']).sort(([a], [b]) => (a < b ? -1 : 1));
		described['entries'] = Object.fromEntries(entries.map(([name, entry]) => [name, describeSchema(entry)]));
	}
	return described;
}

function describeValue(value: unknown): Described {
	if (value instanceof RegExp) return String(value);
	if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
	if (Array.isArray(value)) return value.map(describeValue);
	if (typeof value === 'function') return `function ${value.name}`;
	return String(value);
}
