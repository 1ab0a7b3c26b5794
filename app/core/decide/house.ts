/** The shop's settings and its devices. */
import type { DecideContext, Intent, Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { isPrinterAddress } from '#core/receipt/printer-address.ts';
import { isTimeZone } from '#core/time.ts';
import type { DeviceRevoked } from '#schemas/facts/device-revoked.ts';
import type { Setting } from '#schemas/facts/setting-changed.ts';
import { SCOPES, type DeviceId } from '#schemas/ids.ts';
import type { Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

export function changeSetting(ledger: Ledger, { setting, branch }: Of<'change-setting'>): Facts | Refusal {
	const problem = settingProblem(ledger, setting);
	if (problem !== undefined) return { refused: 'setting-invalid', setting: setting.name, reason: problem };
	const now = ledger.state.settings.at(setting.name, branch);
	if (now !== undefined && now.frontier.length === 1 && JSON.stringify(now.value) === JSON.stringify(setting.value))
		return { refused: 'nothing-changed' };
	return { store: [{ type: 'setting.changed', v: 1, setting, ...(branch === undefined ? {} : { branch }), replaces: [...(now?.replaces ?? [])] }] };
}

function settingProblem(ledger: Ledger, setting: Setting): string | undefined {
	switch (setting.name) {
		case 'timeZone':
			return isTimeZone(setting.value) ? undefined : `no time zone "${setting.value}"`;
		case 'taxRates': {
			const ids = setting.value.map(({ id }) => id);
			const twice = ids.find((id, index) => ids.indexOf(id) !== index);
			if (twice !== undefined) return `the rate "${twice}" twice`;
			for (const product of ledger.state.products.values()) {
				if (!product.retired && !ids.includes(product.taxRate.value)) return `"${product.name.value}" uses the rate "${product.taxRate.value}"`;
			}
			return undefined;
		}
		case 'currency': {
			const now = ledger.state.settings.value('currency');
			const isOther = now !== undefined && (now.code !== setting.value.code || now.digits !== setting.value.digits);
			return isOther && ledger.state.sales.size > 0 ? 'there are sales in the currency that the shop has' : undefined;
		}
		case 'printers': {
			const ids = setting.value.map(({ id }) => id);
			if (new Set(ids).size < ids.length) return 'a printer twice';
			const far = setting.value.find(({ host }) => !isPrinterAddress(host));
			return far === undefined ? undefined : `${far.host} is no address of a private network`;
		}
		default:
			return undefined;
	}
}

export function revokeDevice(ledger: Ledger, { device, reason }: Of<'revoke-device'>, context: DecideContext): Facts | Refusal {
	const known = ledger.state.devices.get(device);
	if (known === undefined) return { refused: 'no-such-device' };
	if (device === context.device) return { refused: 'not-allowed', reason: 'a device does not revoke itself' };
	if (known.standing === 'revoked') return { refused: 'nothing-changed' };
	const overreach = ledger.removalOverreach(context.device, device);
	if (overreach !== undefined) return { refused: 'not-allowed', reason: overreach };
	return { store: [revocationOf(ledger, device, reason)] };
}

/** A till's new number is one that no device ever had. */
export function renameDevice(ledger: Ledger, { device, name, till }: Of<'rename-device'>): Facts | Refusal {
	const known = ledger.state.devices.get(device);
	if (known === undefined) return { refused: 'no-such-device' };
	const newName = name === undefined || name.trim() === known.name ? undefined : name.trim();
	if (newName === undefined && till === undefined) return { refused: 'nothing-changed' };
	if (till !== undefined) {
		if (known.role !== 'till') return { refused: 'no-such-device' };
		const taken = [...ledger.state.devices.values()].find((other) => other.till === till || other.tillsEver.includes(till));
		if (taken !== undefined) return { refused: 'till-number-taken', till, by: taken.name };
	}
	return {
		store: [{ type: 'device.renamed', v: 1, device, ...(newName === undefined ? {} : { name: newName }), ...(till === undefined ? {} : { till }) }],
	};
}

/** Everything of the device that is here and whole stays; what comes beyond is quarantined. Of a chain that forks, the longest side stays. */
export function revocationOf(ledger: Ledger, device: DeviceId, reason: string): DeviceRevoked {
	const ends = ledger.marks().filter((mark) => mark.device === device);
	const marks = SCOPES.flatMap(
		(scope) => ends.filter((mark) => mark.scope === scope).sort((a, b) => b.seq - a.seq || (a.hash < b.hash ? -1 : 1))[0] ?? [],
	);
	return { type: 'device.revoked', v: 1, device, marks, reason };
}
