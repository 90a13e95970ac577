import type { AccessRecord } from '../access-record.ts';
import { DurationHistogram } from './histogram.ts';

/** Label values are bounded: a method that is not among these counts as the last. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'OTHER'] as const;
/** By the first digit; `none` where no status could be sent. */
export const STATUS_CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;
export const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3', 'other'] as const;

/** What is counted for one site: plain numbers, read when somebody asks for the metrics. */
export class SiteCounters {
  /** By method, then by status class. */
  readonly #requests = new Float64Array(METHODS.length * STATUS_CLASSES.length);
  /** By version, then by whether the session was resumed. */
  readonly #handshakes = new Float64Array(TLS_VERSIONS.length * 2);
  readonly requestDuration = new DurationHistogram();
  readonly upstreamWait = new DurationHistogram();
  readonly handshakeDuration = new DurationHistogram();
  bytesSent = 0;
  bytesReceived = 0;

  request(record: AccessRecord): void {
    const index = methodIndex(record.method) * STATUS_CLASSES.length + statusIndex(record.status);
    this.#requests[index] = (this.#requests[index] ?? 0) + 1;
    this.bytesSent += record.bytesSent;
    this.bytesReceived += record.bytesReceived;
    this.requestDuration.observe(record.totalMs);
    this.upstreamWait.observe(record.upstreamMs);
  }

  handshake(tlsVersion: string, resumed: boolean, durationMs: number): void {
    const version = tlsVersion === 'TLSv1.3' ? 1 : tlsVersion === 'TLSv1.2' ? 0 : 2;
    const index = version * 2 + (resumed ? 1 : 0);
    this.#handshakes[index] = (this.#handshakes[index] ?? 0) + 1;
    this.handshakeDuration.observe(durationMs);
  }

  requests(method: number, status: number): number {
    return this.#requests[method * STATUS_CLASSES.length + status] ?? 0;
  }

  handshakes(version: number, resumed: boolean): number {
    return this.#handshakes[version * 2 + (resumed ? 1 : 0)] ?? 0;
  }
}

function methodIndex(method: string): number {
  switch (method) {
    case 'GET':
      return 0;
    case 'HEAD':
      return 1;
    case 'POST':
      return 2;
    case 'PUT':
      return 3;
    case 'DELETE':
      return 4;
    case 'PATCH':
      return 5;
    case 'OPTIONS':
      return 6;
    default:
      return 7;
  }
}

function statusIndex(status: number): number {
  return status >= 100 && status < 600 ? Math.floor(status / 100) : 0;
}
