/**
 * Whether an IP address, as text, belongs to networks that no router of the internet leads to: a shop's own, this machine's, or one between offices.
 * RFC 1918, RFC 3927, RFC 6598 (networks of providers, and of private tunnels), RFC 4193, RFC 4291.
 *
 * 1. What is no address of numbers is no local one.
 */
export function isLocalAddress(host: string): boolean {
	const plain = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/i.exec(host);
	if (plain !== null) return isLocalIPv4(Number(plain[1]), Number(plain[2]));
	// fc00::/7 and fe80::/10. Written with all four digits always: their first is no zero.
	return /^(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):[0-9a-f:]*$/i.test(host) || host === '::1';
}

function isLocalIPv4(first: number, second: number): boolean {
	switch (first) {
		case 10:
		case 127:
			return true;
		case 100:
			return second >= 64 && second <= 127;
		case 169:
			return second === 254;
		case 172:
			return second >= 16 && second <= 31;
		case 192:
			return second === 168;
		default:
			return false;
	}
}
