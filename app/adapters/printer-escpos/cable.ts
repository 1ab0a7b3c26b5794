/**
 * A printer on this device's own cable. Browsers let a page see one only after a person has chosen it, and remember which.
 *
 * Web Serial: https://wicg.github.io/serial/ · WebUSB: https://wicg.github.io/webusb/ · class 7 is printers (USB-IF, Defined Class Codes).
 */
import type { PrintFailure } from '#schemas/wire/print.ts';

export interface Cable {
	/** Asks the person which one; only while a tap is being answered. */
	choose(): Promise<'chosen' | 'given-up'>;
	send(bytes: Uint8Array<ArrayBuffer>, baudRate: number): Promise<'printed' | PrintFailure>;
}

interface SerialPort {
	readonly writable: WritableStream<Uint8Array> | null;
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
/** A printer without paper takes no bytes and says nothing. */
const PATIENCE_MS = 8_000;

export function serialCable(serial: Serial): Cable {
	return {
		choose: () => chosen(serial.requestPort()),
		async send(bytes, baudRate) {
			const [port] = await serial.getPorts();
			if (port === undefined) return 'not-chosen';
			return within(async () => {
				await port.open({ baudRate });
				try {
					const writer = port.writable?.getWriter();
					if (writer === undefined) return 'no-answer';
					await writer.write(bytes);
					await writer.close();
					return 'printed';
				} finally {
					await port.close();
				}
			});
		},
	};
}

export function usbCable(usb: Usb): Cable {
	return {
		choose: () => chosen(usb.requestDevice({ filters: [{ classCode: PRINTER_CLASS }] })),
		async send(bytes) {
			const [device] = await usb.getDevices();
			if (device === undefined) return 'not-chosen';
			return within(async () => {
				await device.open();
				try {
					if (device.configuration === null) await device.selectConfiguration(1);
					const way = wayIn(device);
					if (way === undefined) return 'not-supported';
					await device.claimInterface(way.interfaceNumber);
					const { status } = await device.transferOut(way.endpointNumber, bytes);
					return status === 'ok' ? 'printed' : 'no-answer';
				} finally {
					await device.close();
				}
			});
		},
	};
}

function wayIn({ configuration }: UsbDevice): { readonly interfaceNumber: number; readonly endpointNumber: number } | undefined {
	for (const { interfaceNumber, alternates } of configuration?.interfaces ?? [])
		for (const { interfaceClass, endpoints } of alternates) {
			const out = endpoints.find(({ direction, type }) => direction === 'out' && type === 'bulk');
			if (interfaceClass === PRINTER_CLASS && out !== undefined) return { interfaceNumber, endpointNumber: out.endpointNumber };
		}
	return undefined;
}

async function chosen(asked: Promise<unknown>): Promise<'chosen' | 'given-up'> {
	try {
		await asked;
		return 'chosen';
	} catch {
		return 'given-up';
	}
}

/** A cable that was pulled, a driver that holds the device, a printer that takes nothing: all of them are no answer. */
async function within(work: () => Promise<'printed' | PrintFailure>): Promise<'printed' | PrintFailure> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<PrintFailure>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, 'no-answer')));
	try {
		return await Promise.race([work().catch((): PrintFailure => 'no-answer'), late]);
	} finally {
		clearTimeout(timer);
	}
}
