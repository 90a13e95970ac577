/**
 * The gateway's numbers as Prometheus reads them. prom-client keeps the registry, the text format and the numbers of the
 * process; ours are made when they are asked for.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { DurationHistogram } from './histogram.ts';
import type { CertificateExpiry, ManagedCertificate, UpstreamCounters } from './metrics.ts';
import { registerFamily, type MetricFamily, type MetricSample } from './metric-family.ts';
import type { NamedCounter } from './named-counter.ts';
import { METHODS, STATUS_CLASSES, TLS_VERSIONS, type SiteCounters } from './site-counters.ts';

/** Where the numbers stand. */
export interface MetricSources {
  readonly sites: () => ReadonlyMap<string, SiteCounters>;
  readonly upstreams: () => ReadonlyMap<string, UpstreamCounters>;
  readonly counters: () => ReadonlyMap<string, NamedCounter>;
  readonly certificates: () => readonly CertificateExpiry[];
  readonly managed: () => readonly ManagedCertificate[];
  readonly connectionsOpen: () => number;
  readonly connectionsTotal: () => number;
  readonly generation: () => number;
  readonly nowMs: () => number;
}

type Samples = Iterable<MetricSample>;

export class Exposition {
  readonly #registry = new Registry();
  readonly #sources: MetricSources;

  constructor(version: string, processMetrics: boolean, sources: MetricSources) {
    this.#sources = sources;
    this.#gauge('menshen_build_info', 'Version of the gateway and of Node; always 1.', () => [
      { value: 1, labels: { version, node: process.versions.node } },
    ]);
    this.#addRequests();
    this.#addConnections();
    this.#addUpstreams();
    this.#addConfiguration();
    this.#addManaged();
    if (processMetrics) collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text of all metrics. Counters that were defined later than the last reading are taken up. */
  text(): Promise<string> {
    this.#takeUpCounters();
    return this.#registry.metrics();
  }

  async families(): Promise<readonly MetricFamily[]> {
    this.#takeUpCounters();
    return (await this.#registry.getMetricsAsJSON()) as unknown as readonly MetricFamily[];
  }

  #takeUpCounters(): void {
    for (const [name, counter] of this.#sources.counters()) {
      const family = `menshen_${name}_total`;
      if (this.#registry.getSingleMetric(family) !== undefined) continue;
      this.#counter(family, counter.help, () => counter.cells());
    }
  }

  #addRequests(): void {
    const { sites } = this.#sources;
    this.#counter('menshen_requests_total', 'Finished requests, by site, method and class of status.', function* () {
      for (const [site, counters] of sites()) yield* requestSamples(site, counters);
    });
    this.#histogram(
      'menshen_request_duration_seconds',
      'From the head of a request to the last octet of its answer.',
      (counters) => counters.requestDuration,
    );
    this.#histogram(
      'menshen_upstream_wait_seconds',
      'From a request handed to the app to the head of its answer.',
      (counters) => counters.upstreamWait,
    );
    this.#counter('menshen_received_bytes_total', 'Content octets of requests.', function* () {
      for (const [site, { bytesReceived }] of sites()) yield { value: bytesReceived, labels: { site } };
    });
    this.#counter('menshen_sent_bytes_total', 'Content octets of responses.', function* () {
      for (const [site, { bytesSent }] of sites()) yield { value: bytesSent, labels: { site } };
    });
  }

  #addConnections(): void {
    const { sites, connectionsOpen, connectionsTotal } = this.#sources;
    this.#gauge('menshen_connections_open', 'Connections from clients that are open.', () => [
      { value: connectionsOpen(), labels: {} },
    ]);
    this.#counter('menshen_connections_total', 'Connections from clients, since the start.', () => [
      { value: connectionsTotal(), labels: {} },
    ]);
    this.#counter(
      'menshen_handshakes_total',
      'TLS handshakes that succeeded, by site, version and resumption.',
      function* () {
        for (const [site, counters] of sites()) yield* handshakeSamples(site, counters);
      },
    );
    this.#histogram(
      'menshen_handshake_duration_seconds',
      'Duration of TLS handshakes that succeeded.',
      (counters) => counters.handshakeDuration,
    );
  }

  #addUpstreams(): void {
    const { upstreams } = this.#sources;
    const each = (read: (counters: UpstreamCounters) => number) =>
      function* (): Samples {
        for (const [upstream, counters] of upstreams()) yield { value: read(counters), labels: { upstream } };
      };
    this.#gauge(
      'menshen_upstream_connections_open',
      'Connections to an app that are open.',
      each((of) => of.open),
    );
    this.#gauge(
      'menshen_upstream_connections_idle',
      'Open connections to an app without a request.',
      each((of) => of.idle),
    );
    this.#counter(
      'menshen_upstream_connect_failures_total',
      'Connections to an app that did not come about.',
      each((of) => of.connectFailures),
    );
    this.#counter(
      'menshen_upstream_retries_total',
      'Requests sent to an app again.',
      each((of) => of.retries),
    );
    this.#counter(
      'menshen_upstream_reused_total',
      'Requests that found an open connection to the app.',
      each((of) => of.reused),
    );
  }

  #addConfiguration(): void {
    const { certificates, generation, nowMs } = this.#sources;
    this.#gauge('menshen_config_generation', 'Generation of the configuration in force; each reload adds one.', () => [
      { value: generation(), labels: {} },
    ]);
    this.#gauge('menshen_certificate_expiry_timestamp_seconds', 'When a certificate in use ends, Unix time.', () =>
      earliest(certificates()).map(({ site, keyType, notAfterMs }) => ({
        value: notAfterMs / 1000,
        labels: { site, key: keyType },
      })),
    );
    this.#gauge('menshen_certificate_remaining_seconds', 'How long a certificate in use still lasts.', () =>
      earliest(certificates()).map(({ site, keyType, notAfterMs }) => ({
        value: (notAfterMs - nowMs()) / 1000,
        labels: { site, key: keyType },
      })),
    );
  }

  #addManaged(): void {
    const { managed, nowMs } = this.#sources;
    const labelsOf = ({ names, keyType }: ManagedCertificate) => ({ name: names.join(','), key: keyType });
    this.#gauge('menshen_certificate_days_left', 'Days that a certificate that is ordered here still lasts.', () =>
      managed().flatMap((certificate) =>
        certificate.notAfterMs === undefined
          ? []
          : [{ value: (certificate.notAfterMs - nowMs()) / 86_400_000, labels: labelsOf(certificate) }],
      ),
    );
    this.#gauge(
      'menshen_certificate_last_error_timestamp_seconds',
      'When ordering a certificate failed last, Unix time, by the code of the finding; gone after a success.',
      () =>
        managed().flatMap((certificate) =>
          certificate.lastError === undefined
            ? []
            : [
                {
                  value: certificate.lastError.atMs / 1000,
                  labels: { ...labelsOf(certificate), code: certificate.lastError.finding.code },
                },
              ],
        ),
    );
  }

  #counter(name: string, help: string, read: () => Samples): void {
    this.#register(name, help, 'counter', read);
  }

  #gauge(name: string, help: string, read: () => Samples): void {
    this.#register(name, help, 'gauge', read);
  }

  #histogram(name: string, help: string, of: (counters: SiteCounters) => DurationHistogram): void {
    const { sites } = this.#sources;
    this.#register(name, help, 'histogram', function* () {
      for (const [site, counters] of sites()) yield* histogramSamples(name, site, of(counters));
    });
  }

  #register(name: string, help: string, type: string, read: () => Samples): void {
    registerFamily(this.#registry, { name, help, type }, read);
  }
}

/** Only what has happened: a site has 48 of these series, most of them never used. */
function* requestSamples(site: string, counters: SiteCounters): Samples {
  for (const [m, method] of METHODS.entries()) {
    for (const [s, status] of STATUS_CLASSES.entries()) {
      const value = counters.requests(m, s);
      if (value > 0) yield { value, labels: { site, method, status } };
    }
  }
}

function* handshakeSamples(site: string, counters: SiteCounters): Samples {
  for (const [v, version] of TLS_VERSIONS.entries()) {
    for (const resumed of [false, true]) {
      const value = counters.handshakes(v, resumed);
      if (value > 0) yield { value, labels: { site, version, resumed: String(resumed) } };
    }
  }
}

function* histogramSamples(name: string, site: string, histogram: DurationHistogram): Samples {
  const { count } = histogram;
  if (count === 0) return;
  for (const { bound, count: upTo } of histogram.buckets()) {
    yield { metricName: `${name}_bucket`, value: upTo, labels: { site, le: bound } };
  }
  yield { metricName: `${name}_sum`, value: histogram.sumSeconds, labels: { site } };
  yield { metricName: `${name}_count`, value: count, labels: { site } };
}

/** One certificate a site and kind of key: the one that ends first. A series must not come twice. */
function earliest(certificates: readonly CertificateExpiry[]): readonly CertificateExpiry[] {
  const first = new Map<string, CertificateExpiry>();
  for (const certificate of certificates) {
    const key = `${certificate.site} ${certificate.keyType}`;
    const known = first.get(key);
    if (known === undefined || certificate.notAfterMs < known.notAfterMs) first.set(key, certificate);
  }
  return [...first.values()];
}
