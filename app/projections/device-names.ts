/** What a hub called a device when it let it in, in the reader's language: `Till 2`, `Hub`. A name that somebody gave it stays as it was given. */
import { m } from '#languages/compiled/messages.js';

export function deviceNameText(name: string): string {
	const { kind, number } = GIVEN_BY_HUB.exec(name)?.groups ?? {};
	if (kind === undefined) return name;
	if (kind === 'Till') return number === undefined ? name : m.device_till({ number });
	return number === undefined ? m.device_hub() : m.device_hub_number({ number });
}

const GIVEN_BY_HUB = /^(?<kind>Till|Hub)(?: (?<number>\d+))?$/;
