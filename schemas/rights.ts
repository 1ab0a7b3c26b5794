/** What a device may be allowed to do. A fact names the one it needs; a certificate lists those it grants. */
import * as v from 'valibot';

export const RIGHTS = ['sell', 'refund', 'stock', 'products', 'settings', 'resolve', 'enrol', 'revoke', 'declare-lost', 'join-relay'] as const;
export const right = v.picklist(RIGHTS);
export type Right = v.InferOutput<typeof right>;

/** Until people and roles exist, every joined till has a manager's rights. A till enrols nobody by itself: the hub does. */
export const MANAGER_RIGHTS: readonly Right[] = ['sell', 'refund', 'stock', 'products', 'settings', 'resolve', 'enrol', 'revoke', 'declare-lost'];
export const HUB_RIGHTS: readonly Right[] = RIGHTS;
