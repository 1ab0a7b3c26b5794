/** The shop as every screen needs it: names, money, tax, devices. Settings that nobody has made yet read as their defaults. */
import { branchName } from '#core/branch-name.ts';
import { compareText } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { DeviceState } from '#core/ledger/state.ts';
import { m } from '#languages/compiled/messages.js';
import type { Certificate } from '#schemas/certificate.ts';
import type { BranchId, DeviceId } from '#schemas/ids.ts';
import { deviceNameText } from './device-names.ts';
import type { PersonRow, ShopRow } from './rows.ts';

export function shopRow(ledger: Ledger, own: Pick<Certificate, 'device' | 'name' | 'till'>): ShopRow {
	const { state, store, branch } = ledger;
	const { settings } = state;
	const devices = [...state.devices.values()]
		.filter((one) => one.branch === branch)
		.map(({ device, name, role, till, enrolledAtMs, standing }) => ({
			...{ device, name: deviceNameText(name), role, enrolledAtMs, state: standing === 'fallen' ? 'revoked' : standing },
			...(till === undefined ? {} : { till }),
		}))
		.sort((a, b) => a.enrolledAtMs - b.enrolledAtMs || compareText(a.name, b.name) || compareText(a.device, b.device));
	const people = personRows(ledger);
	const measuredCodes = settings.value('measuredCodes') ?? [];
	const shift = state.books.drawers.get(own.device)?.openShift;
	return {
		...{
			store,
			branch,
			storeName: settings.value('storeName') ?? 'Shop',
			branchName: settings.value('branchName') ?? '',
			demo: settings.value('demo') ?? false,
		},
		...{ currency: settings.value('currency') ?? { code: 'GBP', digits: 2 }, taxRates: settings.value('taxRates') ?? [] },
		...{
			cashRoundingMinor: settings.value('cashRoundingMinor') ?? 1,
			receiptHeader: settings.value('receiptHeader') ?? '',
			receiptFooter: settings.value('receiptFooter') ?? '',
		},
		...{ timeZone: settings.value('timeZone') ?? 'UTC', dayStartMinutes: settings.value('dayStartMinutes') ?? 0 },
		...{ device: ownDevice(state.devices.get(own.device), own), devices },
		...(shift === undefined ? {} : { shift }),
		shiftsRequired: settings.value('shiftsRequired') ?? false,
		drawerToleranceMinor: settings.value('drawerToleranceMinor') ?? 0,
		taxExcluded: settings.value('taxExcluded') ?? false,
		...(people.length === 0 ? {} : { people }),
		...(measuredCodes.length === 0 ? {} : { measuredCodes }),
		cardReferenceNeeded: settings.value('cardReferenceNeeded') ?? false,
		printers: settings.value('printers') ?? [],
	};
}

/** What people call a branch, or a piece of its id where nobody named it. */
export function branchText(ledger: Pick<Ledger, 'state'>, branch: BranchId): string {
	return branchName(ledger.state, branch) ?? m.stock_branch({ slice: branch.slice(0, 6) });
}

export function personRows(ledger: Ledger): readonly PersonRow[] {
	const { people, wrongPins } = ledger.state.books;
	return people
		.values()
		.map(({ person, name, role, branches, pin, disabled, replaces }): PersonRow => {
			const wrong = wrongPins.get(person);
			return {
				...{ person, name, givenRole: role, disabled, replaces, role: ledger.roleOf(person) ?? 'none' },
				...(branches === undefined ? {} : { branches }),
				...(pin === null ? {} : { pin }),
				...(wrong === undefined ? {} : { wrongPins: { tries: wrong.tries, atMs: wrong.atMs, deviceName: deviceName(ledger, wrong.device) } }),
			};
		})
		.sort((a, b) => compareText(a.name, b.name) || compareText(a.person, b.person));
}

/** As the ledger has it by now, else as its certificate says. */
function ownDevice(known: DeviceState | undefined, own: Pick<Certificate, 'device' | 'name' | 'till'>): ShopRow['device'] {
	const suffix = known?.suffix;
	return {
		id: own.device,
		name: deviceNameText(known?.name ?? own.name),
		till: known?.till ?? own.till ?? 0,
		...(suffix === undefined ? {} : { suffix }),
	};
}

/** What people call a device, or a relay; a device that no enrolment names yet is shown by the beginning of its id. */
export function deviceName({ state }: Ledger, device: DeviceId): string {
	const known = state.devices.get(device);
	return known === undefined ? (state.relays.get(device)?.name ?? m.device_unnamed({ id: device.slice(0, 6) })) : deviceNameText(known.name);
}
