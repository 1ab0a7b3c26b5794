/** A line that moves while something takes its time. On a terminal one line that ticks; elsewhere (a log) plain lines. On stderr: stdout is for answers. */

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Nothing is said of what is done sooner than this. */
const QUIET_MS = 400;

/** In a log, a sign of life this often. */
const LOG_EVERY_MS = 15_000;

/**
 * Runs `work`; answers what it answers, throws what it throws.
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 * @param {NodeJS.WriteStream} [stream]
 * @returns {Promise<T>}
 */
export async function step(label, work, stream = process.stderr) {
	const begunMs = Date.now();
	const seconds = () => ((Date.now() - begunMs) / 1000).toFixed(0);
	let shown = false;
	let frame = 0;
	const tick = () => {
		shown = true;
		if (stream.isTTY) stream.write(`\r\u001b[2K${FRAMES[frame++ % FRAMES.length]} ${label} … ${seconds()} s`);
		else stream.write(frame++ === 0 ? `${label} …\n` : `${label} … ${seconds()} s\n`);
	};
	let timer = setTimeout(() => {
		tick();
		timer = setInterval(tick, stream.isTTY ? 100 : LOG_EVERY_MS);
	}, QUIET_MS);
	const end = (mark, word) => {
		clearInterval(timer);
		if (shown) stream.write(`${stream.isTTY ? '\r\u001b[2K' : ''}${mark} ${label}: ${word}, ${seconds()} s\n`);
	};
	try {
		const answer = await work();
		end('✓', 'done');
		return answer;
	} catch (error) {
		shown = true;
		end('✗', 'failed');
		throw error;
	}
}
