/** Which keys a server goes by: the ones that its certificate chain names, and no other. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { openIdentity } from '#server/identity.ts';
import { expect, test } from 'vitest';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'holdfast-identity-'));
const bytes = new TextEncoder().encode('a sale');

test('the next keys are on the disk before they are named, and the same at every start; a chain that names them puts them in force', async () => {
	const folder = newFolder();
	const first = await openIdentity(folder);
	const next = await first.next();
	expect(readdirSync(join(folder, 'keys')).sort()).toEqual(['device.1.key', 'device.key', 'network.1.key', 'network.key']);
	const again = await openIdentity(folder);
	expect([again.signer.device, again.peer]).toEqual([first.signer.device, first.peer]);
	expect(await again.next()).toMatchObject({ key: next.key, peer: next.peer });
	const inForce = { device: first.signer.device, key: next.key, peer: next.peer, generation: 1 };
	const renewed = await openIdentity(folder, { inForce });
	expect(renewed.signer).toMatchObject({ device: first.signer.device, key: next.key });
	expect(renewed.peer).toBe(next.peer);
	expect(await createNodeDigest().verify(next.key, bytes, await renewed.signer.sign(bytes))).toBe(true);
	expect((await renewed.next()).key).not.toBe(next.key);
});

test('a key file that is missing, or another one, is refused, and none is made in its place', async () => {
	const folder = newFolder();
	const { signer, next } = await openIdentity(folder);
	const { key, peer } = await next();
	const inForce = { device: signer.device, key, peer, generation: 1 };
	await expect(openIdentity(folder, { inForce: { ...inForce, key: signer.device } })).rejects.toThrow('another key');
	for (const name of ['device.1.key', 'network.1.key']) {
		rmSync(join(folder, 'keys', name));
		await expect(openIdentity(folder, { inForce })).rejects.toThrow('it is not there');
		expect(readdirSync(join(folder, 'keys'))).not.toContain(name);
	}
});
