/**
 * What the gateway counts.
 *
 * Counting happens once a request or more, reading once in many seconds: so counting adds to plain numbers, and the text
 * for Prometheus is made from them when it is asked for. Every label has a bounded set of values: sites and upstreams
 * come from the configuration, methods and statuses are classes, codes come from the catalogue.
 */
import type { FindingCode } from '../../story/catalog/index.ts';
import type { AccessRecord } from '../access-record.ts';
import { Exposition } from './exposition.ts';
import type { MetricFamily } from './metric-family.ts';
import { NamedCounter } from './named-counter.ts';
import { SiteCounters } from './site-counters.ts';

/** Connections to one app, counted by whoever owns them: a plain object, its numbers are set directly. */
export interface UpstreamCounters {
  /** Open now, and of these without a request. */
  open: number;
  idle: number;
  connectFailures: number;
  /** Requests that were sent again because nothing of them can have been acted upon. */
  retries: number;
  /** Requests that found an open connection. */
  reused: number;
}

/** A certificate in use, as far as the metrics and the status tell it. */
export interface CertificateExpiry {
  readonly site: string;
  /** 'ecdsa' or 'rsa'. */
  readonly keyType: string;
  /** Epoch milliseconds. */
  readonly notAfterMs: number;
}

/** A certificate that is ordered and renewed here. */
export interface ManagedCertificate {
  readonly names: readonly string[];
  readonly keyType: string;
  /** Epoch milliseconds; undefined where there is none yet. */
  readonly notAfterMs: number | undefined;
  /** The last failure since the last success. */
  readonly lastError: { readonly finding: { readonly code: string }; readonly atMs: number } | undefined;
}

export interface MetricsOptions {
  readonly version: string;
  /** Whether memory, CPU, event loop and garbage collection of the process are measured too; true by default. */
  readonly processMetrics?: boolean;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
}

export class Metrics {
  readonly contentType: string;
  readonly #sites = new Map<string, SiteCounters>();
  /** Requests and handshakes that led to no site of the configuration. */
  readonly #noSite = new SiteCounters();
  readonly #upstreams = new Map<string, UpstreamCounters>();
  readonly #counters = new Map<string, NamedCounter>();
  readonly #handshakeFailures: NamedCounter;
  readonly #reloads: NamedCounter;
  readonly #exposition: Exposition;
  #certificates: readonly CertificateExpiry[] = [];
  #managed: () => readonly ManagedCertificate[] = () => [];
  #connectionsOpen = 0;
  #connectionsTotal = 0;
  #generation = 0;

  constructor(options: MetricsOptions) {
    const clock = options.clock ?? Date.now;
    this.#sites.set('', this.#noSite);
    this.#handshakeFailures = this.defineCounter('handshake_failures', 'TLS handshakes that failed, by reason.', [
      'code',
    ]);
    this.#reloads = this.defineCounter('reloads', 'Reloads of the configuration, by result.', ['result']);
    this.defineCounter('defences', 'Connections, streams and requests cut or refused for protection, by defence.', [
      'defence',
    ]);
    this.defineCounter('certificate_events', 'What happened to certificates that are ordered here, by event.', [
      'event',
    ]);
    this.#reloads.cell('applied');
    this.#reloads.cell('refused');
    this.#exposition = new Exposition(options.version, options.processMetrics ?? true, {
      sites: () => this.#sites,
      upstreams: () => this.#upstreams,
      counters: () => this.#counters,
      certificates: () => this.#certificates,
      managed: () => this.#managed(),
      connectionsOpen: () => this.#connectionsOpen,
      connectionsTotal: () => this.#connectionsTotal,
      generation: () => this.#generation,
      nowMs: clock,
    });
    this.contentType = this.#exposition.contentType;
  }

  get connectionsOpen(): number {
    return this.#connectionsOpen;
  }

  get generation(): number {
    return this.#generation;
  }

  /** The sites and upstreams (labels) of the configuration in force; what belongs to others is forgotten. */
  configure(generation: number, sites: readonly string[], upstreams: readonly string[]): void {
    this.#generation = generation;
    for (const name of this.#sites.keys()) if (name !== '' && !sites.includes(name)) this.#sites.delete(name);
    for (const name of sites) if (!this.#sites.has(name)) this.#sites.set(name, new SiteCounters());
    for (const label of this.#upstreams.keys()) if (!upstreams.includes(label)) this.#upstreams.delete(label);
    for (const label of upstreams) this.upstream(label);
  }

  /** The certificates in use; replaces what was known. */
  setCertificates(certificates: readonly CertificateExpiry[]): void {
    this.#certificates = certificates;
  }

  /** Who tells of the certificates that are ordered here, whenever the numbers are read. */
  manageCertificates(managed: () => readonly ManagedCertificate[]): void {
    this.#managed = managed;
  }

  request(record: AccessRecord): void {
    (this.#sites.get(record.site) ?? this.#noSite).request(record);
  }

  connectionOpened(): void {
    this.#connectionsOpen += 1;
    this.#connectionsTotal += 1;
  }

  connectionClosed(): void {
    this.#connectionsOpen -= 1;
  }

  handshake(site: string, tlsVersion: string, resumed: boolean, durationMs: number): void {
    (this.#sites.get(site) ?? this.#noSite).handshake(tlsVersion, resumed, durationMs);
  }

  handshakeFailed(code: FindingCode): void {
    this.#handshakeFailures.cell(code).value += 1;
  }

  reload(result: 'applied' | 'refused'): void {
    this.#reloads.cell(result).value += 1;
  }

  /** The counters of an upstream, by its label. Whoever holds them may go on after a reload has dropped the upstream. */
  upstream(label: string): UpstreamCounters {
    const known = this.#upstreams.get(label);
    if (known !== undefined) return known;
    const counters: UpstreamCounters = { open: 0, idle: 0, connectFailures: 0, retries: 0, reused: 0 };
    this.#upstreams.set(label, counters);
    return counters;
  }

  /**
   * Adds a counter, shown as `menshen_<name>_total`. Keep the returned one, or its cells, where counting is frequent.
   * Defining a name again returns the first one.
   */
  defineCounter(name: string, help: string, labelNames: readonly string[] = []): NamedCounter {
    const known = this.#counters.get(name);
    if (known !== undefined) return known;
    const counter = new NamedCounter(help, labelNames);
    this.#counters.set(name, counter);
    return counter;
  }

  /** Adds one to the counter `name`, label values in the order of its definition. A name that nobody defined counts nowhere. */
  count(name: string, ...values: readonly string[]): void {
    const cell = this.#counters.get(name)?.cell(...values);
    if (cell !== undefined) cell.value += 1;
  }

  /** The same as plain data, for another process to add up. */
  families(): Promise<readonly MetricFamily[]> {
    return this.#exposition.families();
  }

  /** The metrics in Prometheus' text format. */
  expose(): Promise<string> {
    return this.#exposition.text();
  }
}
