/**
 * A stock automerge-repo websocket server with its nodefs storage, as its makers show it: it verifies nothing, and waits for no disk. Its parent is told how many
 * sales it holds in memory.
 */
import { createServer } from 'node:http';
import { NodeWSServerAdapter } from '@automerge/automerge-repo-network-websocket';
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs';
import { Repo } from '@automerge/automerge-repo';
import { WebSocketServer } from 'ws';

const server = createServer();
const repo = new Repo({
	network: [new NodeWSServerAdapter(new WebSocketServer({ server }))],
	storage: new NodeFSStorageAdapter(process.argv[2]),
	sharePolicy: async () => false,
});
let told = 0;
setInterval(() => {
	const sales = Object.values(repo.handles).reduce((sum, handle) => sum + (handle.isReady() ? (handle.doc().items?.length ?? 0) : 0), 0);
	if (sales !== told) process.send?.({ sales });
	told = sales;
}, 10);
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.on('disconnect', () => process.exit());
