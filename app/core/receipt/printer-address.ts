/** Addresses that a printer of a shop can have: of private networks (RFC 1918), of a cable without a router (RFC 3927), or of the hub's own machine. */

/** IPv4 in its usual form; nothing else is an address here. */
export function isPrinterAddress(host: string): boolean {
	const parts = host.split('.');
	const numbers = parts.map(Number);
	if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part)) || numbers.some((number) => number > 255)) return false;
	const [first = 0, second = 0] = numbers;
	return (
		first === 10 ||
		first === 127 ||
		(first === 172 && second >= 16 && second <= 31) ||
		(first === 192 && second === 168) ||
		(first === 169 && second === 254)
	);
}
