/** Roles, and what people do, as screens call them. */
import { m } from '#languages/compiled/messages.js';

export function roleName(role: string): string {
	switch (role) {
		case 'cashier':
			return m.role_cashier();
		case 'supervisor':
			return m.role_supervisor();
		case 'owner':
			return m.role_owner();
		default:
			return m.role_manager();
	}
}
