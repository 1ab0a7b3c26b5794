/**
 * What a hub or a relay counts, for Prometheus. Names, units and help follow its conventions; `deploy/` has the dashboard and the alerts that read them.
 *
 * 1. How many series there are is bounded, whatever anybody sends: no store, branch, device or address is a label.
 * 2. Counting changes nothing: what a metered store answers and throws is what the store answered and threw.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { BranchStorage, EntryStore } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
import type { Branch } from '../branch.ts';
import type { GivenCertificate } from '../tls/given-certificate.ts';

/** What is asked when somebody looks. */
export interface MetersNow {
	readonly ready: boolean;
	readonly recordAnswers: boolean;
	readonly branches: number;
	/** Of who is linked, one for each link. */
	readonly roles: readonly string[];
}

export interface Meters {
	/** The Prometheus text of now. */
	text(): Promise<string>;
	readonly contentType: string;
	/** Without it, what is asked says that nothing is there. */
	look(now: () => MetersNow): void;
	/** The same storage, counted. */
	metered(storage: BranchStorage): BranchStorage;
	/** Counts what this issuer signs for a branch. */
	watch(branch: Pick<Branch, 'replica'>, issuer: DeviceId): void;
	/** Somebody was not let in, or was cut off; `reason` is a sentence of ours. */
	linkRefused(reason: string): void;
	/** A device has written its bytes of the day. */
	deviceFull(): void;
	httpAnswered(status: number): void;
	/** The one that is served from now on. */
	certificateIs(served: Pick<GivenCertificate, 'endsAtMs'>): void;
}

/** From a tenth of a millisecond (SQLite on a fast disk) to a database that hardly answers. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ENTRIES = [1, 2, 5, 10, 20, 50, 100, 128];
/** Our sentences are fewer; what an adapter words itself does not grow beyond this. */
const MOST_REASONS = 50;
const ROLES = ['till', 'hub', 'other'];

export function createMeters(role: 'hub' | 'relay'): Meters {
	const registry = new Registry();
	registry.setDefaultLabels({ role });
	const registers = [registry];
	const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) => new Counter({ name, help, labelNames, registers });
	const stored = counter('holdfast_entries_stored_total', 'Entries that were new here and are on the disk of the record.');
	const refused = counter('holdfast_entries_refused_total', 'Bytes that came as an entry and are none, by reason; the first of a kind.', 'reason');
	const failures = counter('holdfast_commit_failures_total', 'Commits that the record refused or did not answer; each is tried again.');
	const signed = counter('holdfast_watermarks_signed_total', 'Times that this process signed what is on its disk.');
	const links = counter('holdfast_links_refused_total', 'Devices that were not let in or were cut off, by reason.', 'reason');
	const full = counter('holdfast_devices_full_total', 'Times that a device had written its bytes of a day, and no more of it was taken.');
	const http = counter('holdfast_http_answers_total', 'Answers by HTTP status.', 'code');
	const seconds = new Histogram({
		...{ name: 'holdfast_commit_seconds', help: 'From handing entries to the record until they are on its disk.', buckets: SECONDS, registers },
	});
	const sizes = new Histogram({ name: 'holdfast_commit_entries', help: 'Entries in one commit.', buckets: ENTRIES, registers });
	let now: () => MetersNow = () => ({ ready: false, recordAnswers: false, branches: 0, roles: [] });
	const asked = (name: string, help: string, value: () => number): Gauge => {
		return new Gauge({
			...{ name, help, registers },
			collect() {
				this.set(value());
			},
		});
	};
	asked('holdfast_ready', '1 while devices should come here.', () => Number(now().ready));
	asked('holdfast_record_answering', '1 while the record (SQLite or PostgreSQL) answers.', () => Number(now().recordAnswers));
	asked('holdfast_branches_owned', 'Branches that are open in this process.', () => now().branches);
	void new Gauge({
		...{ name: 'holdfast_connections', help: 'Devices that are linked, by what they are.', labelNames: ['device'], registers },
		collect() {
			const { roles } = now();
			for (const one of ROLES) this.set({ device: one }, roles.filter((named) => (ROLES.includes(named) ? named : 'other') === one).length);
		},
	});
	const certificateEnd = new Gauge({
		...{ name: 'holdfast_certificate_expiry_timestamp_seconds', help: 'When the TLS certificate that is served ends; 0 without one.', registers },
	});
	const boundReason = bounded();
	collectDefaultMetrics({ register: registry });

	function meteredStore(store: EntryStore): EntryStore {
		return {
			...store,
			async add(entries) {
				const stop = seconds.startTimer();
				try {
					const fresh = await store.add(entries);
					stop();
					sizes.observe(entries.length);
					stored.inc(fresh.size);
					return fresh;
				} catch (error) {
					failures.inc();
					throw error;
				}
			},
			addDamaged(found) {
				refused.inc({ reason: boundReason(found.reason) });
				return store.addDamaged(found);
			},
		};
	}

	return {
		text: () => registry.metrics(),
		contentType: registry.contentType,
		look(next) {
			now = next;
		},
		metered: (storage) => ({ ...storage, entryStore: meteredStore(storage.entryStore) }),
		watch({ replica }, issuer) {
			const newest = (): string => JSON.stringify(replica.findings().watermarks.find((one) => one.issuer === issuer)?.hlc ?? null);
			// One of an earlier run lies on the disk.
			let last = newest();
			replica.onFindings(() => {
				const next = newest();
				if (next !== last) signed.inc();
				last = next;
			});
		},
		linkRefused(reason) {
			links.inc({ reason: boundReason(reason) });
		},
		deviceFull() {
			full.inc();
		},
		httpAnswered(status) {
			http.inc({ code: String(status) });
		},
		certificateIs({ endsAtMs }) {
			certificateEnd.set(endsAtMs / 1000);
		},
	};
}

/** Answers a reason as a label: short, and `other` from the fifty-first kind on. */
function bounded(): (reason: string) => string {
	const known = new Set<string>();
	return (reason) => {
		const short = reason.replace(/[^\p{L}\p{N} ,.:’'-]/gu, '').slice(0, 80);
		if (known.size < MOST_REASONS) known.add(short);
		return known.has(short) ? short : 'other';
	};
}
