/** Which tills a till dials, when there are more than it should hold links to. */
import { chooseMesh } from '#adapters/lan-libp2p/mesh.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const none = (): number => 0;
const tills = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 80 });

/** Links that come about when each dials what it chooses, with everybody in view. */
function linksOf(all: readonly string[], failures: (peer: string) => number = none): Map<string, Set<string>> {
	const links = new Map(all.map((peer) => [peer, new Set<string>()]));
	for (const self of all)
		for (const peer of chooseMesh(self, all, failures)) {
			links.get(self)?.add(peer);
			links.get(peer)?.add(self);
		}
	return links;
}

function stepsFrom(start: string, links: Map<string, Set<string>>): Map<string, number> {
	const steps = new Map([[start, 0]]);
	for (const peer of steps.keys()) for (const next of links.get(peer) ?? []) if (!steps.has(next)) steps.set(next, (steps.get(peer) ?? 0) + 1);
	return steps;
}

test('up to eight others are all dialled, and never oneself', () => {
	const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
	for (const self of all) expect(chooseMesh(self, all, none)).toEqual(new Set(all.filter((peer) => peer !== self)));
	expect(chooseMesh('a', ['a'], none)).toEqual(new Set());
});

test('1, 2: beyond that eight at most, and each chooses whom it is chosen by', () => {
	fc.assert(
		fc.property(tills, (all) => {
			for (const self of all) {
				const chosen = chooseMesh(self, all, none);
				expect(chosen.size).toBeLessThanOrEqual(8);
				for (const peer of chosen) expect(chooseMesh(peer, all, none).has(self)).toBe(true);
			}
		}),
	);
});

test('3: it is one piece, and a sale is few steps from everybody', () => {
	fc.assert(
		fc.property(tills, (all) => {
			const steps = stepsFrom(all[0] ?? '', linksOf(all));
			expect(steps.size).toBe(all.length);
			if (all.length <= 64) expect(Math.max(...steps.values())).toBeLessThanOrEqual(5);
		}),
	);
});

test('4: tills that cannot be reached leave the others one piece', () => {
	fc.assert(
		fc.property(tills, fc.nat(5), (all, modulus) => {
			const isDead = (peer: string): boolean => all.indexOf(peer) % (modulus + 2) === 1;
			const alive = all.filter((peer) => !isDead(peer));
			const links = linksOf(all, (peer) => (isDead(peer) ? 3 : 0));
			for (const [peer, to] of links)
				if (isDead(peer)) links.delete(peer);
				else for (const other of to) if (isDead(other)) to.delete(other);
			expect(stepsFrom(alive[0] ?? '', links).size).toBe(alive.length);
		}),
	);
});
