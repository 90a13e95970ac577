import type tls from 'node:tls';
import type { OfferedPolicy } from '../../story/rules/handshake-failure.ts';
import type { ClientCertificateState } from '../connection-facts.ts';
import type { SitePolicy } from './site-policy.ts';

/** What is known of a connection once its handshake is complete. */
export interface TlsInfo {
  /** Name of the site as configured. */
  readonly site: string;
  /** Name that the client asked for, lower case; '' for none. */
  readonly serverName: string;
  /** Equal for sites of the same certificates and client authentication: requests may move between them (421). */
  readonly policyId: string;
  /** `h2`, `http/1.1`; '' where the client offered none. */
  readonly alpn: string;
  /** `TLSv1.2`, `TLSv1.3`. */
  readonly tlsVersion: string;
  /** IANA name, `TLS_AES_128_GCM_SHA256`. */
  readonly cipherSuite: string;
  /** The session was resumed from a ticket. */
  readonly resumed: boolean;
  /** From the whole ClientHello to the end of the handshake, milliseconds with fractions. */
  readonly handshakeMs: number;
  /** Address of the client, IPv4 in its own form also on a dual-stack socket. */
  readonly peer: string;
  readonly peerPort: number;
  readonly clientCertificate: ClientCertificateState;
  /** What the site would have accepted; shared by all its connections. */
  readonly offered: OfferedPolicy;
}

/** What the gateway knows of a connection before TLS. */
export interface ConnectionOrigin {
  readonly peer: string;
  readonly peerPort: number;
  readonly serverName: string;
  readonly handshakeMs: number;
}

const noCertificate: ClientCertificateState = { status: 'none' };

/** Reads what the handshake came to. `wallMs` is epoch milliseconds, for the validity of a client certificate. */
export function readTlsInfo(
  socket: tls.TLSSocket,
  policy: SitePolicy,
  origin: ConnectionOrigin,
  wallMs: number,
): TlsInfo {
  return {
    site: policy.site,
    serverName: origin.serverName,
    policyId: policy.policyId,
    alpn: socket.alpnProtocol || '',
    tlsVersion: socket.getProtocol() ?? '',
    cipherSuite: socket.getCipher().standardName,
    resumed: socket.isSessionReused(),
    handshakeMs: origin.handshakeMs,
    peer: origin.peer,
    peerPort: origin.peerPort,
    clientCertificate: policy.clients?.judge(socket, wallMs) ?? noCertificate,
    offered: policy.offered,
  };
}

/** `::ffff:192.0.2.1`, as a dual-stack socket says it, is 192.0.2.1. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
