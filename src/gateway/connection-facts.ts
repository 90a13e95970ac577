import type { Finding } from '../story/finding.ts';
import type { ForwardedLines } from './upstream/forwarded-lines.ts';

/** What the client's certificate came to. `refused` carries the reason, for the log and for the answer. */
export type ClientCertificateState =
  | { readonly status: 'none' }
  | { readonly status: 'verified'; readonly chain: readonly Buffer[] }
  | { readonly status: 'refused'; readonly finding: Finding };

/** What is known of a client's connection, before and beside its requests. */
export interface ConnectionFacts {
  /** Address of the peer, IPv4 in its own form also on a dual-stack socket. */
  readonly peer: string;
  readonly peerPort: number;
  readonly localPort: number;
  /** Under TLS; false on the plain port. */
  readonly encrypted: boolean;
  /** The peer is a configured proxy whose X-Forwarded-* are believed. */
  readonly trustedPeer: boolean;
  /** Site chosen by SNI; '' on the plain port. */
  readonly site: string;
  readonly serverName: string;
  /** Equal for sites that share certificates and client-certificate policy: requests may move between them. */
  readonly policyId: string;
  readonly tlsVersion: string;
  readonly cipherSuite: string;
  readonly resumed: boolean;
  readonly handshakeMs: number;
  readonly clientCertificate: ClientCertificateState;
  /** What the gateway tells apps about this client. */
  readonly forwarded: ForwardedLines;
}

/** What is known of a connection before its requests; whatever else the object holds is left behind. */
export type KnownFacts = Omit<ConnectionFacts, 'forwarded'>;

/**
 * The facts as one kind of object, however the connection came: every request reads them, and a field that has stood at
 * the same place in every object so far is read several times faster than one that has to be looked for.
 */
export function connectionFacts(known: KnownFacts, forwarded: ForwardedLines): ConnectionFacts {
  return {
    peer: known.peer,
    peerPort: known.peerPort,
    localPort: known.localPort,
    encrypted: known.encrypted,
    trustedPeer: known.trustedPeer,
    site: known.site,
    serverName: known.serverName,
    policyId: known.policyId,
    tlsVersion: known.tlsVersion,
    cipherSuite: known.cipherSuite,
    resumed: known.resumed,
    handshakeMs: known.handshakeMs,
    clientCertificate: known.clientCertificate,
    forwarded,
  };
}
