/** Loaded first (`--import`): this process believes that it is another time, as a computer with a wrong clock does. */
const skewMs = Number(process.env['HOLDFAST_SOAK_SKEW_MS'] ?? 0);
const now = Date.now.bind(Date);
globalThis.Date = class extends Date {
	constructor(...given) {
		super(...(given.length === 0 ? [now() + skewMs] : given));
	}
	static now() {
		return now() + skewMs;
	}
};
