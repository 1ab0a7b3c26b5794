/** Issuing certificates: the root signs the first hub, a hub signs the tills. */
import { decodeChain, encodeCertificateBody, encodeChain } from '#core/entry/certificate.ts';
import type { Signer } from '#ports';
import type { Certificate } from '#schemas/certificate.ts';

/**
 * The chain of a newly certified device. `issuerChain` is the chain of the device that signs; absent when the root itself does.
 * Throws when the signer is not the issuer that the certificate names: that is our bug.
 */
export async function issueCertificate(certificate: Certificate, signer: Signer, issuerChain?: Uint8Array): Promise<Uint8Array> {
	if (certificate.issuer !== signer.device)
		throw new Error(`the certificate names issuer ${certificate.issuer.slice(0, 8)}, the signer is ${signer.device.slice(0, 8)}`);
	const before = issuerChain === undefined ? [] : decodeChain(issuerChain);
	if (before === undefined) throw new Error('the issuer’s own chain cannot be read');
	const body = encodeCertificateBody(certificate);
	return encodeChain([{ body: new Uint8Array(body), signature: new Uint8Array(await signer.sign(body)) }, ...before]);
}
