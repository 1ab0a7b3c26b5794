/**
 * Chain gap: an entry is missing although later ones of its chain are here. The later ones count; the gap is shown as "3 sales of till 2 are still
 * on their way". About what this peer holds, so it may differ from peer to peer until they have met.
 *
 * One item a chain; members are the entries right after each gap. `Ask again` is no entry. `Declare lost` is: watermarks pass the gap, and should
 * the entries come after all, they count.
 */
import type { Chain, Chains } from '#core/ledger/chains.ts';
import type { Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';

export function findChainGap(chain: Chain, context: ConflictContext, chains: Chains): Conflict | undefined {
	const { device, scope } = chain;
	const { gaps } = chains.view(chain);
	if (gaps.length === 0) return undefined;
	const missing = gaps.reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0);
	return openConflict(
		{
			subject: `${device}:${scope}`,
			ofStore: scope === 'store',
			urgency: 'low',
			members: gaps.map(({ next }) => next),
			detail: { kind: 'chain-gap', device, scope, gaps: gaps.map(({ fromSeq, toSeq, next }) => ({ fromSeq, toSeq, next: next.hash })), missing },
			stake: () => ({ unitsMilli: 0, minor: 0 }),
			choices: (open) => [
				{ id: 'ask-again', label: 'Ask again', effect: { does: 'ask-again', settles: false } },
				{
					id: 'declare-lost',
					label: 'Declare lost',
					effect: {
						does: 'declare-lost',
						gaps: gaps
							.filter(({ next }) => open.has(next.hash))
							.map(({ fromSeq, toSeq, next }) => ({ device, scope, fromSeq, toSeq, next: next.hash })),
					},
				},
			],
		},
		context,
	);
}
