/** The numbered invariants of `cable.ts`, on streams that block as those of a printer without paper do. */
import { serialCable, usbCable, type Serial, type Usb } from '#adapters/printer-escpos/cable.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type SerialPort = Awaited<ReturnType<Serial['requestPort']>>;

interface Printer {
	readonly port: SerialPort;
	/** What came out of it. */
	readonly out: number[];
	/** A roll is put in: what it was given and still holds comes out. */
	refill(): void;
}

/** Opened twice at once it refuses, as browsers do. */
function printer(productId: number, hasPaper = true): Printer {
	const out: number[] = [];
	let paper = hasPaper;
	let isOpen = false;
	let held: (() => void) | undefined;
	let writable: WritableStream<Uint8Array> | null = null;
	const port: SerialPort = {
		get writable() {
			return writable;
		},
		getInfo: () => ({ usbVendorId: 1, usbProductId: productId }),
		open() {
			if (isOpen) return Promise.reject(new Error('already open'));
			isOpen = true;
			writable = new WritableStream<Uint8Array>({
				write(bytes, controller) {
					if (paper) {
						out.push(...bytes);
						return;
					}
					return new Promise<void>((resolve, reject) => {
						held = () => {
							out.push(...bytes);
							resolve();
						};
						controller.signal.addEventListener('abort', () => {
							held = undefined;
							reject(new Error('aborted'));
						});
					});
				},
			});
			return Promise.resolve();
		},
		close() {
			isOpen = false;
			return Promise.resolve();
		},
	};
	return {
		...{ port, out },
		refill() {
			paper = true;
			held?.();
		},
	};
}

const serialOf = (ports: readonly SerialPort[], chosen = ports[0]): Serial => ({
	requestPort: () => (chosen === undefined ? Promise.reject(new Error('none')) : Promise.resolve(chosen)),
	getPorts: () => Promise.resolve(ports),
});
const BYTES = new Uint8Array([1, 2, 3]);

test('1. it prints on the one that was chosen, also after a reload; where that one is away, on none', async () => {
	const [scale, mine, other] = [printer(7), printer(8), printer(9)];
	const ports = [scale.port, mine.port, other.port];
	const device = await serialCable(serialOf(ports, mine.port)).choose();
	expect(device).toEqual({ by: 'serial', vendorId: 1, productId: 8 });
	if (device === 'given-up') return;
	const reloaded = serialCable(serialOf(ports));
	expect(await reloaded.send(BYTES, 9_600, device)).toBe('printed');
	expect([scale.out, mine.out, other.out]).toEqual([[], [1, 2, 3], []]);
	expect(await serialCable(serialOf([scale.port, other.port])).send(BYTES, 9_600, device)).toBe('not-chosen');
	expect(await reloaded.send(BYTES, 9_600, undefined)).toBe('not-chosen');
	expect([scale.out, other.out]).toEqual([[], []]);
});

test('1. of two of one model it is the one that was just chosen', async () => {
	const [left, right] = [printer(8), printer(8)];
	const cable = serialCable(serialOf([left.port, right.port], right.port));
	const device = await cable.choose();
	expect(await cable.send(BYTES, 9_600, device === 'given-up' ? undefined : device)).toBe('printed');
	expect([left.out, right.out]).toEqual([[], [1, 2, 3]]);
});

test('2. after the patience nothing is left that would come out beside the next try', async () => {
	const mine = printer(8, false);
	const cable = serialCable(serialOf([mine.port]));
	const first = cable.send(BYTES, 9_600, undefined);
	await vi.advanceTimersByTimeAsync(8_500);
	expect(await first).toBe('no-answer');
	mine.refill();
	await vi.advanceTimersByTimeAsync(1_000);
	expect(mine.out).toEqual([]);
	expect(await cable.send(BYTES, 9_600, undefined)).toBe('printed');
	expect(mine.out).toEqual([1, 2, 3]);
});

test('2. a port that opens after the patience is given nothing', async () => {
	const mine = printer(8);
	const driver = Promise.withResolvers<undefined>();
	const slow = Object.create(mine.port) as SerialPort;
	slow.open = (options) => driver.promise.then(() => mine.port.open(options));
	const cable = serialCable(serialOf([slow]));
	const first = cable.send(BYTES, 9_600, undefined);
	await vi.advanceTimersByTimeAsync(9_500);
	expect(await first).toBe('no-answer');
	driver.resolve(undefined);
	await vi.advanceTimersByTimeAsync(0);
	expect(await cable.send(BYTES, 9_600, undefined)).toBe('printed');
	expect(mine.out).toEqual([1, 2, 3]);
});

test('3. one print after the other; one that waited too long never begins', async () => {
	const mine = printer(8, false);
	const cable = serialCable(serialOf([mine.port]));
	const first = cable.send(BYTES, 9_600, undefined);
	const second = cable.send(BYTES, 9_600, undefined);
	await vi.advanceTimersByTimeAsync(7_000);
	mine.refill();
	await vi.advanceTimersByTimeAsync(100);
	expect(await Promise.all([first, second])).toEqual(['printed', 'printed']);
	expect(mine.out).toEqual([1, 2, 3, 1, 2, 3]);
});

type UsbDevice = Awaited<ReturnType<Usb['requestDevice']>>;
const ON_USB: Pick<UsbDevice, 'vendorId' | 'productId' | 'serialNumber' | 'configuration'> = {
	...{ vendorId: 1, productId: 2, serialNumber: 'A1' },
	configuration: {
		interfaces: [{ interfaceNumber: 0, alternates: [{ interfaceClass: 7, endpoints: [{ endpointNumber: 1, direction: 'out', type: 'bulk' }] }] }],
	},
};

test('2. a printer on USB that is let go by somebody else after the patience is given nothing', async () => {
	const out: number[] = [];
	const other = Promise.withResolvers<undefined>();
	const device: UsbDevice = {
		...ON_USB,
		open: () => Promise.resolve(),
		close: () => Promise.resolve(),
		selectConfiguration: () => Promise.resolve(),
		claimInterface: () => other.promise,
		transferOut(_endpoint, bytes) {
			out.push(...bytes);
			return Promise.resolve({ status: 'ok' });
		},
	};
	const cable = usbCable({ requestDevice: () => Promise.resolve(device), getDevices: () => Promise.resolve([device]) });
	const first = cable.send(BYTES, 9_600, undefined);
	await vi.advanceTimersByTimeAsync(9_500);
	expect(await first).toBe('no-answer');
	other.resolve(undefined);
	await vi.advanceTimersByTimeAsync(0);
	expect(await cable.send(BYTES, 9_600, undefined)).toBe('printed');
	expect(out).toEqual([1, 2, 3]);
});

test('2. a transfer by USB is aborted with the patience', async () => {
	const aborts: string[] = [];
	let end: ((error: Error) => void) | undefined;
	const device: UsbDevice = {
		...ON_USB,
		open: () => Promise.resolve(),
		close() {
			aborts.push('closed');
			end?.(new Error('aborted'));
			return Promise.resolve();
		},
		selectConfiguration: () => Promise.resolve(),
		claimInterface: () => Promise.resolve(),
		transferOut: () => new Promise((_, reject) => (end = reject)),
	};
	const cable = usbCable({ requestDevice: () => Promise.resolve(device), getDevices: () => Promise.resolve([device]) });
	expect(await cable.choose()).toEqual({ by: 'usb', vendorId: 1, productId: 2, serialNumber: 'A1' });
	const sent = cable.send(BYTES, 9_600, undefined);
	await vi.advanceTimersByTimeAsync(8_500);
	expect(await sent).toBe('no-answer');
	expect(aborts).not.toEqual([]);
});
