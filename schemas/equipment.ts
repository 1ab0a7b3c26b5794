/** What stands beside one till: its printer, its drawer, its second screen. Kept in the till's own vault, and nobody else's business. */
import * as v from 'valibot';

/** Which of the devices on cables it is, as far as the browser tells them apart; what has no such numbers leaves them out. */
export const cableDevice = v.object({
	by: v.picklist(['serial', 'usb']),
	vendorId: v.optional(v.number()),
	productId: v.optional(v.number()),
	serialNumber: v.optional(v.string()),
});
export type CableDevice = v.InferOutput<typeof cableDevice>;

export const equipment = v.object({
	/** `browser`: the system's own printing. */
	printsBy: v.picklist(['browser', 'serial', 'usb', 'network']),
	/** Of the shop's network printers, by its id. */
	printer: v.optional(v.string()),
	/** The printer on this till's own cable that somebody chose. */
	cable: v.optional(cableDevice),
	/** What a printer on a cable understands; one of the network says so in the shop's settings. */
	speaks: v.picklist(['esc-pos', 'star-prnt']),
	baudRate: v.picklist([9_600, 19_200, 38_400, 115_200]),
	widthMm: v.picklist([58, 80]),
	prints: v.picklist(['ask', 'always']),
	/** A drawer hangs on the printer. */
	opensDrawer: v.boolean(),
	/** What the customer's screen says while nobody pays. */
	displayWords: v.pipe(v.string(), v.maxLength(200)),
	/** And shows: a picture as a data address. */
	displayPicture: v.optional(v.pipe(v.string(), v.startsWith('data:image/'), v.maxLength(700_000))),
});
export type Equipment = v.InferOutput<typeof equipment>;

export const PLAIN_EQUIPMENT: Equipment = {
	...{ printsBy: 'browser', speaks: 'esc-pos', baudRate: 9_600, widthMm: 80, prints: 'ask', opensDrawer: false, displayWords: '' },
};
