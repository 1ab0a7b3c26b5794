/** Figures and times as people read them here. Nothing is computed, only written. */

/** Thousandths as `1`, `2.5` or `0.84 kg`. */
export function formatQuantity(milli: number, unit: 'each' | 'kg'): string {
	const text = (milli / 1000).toFixed(3).replace(/\.?0+$/, '');
	return unit === 'kg' ? `${text} kg` : text;
}

export function formatTime(atMs: number, timeZone: string): string {
	return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(atMs);
}

export function formatMoment(atMs: number, timeZone: string): string {
	return new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(atMs);
}
