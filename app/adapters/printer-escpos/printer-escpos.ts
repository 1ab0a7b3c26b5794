/** The till's receipt printer: encodes the paper, and finds the way to wherever the printer is. Nothing here throws, and nothing here touches the sale. */
import type { PrintJob, ReceiptPrinter } from '#ports';
import type { PrintFailure } from '#schemas/wire/print.ts';
import { serialCable, usbCable, type Cable, type Serial, type Usb } from './cable.ts';
import { printByHub, type HubPrintingDeps } from './hub-printing.ts';

export interface PrinterDeps extends HubPrintingDeps {
	/** Absent: this browser has none. */
	readonly serial: Serial | undefined;
	readonly usb: Usb | undefined;
}

export function createReceiptPrinter({ serial, usb, ...hub }: PrinterDeps): ReceiptPrinter {
	const cables: Readonly<Record<'serial' | 'usb', Cable | undefined>> = {
		serial: serial === undefined ? undefined : serialCable(serial),
		usb: usb === undefined ? undefined : usbCable(usb),
	};

	async function send({ paper, opensDrawer, direction, equipment, printers }: PrintJob): Promise<'printed' | PrintFailure> {
		const { printsBy, widthMm } = equipment;
		const printer = printsBy === 'network' ? printers.find(({ id }) => id === equipment.printer) : undefined;
		if (printsBy === 'network' && printer === undefined) return 'not-chosen';
		const [{ encodePaper }, { drawLine: draw }] = await Promise.all([import('./encode-paper.ts'), import('./draw-line.ts')]);
		const bytes = new Uint8Array(encodePaper(paper, { speaks: printer?.speaks ?? equipment.speaks, widthMm, opensDrawer, direction, draw }));
		if (printer !== undefined) return printByHub(printer.id, bytes, hub);
		if (printsBy === 'browser' || printsBy === 'network') return 'not-supported';
		const device = equipment.cable?.by === printsBy ? equipment.cable : undefined;
		return (await cables[printsBy]?.send(bytes, equipment.baudRate, device)) ?? 'not-supported';
	}

	return {
		send: (job) => send(job).catch((): PrintFailure => 'no-answer'),
		choose: (by) => cables[by]?.choose() ?? Promise.resolve('not-supported'),
	};
}
