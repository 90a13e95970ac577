import type { ErrorStatus } from '../../story/catalog/http-status.ts';
import type { HttpCode } from '../../story/catalog/http.ts';
import type { UpstreamTlsCatalogCode } from '../../story/catalog/upstream-tls.ts';
import type { CatalogEntry } from '../../story/catalog.ts';
import { catalog, type FindingCode } from '../../story/catalog/index.ts';

/** Error types of RFC 9209 section 2.3 that this gateway uses. */
export type ProxyErrorType =
  | 'dns_timeout'
  | 'dns_error'
  | 'destination_not_found'
  | 'destination_ip_unroutable'
  | 'connection_refused'
  | 'connection_terminated'
  | 'connection_timeout'
  | 'connection_read_timeout'
  | 'connection_limit_reached'
  | 'tls_protocol_error'
  | 'tls_certificate_error'
  | 'tls_alert_received'
  | 'http_request_error'
  | 'http_request_denied'
  | 'http_response_incomplete'
  | 'http_response_header_section_size'
  | 'http_response_timeout'
  | 'http_upgrade_failed'
  | 'http_protocol_error'
  | 'proxy_configuration_error'
  | 'proxy_internal_response'
  | 'proxy_internal_error';

/** How a code of the catalogue reaches the client. */
export interface AnswerStatus {
  readonly status: ErrorStatus;
  /** For Proxy-Status; '' where the answer is what an origin would say too (a file that is not there). */
  readonly proxyError: ProxyErrorType | '';
}

const badRequest: AnswerStatus = { status: 400, proxyError: 'http_request_error' };
const forbidden: AnswerStatus = { status: 403, proxyError: 'http_request_denied' };
const requestTimeout: AnswerStatus = { status: 408, proxyError: 'http_request_error' };
const headTooLarge: AnswerStatus = { status: 431, proxyError: 'http_request_error' };
const notImplemented: AnswerStatus = { status: 501, proxyError: 'http_request_error' };
const internal: AnswerStatus = { status: 500, proxyError: 'proxy_internal_error' };
const badCertificate: AnswerStatus = { status: 502, proxyError: 'tls_certificate_error' };
const tlsFailed: AnswerStatus = { status: 502, proxyError: 'tls_protocol_error' };
const tlsRefused: AnswerStatus = { status: 502, proxyError: 'tls_alert_received' };
const misconfigured: AnswerStatus = { status: 500, proxyError: 'proxy_configuration_error' };

/** Codes that end an exchange without an answer: nobody is there to read it, or the response has begun already. */
export type UnansweredCode =
  | 'keep-alive-idle'
  | 'response-write-stalled'
  | 'client-gone'
  | 'tunnel-idle'
  | 'upstream-surplus'
  | 'file-changed';

/** Every code of the HTTP layer, and of TLS and HTTP/2 towards apps, that can be answered. A code that is added to the catalogue must be placed here or above. */
const statuses: Readonly<Record<Exclude<HttpCode | UpstreamTlsCatalogCode, UnansweredCode>, AnswerStatus>> = {
  'request-line-malformed': badRequest,
  'method-invalid': badRequest,
  'target-invalid': badRequest,
  'target-too-long': { status: 414, proxyError: 'http_request_error' },
  'asterisk-target': badRequest,
  'connect-refused': { status: 405, proxyError: 'http_request_denied' },
  'version-unsupported': { status: 505, proxyError: 'http_request_error' },
  'method-not-allowed': { status: 405, proxyError: '' },
  'field-line-malformed': badRequest,
  'field-name-invalid': badRequest,
  'space-before-colon': badRequest,
  'obs-fold': badRequest,
  'bare-cr-or-lf': badRequest,
  'control-byte-in-value': badRequest,
  'too-many-fields': headTooLarge,
  'head-too-large': headTooLarge,
  'host-missing': badRequest,
  'host-repeated': badRequest,
  'host-invalid': badRequest,
  'framing-conflict': badRequest,
  'content-length-invalid': badRequest,
  'content-length-mismatch': badRequest,
  'transfer-encoding-unsupported': notImplemented,
  'transfer-encoding-malformed': badRequest,
  'transfer-encoding-in-http10': badRequest,
  'chunk-malformed': badRequest,
  'trailer-malformed': badRequest,
  'content-too-large': { status: 413, proxyError: 'http_request_denied' },
  'expectation-unknown': { status: 417, proxyError: 'http_request_error' },
  'upgrade-malformed': badRequest,
  'plain-http-on-https-port': badRequest,
  'no-such-site': { status: 404, proxyError: 'destination_not_found' },
  misdirected: { status: 421, proxyError: 'http_request_denied' },
  'client-certificate-required': forbidden,
  'client-certificate-untrusted': forbidden,
  'client-certificate-expired': forbidden,
  'client-certificate-not-yet-valid': forbidden,
  'client-certificate-revoked': forbidden,
  'client-certificate-wrong-usage': forbidden,
  'client-certificate-refused': forbidden,
  'client-certificate-refused-by-openssl': forbidden,
  'head-timeout': requestTimeout,
  'content-timeout': requestTimeout,
  'pipelined-too-much': badRequest,
  'upstream-refused': { status: 502, proxyError: 'connection_refused' },
  'upstream-socket-missing': { status: 502, proxyError: 'connection_refused' },
  'upstream-socket-forbidden': { status: 502, proxyError: 'proxy_configuration_error' },
  'upstream-unreachable': { status: 502, proxyError: 'destination_ip_unroutable' },
  'upstream-name-not-resolved': { status: 502, proxyError: 'dns_error' },
  'upstream-name-timeout': { status: 504, proxyError: 'dns_timeout' },
  'upstream-connect-timeout': { status: 504, proxyError: 'connection_timeout' },
  'upstream-response-timeout': { status: 504, proxyError: 'connection_read_timeout' },
  'upstream-content-timeout': { status: 504, proxyError: 'http_response_timeout' },
  'upstream-closed-early': { status: 502, proxyError: 'connection_terminated' },
  'upstream-response-malformed': { status: 502, proxyError: 'http_protocol_error' },
  'status-line-malformed': { status: 502, proxyError: 'http_protocol_error' },
  'upstream-head-too-large': { status: 502, proxyError: 'http_response_header_section_size' },
  'upstream-response-truncated': { status: 502, proxyError: 'http_response_incomplete' },
  'upstream-interim-flood': { status: 502, proxyError: 'http_protocol_error' },
  'upstream-upgrade-malformed': { status: 502, proxyError: 'http_upgrade_failed' },
  'upstream-too-many-connections': { status: 503, proxyError: 'connection_limit_reached' },
  'upstream-certificate-expired': badCertificate,
  'upstream-certificate-not-yet-valid': badCertificate,
  'upstream-certificate-untrusted': badCertificate,
  'upstream-certificate-self-signed': badCertificate,
  'upstream-certificate-name-mismatch': badCertificate,
  'upstream-certificate-revoked': badCertificate,
  'upstream-certificate-refused': badCertificate,
  'upstream-wants-client-certificate': tlsRefused,
  'upstream-refused-client-certificate': tlsRefused,
  'upstream-knows-no-such-name': tlsRefused,
  'upstream-speaks-no-tls': tlsFailed,
  'upstream-tls-failed': tlsFailed,
  'upstream-tls-material': { status: 502, proxyError: 'proxy_configuration_error' },
  'upstream-not-http2': { status: 502, proxyError: 'http_protocol_error' },
  'upstream-stream-reset': { status: 502, proxyError: 'connection_terminated' },
  'upstream-stream-refused': { status: 503, proxyError: 'connection_limit_reached' },
  'upstream-upgrade-unsupported': { status: 502, proxyError: 'http_upgrade_failed' },
  'file-not-found': { status: 404, proxyError: '' },
  'range-unsatisfiable': { status: 416, proxyError: '' },
  'precondition-failed': { status: 412, proxyError: '' },
  'file-unreadable': { status: 500, proxyError: '' },
  'shutting-down': { status: 503, proxyError: 'proxy_internal_response' },
  'too-many-connections': { status: 503, proxyError: 'proxy_internal_response' },
  'internal-error': internal,
};

/** Status and Proxy-Status error type of a code. To the client, a code of another domain is a failure on the inside. */
export function answerStatus(code: FindingCode): AnswerStatus {
  const known = (statuses as Readonly<Partial<Record<FindingCode, AnswerStatus>>>)[code];
  if (known !== undefined) return known;
  // A rule on certificates that the client's own breaks; an app's certificate has codes of its own.
  if (code.startsWith('certificate-')) return forbidden;
  const { fault }: CatalogEntry = catalog[code];
  return fault === 'config' ? misconfigured : internal;
}
