/** How a message goes to a server and an answer comes back. Resolvers take this; tests give them a scripted world. */

export const DNS_PORT = 53;

export interface ServerAddress {
  /** An IP address as text. */
  readonly address: string;
  readonly port: number;
}

export type Protocol = 'udp' | 'tcp';

export interface Exchange {
  readonly server: ServerAddress;
  readonly protocol: Protocol;
  /** One whole message, without the length that TCP puts in front. */
  readonly octets: Uint8Array;
  readonly timeoutMs: number;
  /** Whether a datagram answers this message; others are ignored and waiting goes on (RFC 5452 section 9.1). */
  readonly accepts: (octets: Uint8Array) => boolean;
  readonly signal?: AbortSignal;
}

export type ExchangeFailure =
  /** Nothing came in time. */
  | 'timeout'
  /** The address says that nobody listens there. */
  | 'refused'
  /** No route, or no such address family on this machine. */
  | 'unreachable'
  /** TCP was closed before the answer was whole. */
  | 'closed'
  /** Whoever asked gave up. */
  | 'aborted';

export type ExchangeOutcome =
  | { readonly ok: true; readonly octets: Uint8Array }
  /** `detail` is the system's word for it, such as `ENETUNREACH`, else ''. */
  | { readonly ok: false; readonly failure: ExchangeFailure; readonly detail: string };

export type DnsTransport = (exchange: Exchange) => Promise<ExchangeOutcome>;

/** What resolvers need from outside, so that a test can hold it. */
export interface DnsSurroundings {
  readonly transport: DnsTransport;
  /** Milliseconds since the epoch; may have a fraction. */
  readonly nowMs: () => number;
  /** A random whole number in `[0, below)`, not to be guessed. */
  readonly random: (below: number) => number;
}
