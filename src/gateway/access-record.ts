/** One finished request, as the log and the metrics take it. Plain data, no secrets. */
export interface AccessRecord {
  /** When the request head was complete, epoch milliseconds. */
  timeMs: number;
  /** Site name as configured, or '' when no site was found. */
  site: string;
  /** Peer address (behind a trusted proxy: the client that it names). */
  peer: string;
  method: string;
  /** Origin-form target, as sent. */
  target: string;
  /** Authority as sent, lower-cased. */
  authority: string;
  /** 'HTTP/1.1', 'HTTP/2.0', … */
  protocol: string;
  /** Status sent, or 0 when nothing could be sent. */
  status: number;
  /** Content octets each way. */
  bytesSent: number;
  bytesReceived: number;
  /** Handshake time of the connection, on its first request; -1 on later ones. Milliseconds, as all times here. */
  tlsMs: number;
  /** From the request handed to the app to the head of its answer; -1 where no app was asked. */
  upstreamMs: number;
  /** From the head of the request to the last octet handed to the socket. */
  totalMs: number;
  tlsVersion: string;
  cipherSuite: string;
  /** The TLS session was resumed from a ticket. */
  resumed: boolean;
  /** Address of the app that answered, '' where none was asked. */
  upstream: string;
  /** Catalogue code where the request failed, else ''. */
  error: string;
  /** Number under which the client was told of the failure, else ''. */
  requestId: string;
  /** Filled only where the log format wants them. */
  referer: string;
  userAgent: string;
}

/** The record of no request yet; each field is there, so that all records have one shape. */
export function emptyRecord(): AccessRecord {
  return {
    timeMs: 0,
    site: '',
    peer: '',
    method: '',
    target: '',
    authority: '',
    protocol: '',
    status: 0,
    bytesSent: 0,
    bytesReceived: 0,
    tlsMs: -1,
    upstreamMs: -1,
    totalMs: 0,
    tlsVersion: '',
    cipherSuite: '',
    resumed: false,
    upstream: '',
    error: '',
    requestId: '',
    referer: '',
    userAgent: '',
  };
}
