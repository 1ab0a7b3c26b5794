/**
 * A printer on this device's own cable. Browsers let a page see one only after a person has chosen it, and remember which.
 *
 * 1. It is the one that was chosen for this till, though the browser remembers others, a scale or the printer of another counter.
 * 2. What a printer has not taken by the end of the patience is taken back before anybody hears that it did not answer: it would come out beside the next try.
 * 3. One print at a time; one that waited until its own patience ended never begins.
 *
 * Web Serial: https://wicg.github.io/serial/ · WebUSB: https://wicg.github.io/webusb/ · class 7 is printers (USB-IF, Defined Class Codes).
 */
import type { CableDevice } from '#schemas/equipment.ts';
import type { PrintFailure } from '#schemas/wire/print.ts';

export interface Cable {
	/** Asks the person which one; only while a tap is being answered. */
	choose(): Promise<CableDevice | 'given-up'>;
	/** `device`: absent on a till that chose before it was noted; then the only one there is. */
	send(bytes: Uint8Array<ArrayBuffer>, baudRate: number, device: CableDevice | undefined): Promise<'printed' | PrintFailure>;
}

interface SerialPort {
	readonly writable: WritableStream<Uint8Array> | null;
	getInfo(): { readonly usbVendorId?: number; readonly usbProductId?: number };
	open(options: { readonly baudRate: number }): Promise<void>;
	close(): Promise<void>;
}
export interface Serial {
	requestPort(): Promise<SerialPort>;
	getPorts(): Promise<readonly SerialPort[]>;
}

interface UsbEndpoint {
	readonly endpointNumber: number;
	readonly direction: 'in' | 'out';
	readonly type: string;
}
interface UsbInterface {
	readonly interfaceNumber: number;
	readonly alternates: readonly { readonly interfaceClass: number; readonly endpoints: readonly UsbEndpoint[] }[];
}
interface UsbDevice {
	readonly vendorId: number;
	readonly productId: number;
	readonly serialNumber?: string | null;
	readonly configuration: { readonly interfaces: readonly UsbInterface[] } | null;
	open(): Promise<void>;
	close(): Promise<void>;
	selectConfiguration(value: number): Promise<void>;
	claimInterface(number: number): Promise<void>;
	transferOut(endpoint: number, bytes: Uint8Array<ArrayBuffer>): Promise<{ readonly status: string }>;
}
export interface Usb {
	requestDevice(options: { readonly filters: readonly { readonly classCode: number }[] }): Promise<UsbDevice>;
	getDevices(): Promise<readonly UsbDevice[]>;
}

const PRINTER_CLASS = 7;
/** A printer without paper takes no bytes and says nothing. On a serial line the bytes themselves take time, ten bits each: a receipt of pictures more than a minute. */
const PATIENCE_MS = 8_000;
/** What is being taken back answers within it, or never. */
const TAKEN_BACK_MS = 1_000;

export function serialCable(serial: Serial): Cable {
	return cableOf<SerialPort>({
		ask: () => serial.requestPort(),
		known: () => serial.getPorts(),
		nameOf: (port) => {
			const { usbVendorId, usbProductId } = port.getInfo();
			return named('serial', usbVendorId, usbProductId, undefined);
		},
		onTheWayMs: (bytes, baudRate) => (bytes.length * 10_000) / baudRate,
		async print(port, bytes, baudRate, givenUp) {
			await port.open({ baudRate });
			try {
				// A port that another program had until now opens late, and nobody waits any more.
				if (givenUp.aborted) return 'no-answer';
				const writer = port.writable?.getWriter();
				if (writer === undefined) return 'no-answer';
				givenUp.addEventListener('abort', () => void writer.abort().catch(() => undefined));
				await writer.write(bytes);
				await writer.close();
				return 'printed';
			} finally {
				await port.close();
			}
		},
	});
}

export function usbCable(usb: Usb): Cable {
	return cableOf<UsbDevice>({
		ask: () => usb.requestDevice({ filters: [{ classCode: PRINTER_CLASS }] }),
		known: () => usb.getDevices(),
		nameOf: ({ vendorId, productId, serialNumber }) => named('usb', vendorId, productId, serialNumber ?? undefined),
		onTheWayMs: () => 0,
		async print(device, bytes, _baudRate, givenUp) {
			await device.open();
			try {
				if (device.configuration === null) await device.selectConfiguration(1);
				const way = wayIn(device);
				if (way === undefined) return 'not-supported';
				await device.claimInterface(way.interfaceNumber);
				if (givenUp.aborted) return 'no-answer';
				// Closing aborts the transfer.
				givenUp.addEventListener('abort', () => void device.close().catch(() => undefined));
				const { status } = await device.transferOut(way.endpointNumber, bytes);
				return status === 'ok' ? 'printed' : 'no-answer';
			} finally {
				await device.close();
			}
		},
	});
}

interface Kind<Device> {
	readonly ask: () => Promise<Device>;
	readonly known: () => Promise<readonly Device[]>;
	readonly nameOf: (device: Device) => CableDevice;
	/** How long the bytes are on a cable that is slower than the printer. */
	readonly onTheWayMs: (bytes: Uint8Array, baudRate: number) => number;
	/** Ends soon after `givenUp`, with what became of it. */
	readonly print: (device: Device, bytes: Uint8Array<ArrayBuffer>, baudRate: number, givenUp: AbortSignal) => Promise<'printed' | PrintFailure>;
}

function cableOf<Device>({ ask, known, nameOf, onTheWayMs, print }: Kind<Device>): Cable {
	/** Chosen since the page was opened: surely that one, where two of a model stand side by side. */
	let chosen: Device | undefined;
	let last: Promise<unknown> = Promise.resolve();

	async function deviceFor(wanted: CableDevice | undefined): Promise<Device | undefined> {
		const devices = await known();
		if (chosen !== undefined && devices.includes(chosen)) return chosen;
		const fit = wanted === undefined ? devices : devices.filter((device) => isSame(nameOf(device), wanted));
		return wanted === undefined && fit.length > 1 ? undefined : fit[0];
	}

	return {
		async choose() {
			try {
				chosen = await ask();
				return nameOf(chosen);
			} catch {
				return 'given-up';
			}
		},
		async send(bytes, baudRate, wanted) {
			const device = await deviceFor(wanted);
			if (device === undefined) return 'not-chosen';
			const before = last;
			return within(PATIENCE_MS + onTheWayMs(bytes, baudRate), (givenUp) => {
				const mine = before.then((): Promise<'printed' | PrintFailure> | PrintFailure =>
					givenUp.aborted ? 'no-answer' : print(device, bytes, baudRate, givenUp),
				);
				last = mine.catch(() => undefined);
				return mine;
			});
		},
	};
}

function named(by: CableDevice['by'], vendorId: number | undefined, productId: number | undefined, serialNumber: string | undefined): CableDevice {
	return {
		by,
		...(vendorId === undefined ? {} : { vendorId }),
		...(productId === undefined ? {} : { productId }),
		...(serialNumber === undefined ? {} : { serialNumber }),
	};
}

function isSame(one: CableDevice, other: CableDevice): boolean {
	return one.by === other.by && one.vendorId === other.vendorId && one.productId === other.productId && one.serialNumber === other.serialNumber;
}

function wayIn({ configuration }: UsbDevice): { readonly interfaceNumber: number; readonly endpointNumber: number } | undefined {
	for (const { interfaceNumber, alternates } of configuration?.interfaces ?? [])
		for (const { interfaceClass, endpoints } of alternates) {
			const out = endpoints.find(({ direction, type }) => direction === 'out' && type === 'bulk');
			if (interfaceClass === PRINTER_CLASS && out !== undefined) return { interfaceNumber, endpointNumber: out.endpointNumber };
		}
	return undefined;
}

/** A cable that was pulled, a driver that holds the device, a printer that takes nothing: all of them are no answer. */
async function within(patienceMs: number, work: (givenUp: AbortSignal) => Promise<'printed' | PrintFailure>): Promise<'printed' | PrintFailure> {
	const giving = new AbortController();
	const patience = setTimeout(() => {
		giving.abort();
	}, patienceMs);
	let grace: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<PrintFailure>((resolve) => {
		grace = setTimeout(resolve, patienceMs + TAKEN_BACK_MS, 'no-answer');
	});
	try {
		return await Promise.race([work(giving.signal).catch((): PrintFailure => 'no-answer'), late]);
	} finally {
		clearTimeout(patience);
		clearTimeout(grace);
	}
}
