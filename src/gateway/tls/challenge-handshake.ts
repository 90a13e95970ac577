/**
 * TLS-ALPN-01 (RFC 8737): while a CA checks a name, a hello that offers `acme-tls/1` and nothing else, for that name, is
 * answered with the certificate that was made for the challenge. The connection ends with the handshake: nothing else is
 * reachable over it.
 *
 *     hello: server_name a.example, ALPN acme-tls/1   →   self-signed certificate for a.example with acmeIdentifier
 *     hello: server_name 1.2.0.192.in-addr.arpa …     →   the same for 192.0.2.1 (RFC 8738 section 6)
 */
import tls from 'node:tls';
import type { ClientHello } from '../../codec/tls/client-hello.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { CertificatePem } from './site-input.ts';
import { reasonOf } from './site-material.ts';

/** RFC 8737 section 6.2. */
export const ACME_TLS = 'acme-tls/1';

export interface ChallengeHandshakeListener {
  onSecure(socket: tls.TLSSocket): void;
  onFailed(error: Error, socket: tls.TLSSocket): void;
  /** Looks for the certificate of a server name (lower case) beyond this gateway; undefined where nobody is asked. */
  lookElsewhere?(serverName: string): Promise<CertificatePem | undefined> | undefined;
}

export class ChallengeHandshakes {
  readonly #listener: ChallengeHandshakeListener;
  #servers: ReadonlyMap<string, { readonly certificate: CertificatePem; readonly server: tls.Server }> = new Map();

  constructor(listener: ChallengeHandshakeListener) {
    this.#listener = listener;
  }

  /**
   * Answers for these server names from now on, and for no others. With a finding nothing has changed: it names the
   * certificate that OpenSSL does not take.
   */
  replace(certificates: ReadonlyMap<string, CertificatePem>): Finding | undefined {
    const servers = new Map<string, { readonly certificate: CertificatePem; readonly server: tls.Server }>();
    for (const [name, certificate] of certificates) {
      const running = this.#servers.get(name);
      if (running?.certificate.certPem === certificate.certPem) {
        servers.set(name, running);
        continue;
      }
      try {
        servers.set(name, { certificate, server: this.#serverWith(certificate) });
      } catch (error) {
        return finding('challenge-certificate-unusable', { name, reason: reasonOf(error) });
      }
    }
    this.#servers = servers;
    return undefined;
  }

  /** Who makes the handshake of a CA that checks, now or soon; undefined for every other hello. */
  serverFor({ alpn, serverName }: ClientHello): tls.Server | undefined | Promise<tls.Server | undefined> {
    // RFC 8737 section 3: the CA offers this protocol alone, and always names the server.
    if (alpn?.length !== 1 || alpn[0] !== ACME_TLS || serverName?.kind !== 'name') return undefined;
    const own = this.#servers.get(serverName.name)?.server;
    return own ?? this.#listener.lookElsewhere?.(serverName.name)?.then((found) => this.#serverElsewhere(found));
  }

  #serverElsewhere(certificate: CertificatePem | undefined): tls.Server | undefined {
    try {
      return certificate && this.#serverWith(certificate);
    } catch {
      // Its own gateway has been told of one that OpenSSL does not take.
      return undefined;
    }
  }

  #serverWith({ certPem, keyPem }: CertificatePem): tls.Server {
    const server = tls.createServer({
      cert: certPem,
      key: keyPem,
      ALPNProtocols: [ACME_TLS],
      // RFC 8737 section 4.
      minVersion: 'TLSv1.2',
    });
    server.on('secureConnection', (socket) => this.#listener.onSecure(socket));
    server.on('tlsClientError', (error, socket) => this.#listener.onFailed(error, socket));
    return server;
  }
}
