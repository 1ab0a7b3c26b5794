/**
 * What a till says without words: a soft tick for what went in, a low double for a refusal, one note for a question. Made here: nothing to load.
 *
 * 1. A browser without sound, or one that allows none yet, is silent and nothing else.
 */
const NOTES: Readonly<Record<Sound, readonly { readonly hertz: number; readonly atMs: number; readonly ms: number }[]>> = {
	added: [{ hertz: 1320, atMs: 0, ms: 35 }],
	asked: [{ hertz: 660, atMs: 0, ms: 110 }],
	refused: [
		{ hertz: 220, atMs: 0, ms: 110 },
		{ hertz: 196, atMs: 150, ms: 150 },
	],
};

export type Sound = 'added' | 'asked' | 'refused';

/** Of this device, and of no shop: who stands here decides. */
const SWITCH = 'holdfast-silent';
const LOUDNESS = 0.07;
let context: AudioContext | undefined;

export function isSilent(): boolean {
	return globalThis.localStorage?.getItem(SWITCH) === 'yes';
}

export function setSilent(silent: boolean): void {
	if (silent) localStorage.setItem(SWITCH, 'yes');
	else localStorage.removeItem(SWITCH);
}

/** After the line is drawn: nobody waits for a sound. */
export function play(sound: Sound): void {
	setTimeout(() => {
		if (typeof AudioContext === 'undefined' || isSilent()) return;
		context ??= new AudioContext();
		if (context.state !== 'running') void context.resume().catch(() => undefined);
		for (const { hertz, atMs, ms } of NOTES[sound]) tone(context, hertz, context.currentTime + atMs / 1000, ms / 1000);
	}, 30);
}

function tone(into: AudioContext, hertz: number, from: number, seconds: number): void {
	const [oscillator, gain] = [into.createOscillator(), into.createGain()];
	oscillator.frequency.value = hertz;
	gain.gain.setValueAtTime(0, from);
	gain.gain.linearRampToValueAtTime(LOUDNESS, from + 0.005);
	gain.gain.linearRampToValueAtTime(0, from + seconds);
	oscillator.connect(gain).connect(into.destination);
	oscillator.start(from);
	oscillator.stop(from + seconds + 0.02);
}
