/**
 * Which tills a till links to. Up to eight others: all of them. Beyond that every link costs each of them a share of everything that anybody sells, and buys nothing,
 * for what one holds it passes on: a till then links to its neighbours on a ring of peer ids, at 1, 2, 4 and 8 places to either side.
 *
 * 1. At most eight are dialled. What others dial is let in all the same, so that two views of who is there still make one mesh.
 * 2. Of two tills that see the same others, each chooses the other or neither does.
 * 3. The mesh of any number of tills is one piece, and a till is few steps from any other: with 64 tills at most five.
 * 4. A till that could not be reached three times keeps its place in nobody's way: the next on the ring is dialled as well.
 */
const MOST = 8;
const DISTANCES = [1, 2, 4, 8];
const GIVEN_UP = 3;

export function chooseMesh(self: string, others: Iterable<string>, failures: (peer: string) => number): ReadonlySet<string> {
	const all = [...new Set(others)].filter((peer) => peer !== self);
	if (all.length <= MOST) return new Set(all);
	const reachable = all.filter((peer) => failures(peer) < GIVEN_UP);
	return new Set([...onRing(self, all), ...onRing(self, reachable)]);
}

function onRing(self: string, others: readonly string[]): readonly string[] {
	if (others.length <= MOST) return others;
	const ring = [...others, self].sort((a, b) => (a < b ? -1 : 1));
	const own = ring.indexOf(self);
	return DISTANCES.flatMap((distance) => [ring[(own + distance) % ring.length], ring[(own + ring.length - distance) % ring.length]]).filter(
		(peer) => peer !== undefined,
	);
}
