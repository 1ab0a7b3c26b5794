/**
 * A certificate that somebody else made (a public authority, a company's own), as two PEM files: what `--cert` and `--key` name.
 *
 * 1. What cannot serve is refused at the start in one sentence: no such file, no PEM, a key of another certificate, one that has ended.
 * 2. Files that were renewed are taken while it runs, without a restart, and nobody is cut off. While only one of the two is new, or they are damaged, the pair
 *    before goes on, and the log says why.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Clock, Timers } from '#ports';
import { createHttp, createHttps, type HttpDeps } from '../http/server.ts';
import type { Log } from '../log.ts';

export interface CertificateFiles {
	readonly cert: string;
	readonly key: string;
}

export interface GivenCertificate {
	readonly pair: { readonly cert: string; readonly key: string };
	/** ms since 1970. */
	readonly endsAtMs: number;
}

/** What is wrong with the files; the message is for the person who named them. */
export class CertificateProblem extends Error {}

const LOOK_EVERY_MS = 60_000;

export function readCertificate({ cert, key }: CertificateFiles, nowMs: number): GivenCertificate {
	const pair = { cert: textOf(cert, '--cert'), key: textOf(key, '--key') };
	const certificate = certificateIn(pair.cert, cert);
	if (!certificate.checkPrivateKey(keyIn(pair.key, key)))
		throw new CertificateProblem(`The key in ${key} is not that of the certificate in ${cert}. Give the two files that were made together.`);
	const [beginsAtMs, endsAtMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
	if (endsAtMs <= nowMs)
		throw new CertificateProblem(`The certificate in ${cert} ended on ${day(endsAtMs)}. Renew it, or correct this machine's clock (${day(nowMs)}).`);
	if (beginsAtMs > nowMs)
		throw new CertificateProblem(
			`The certificate in ${cert} begins on ${day(beginsAtMs)}, and this machine's clock says ${day(nowMs)}. Correct the clock.`,
		);
	return { pair, endsAtMs };
}

export interface GivenTls {
	readonly files: CertificateFiles;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log: Log;
	readonly onCertificate?: ((given: GivenCertificate) => void) | undefined;
	readonly lookEveryMs?: number | undefined;
}

/** By https where files are given, else by http. Throws `CertificateProblem`. */
export function createServerWith(http: HttpDeps, tls: GivenTls | undefined): Server | TlsServer {
	if (tls === undefined) return createHttp(http);
	const { files, clock, timers, log, onCertificate, lookEveryMs = LOOK_EVERY_MS } = tls;
	let served = readCertificate(files, clock.nowMs());
	let complained = '';
	onCertificate?.(served);
	const server = createHttps({ ...http, onlyHttps: true }, served.pair);
	const stop = timers.every(lookEveryMs, () => {
		try {
			const next = readCertificate(files, clock.nowMs());
			complained = '';
			if (next.pair.cert === served.pair.cert && next.pair.key === served.pair.key) return;
			server.setSecureContext(next.pair);
			served = next;
			onCertificate?.(served);
			log('new server certificate', { ends: new Date(served.endsAtMs).toISOString() });
		} catch (error) {
			const why = (error as Error).message;
			if (why !== complained) log('certificate not taken', { why });
			complained = why;
		}
	});
	server.on('close', stop);
	return server;
}

function textOf(file: string, flag: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT') throw new CertificateProblem(`There is no file ${file}. Name another one with ${flag} FILE.`);
		if (code === 'EACCES')
			throw new CertificateProblem(`${file} may not be read by this user. Let it be read, or name another one with ${flag} FILE.`);
		throw new CertificateProblem(`${file} cannot be read: ${message}. Name another one with ${flag} FILE.`);
	}
}

function certificateIn(pem: string, file: string): X509Certificate {
	if (!/-----BEGIN CERTIFICATE-----/.test(pem))
		throw new CertificateProblem(
			`${file} holds no certificate in PEM. It begins with "-----BEGIN CERTIFICATE-----", its own first, then those of its authorities.`,
		);
	try {
		return new X509Certificate(pem);
	} catch {
		throw new CertificateProblem(`The certificate in ${file} is damaged. Fetch it again.`);
	}
}

function keyIn(pem: string, file: string): KeyObject {
	if (/ENCRYPTED/.test(pem))
		throw new CertificateProblem(
			`The key in ${file} asks for a password, and nobody is here at night to type it. Give one without: openssl pkey -in ${file} -out FILE`,
		);
	try {
		return createPrivateKey(pem);
	} catch {
		throw new CertificateProblem(`${file} holds no private key in PEM. It begins with "-----BEGIN PRIVATE KEY-----" or the like.`);
	}
}

function day(atMs: number): string {
	return new Date(atMs).toISOString().slice(0, 10);
}
