import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Finding } from '../../story/finding.ts';
import { isWildcard } from '../identifier.ts';
import type { Challenge, ChallengeSolver, Identifier } from '../issuer.ts';
import { challengeServerName, encodeAlpnCertificate } from './tls-alpn-certificate.ts';

/** What a handshake that offers the protocol `acme-tls/1` is answered with. */
export interface AlpnAnswer {
  readonly certPem: string;
  readonly keyPem: string;
}

/** The one protocol that such a handshake offers (RFC 8737 section 3). */
export const ACME_TLS_PROTOCOL = 'acme-tls/1';

export interface TlsAlpnOptions {
  /** Epoch milliseconds. */
  readonly clock?: () => number;
  readonly random?: (byteLength: number) => Uint8Array;
}

/** Open TLS-ALPN-01 challenges (RFC 8737), by the server name of the handshake. Whoever serves port 443 looks them up. */
export class TlsAlpnCertificates implements ChallengeSolver {
  readonly type = 'tls-alpn-01';
  readonly #clock: () => number;
  readonly #random: (byteLength: number) => Uint8Array;
  readonly #open = new Map<string, { readonly token: string; readonly answer: AlpnAnswer }>();

  constructor(options: TlsAlpnOptions = {}) {
    this.#clock = options.clock ?? Date.now;
    this.#random = options.random ?? randomBytes;
  }

  /** The answer for a server name, for an address in its `in-addr.arpa` or `ip6.arpa` form. */
  lookup(serverName: string): AlpnAnswer | undefined {
    return this.#open.get(serverName.toLowerCase())?.answer;
  }

  /** Names and addresses (RFC 8738 section 4), but no wildcard. */
  covers(identifier: Identifier): boolean {
    return !isWildcard(identifier);
  }

  async present({ identifier, digest, token }: Challenge): Promise<Finding | undefined> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const serial = Uint8Array.from(this.#random(16), (octet, index) => (index === 0 ? octet & 0x7f : octet));
    const nowMs = this.#clock();
    const der = encodeAlpnCertificate({ identifier, digest, privateKey, serial, nowMs });
    const lines =
      Buffer.from(der)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    const certPem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
    const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    this.#open.set(challengeServerName(identifier), { token, answer: { certPem, keyPem } });
    return undefined;
  }

  /** Another challenge for the same name may have come since; it stays. */
  async withdraw({ identifier, token }: Challenge): Promise<void> {
    const name = challengeServerName(identifier);
    if (this.#open.get(name)?.token === token) this.#open.delete(name);
  }
}
