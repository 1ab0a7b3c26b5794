/** `/healthz`: the process lives. `/readyz`: whether devices should come here, and if not, why. */
import type { Handler } from '../http/server.ts';

export type NotReady = 'it starts' | 'it stops' | 'the record does not answer';

export interface HealthPlan {
	readonly role: 'hub' | 'relay';
	/** Undefined: it is ready. */
	readonly notReady: () => NotReady | undefined;
	/** What anybody may know. */
	readonly figures: () => Readonly<Record<string, unknown>>;
	/** Pages of other origins may read it: a till whose app came from elsewhere. */
	readonly anyOrigin?: boolean;
}

export function healthRoutes({ role, notReady, figures, anyOrigin = false }: HealthPlan): Readonly<Record<string, Handler>> {
	return {
		'GET /healthz': () => ({ anyOrigin, body: { ok: true, ready: notReady() === undefined, role, ...figures() } }),
		'GET /readyz': () => {
			const because = notReady();
			return { anyOrigin, status: because === undefined ? 200 : 503, body: { ready: because === undefined, role, ...(because && { because }) } };
		},
	};
}
