/** The neighbour of the row `neighbour`, as a process of its own: `neighbour-till.ts HUB FOLDER CODE`. Tells when it has folded each entry, by this machine's clock. */
import { startHeadlessTill } from '#server/headless-till.ts';

const [hub = '', folder = '', code = ''] = process.argv.slice(2);
const till = await startHeadlessTill({
	...{ hub, folder, code },
	onProblem: (error) => {
		throw error as Error;
	},
});
till.branch.replica.onFolded(({ added }) => {
	const atMs = performance.timeOrigin + performance.now();
	for (const { hash } of added) process.send?.({ hash, atMs });
});
process.send?.({ open: true });
process.on('disconnect', () => process.exit(0));
