import type { Finding } from '../../story/finding.ts';

/** A TLS handshake with a client that did not come about: what it offered, and what that means. */
export interface HandshakeFailure {
  /** Epoch milliseconds. */
  readonly timeMs: number;
  /** Address and port of the client. */
  readonly peer: string;
  /** Server name that the client asked for, '' for none. */
  readonly serverName: string;
  /** Name of the site that it led to, '' for none. */
  readonly site: string;
  readonly offeredVersions: readonly string[];
  readonly offeredCiphers: readonly string[];
  readonly offeredAlpn: readonly string[];
  /** Name of the alert that was sent or received, '' for none. */
  readonly alert: string;
  /** What OpenSSL called it, '' where it was not asked. */
  readonly opensslError: string;
  readonly finding: Finding;
}

/** A ClientHello may offer thousands of values: a log line takes this many. */
const OFFERS_SHOWN = 64;

/** The first offers, and how many more there were. */
export function shortenOffers(offers: readonly string[]): readonly string[] {
  if (offers.length <= OFFERS_SHOWN) return offers;
  return [...offers.slice(0, OFFERS_SHOWN), `+${offers.length - OFFERS_SHOWN}`];
}
