/** Clients of the stock server: a document a till, its sealed sales as byte strings in a list, one change each, so many at once as its parent's window allows. */
import { Repo } from '@automerge/automerge-repo';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';

process.once('message', async ({ port, tills, each, window }) => {
	const handles = [];
	for (const _ of tills) {
		const network = new WebSocketClientAdapter(`ws://127.0.0.1:${port}`);
		const handle = new Repo({ network: [network] }).create({ items: [] });
		await network.whenReady();
		handles.push(handle);
	}
	let sent = 0;
	process.on('message', ({ held }) => {
		while (sent < tills.length * each && sent - held < window * tills.length) {
			const till = sent % tills.length;
			const sealed = new Uint8Array(tills[till][Math.floor(sent / tills.length)]);
			handles[till].change((doc) => doc.items.push(sealed));
			sent += 1;
		}
	});
	process.send({ linked: true });
});
process.on('disconnect', () => process.exit());
