/** What a device may be allowed to do. A fact names the one it needs; a certificate lists those it grants. */
import * as v from 'valibot';

export const RIGHTS = ['sell', 'refund', 'stock', 'products', 'settings', 'resolve', 'enrol', 'revoke', 'declare-lost', 'join-relay'] as const;
export const right = v.picklist(RIGHTS);
export type Right = v.InferOutput<typeof right>;

/**
 * A till for selling: all that people do in a shop's day, a manager with a PIN included; each by their role (`core/people/roles.ts`). Who belongs to the shop and
 * what is given up for lost is not its matter: nobody stands beside it all day, and whoever controls it may name anybody.
 */
export const SELLING_RIGHTS: readonly Right[] = ['sell', 'refund', 'stock', 'products', 'settings', 'resolve'];
/** A manager's till, as the one that makes the shop is: it removes and renumbers tills, opens branches, and declares entries lost, too. */
export const MANAGER_RIGHTS: readonly Right[] = [...SELLING_RIGHTS, 'enrol', 'revoke', 'declare-lost'];
export const HUB_RIGHTS: readonly Right[] = RIGHTS;
