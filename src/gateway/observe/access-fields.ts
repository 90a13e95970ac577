/** What the lines of each format are made of, copied from record to record: as little as will do, since each request does it. */
import type { AccessRecord } from '../access-record.ts';

/** The fields of `common` and `combined`. */
export function copyClfFields(from: AccessRecord, to: AccessRecord): void {
  to.timeMs = from.timeMs;
  to.peer = from.peer;
  to.method = from.method;
  to.target = from.target;
  to.protocol = from.protocol;
  to.status = from.status;
  to.bytesSent = from.bytesSent;
  to.referer = from.referer;
  to.userAgent = from.userAgent;
}

/** The fields of `json`, which has them all. One by one: `Object.assign` looks up each by its name. */
export function copyAllFields(from: AccessRecord, to: AccessRecord): void {
  copyClfFields(from, to);
  to.site = from.site;
  to.authority = from.authority;
  to.bytesReceived = from.bytesReceived;
  to.tlsMs = from.tlsMs;
  to.upstreamMs = from.upstreamMs;
  to.totalMs = from.totalMs;
  to.tlsVersion = from.tlsVersion;
  to.cipherSuite = from.cipherSuite;
  to.resumed = from.resumed;
  to.upstream = from.upstream;
  to.error = from.error;
  to.requestId = from.requestId;
}
