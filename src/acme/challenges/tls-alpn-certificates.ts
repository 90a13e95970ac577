import { randomBytes } from 'node:crypto';
import type { Finding } from '../../story/finding.ts';
import { isWildcard } from '../identifier.ts';
import type { Challenge, ChallengeSolver, Identifier } from '../issuer.ts';
import { challengeServerName } from './server-name.ts';
import { makeAlpnAnswer, type AlpnAnswer, type AlpnSurroundings } from './tls-alpn-certificate.ts';

/** The one protocol that such a handshake offers (RFC 8737 section 3). */
export const ACME_TLS_PROTOCOL = 'acme-tls/1';

/** Open TLS-ALPN-01 challenges (RFC 8737), by the server name of the handshake. Whoever serves port 443 looks them up. */
export class TlsAlpnCertificates implements ChallengeSolver {
  readonly type = 'tls-alpn-01';
  readonly #surroundings: AlpnSurroundings;
  readonly #open = new Map<string, { readonly token: string; readonly answer: AlpnAnswer }>();

  constructor(surroundings: AlpnSurroundings = { clock: Date.now, random: randomBytes }) {
    this.#surroundings = surroundings;
  }

  /** The answer for a server name, for an address in its `in-addr.arpa` or `ip6.arpa` form. */
  lookup(serverName: string): AlpnAnswer | undefined {
    return this.#open.get(serverName.toLowerCase())?.answer;
  }

  /** Names and addresses (RFC 8738 section 4), but no wildcard. */
  covers(identifier: Identifier): boolean {
    return !isWildcard(identifier);
  }

  async present(challenge: Challenge): Promise<Finding | undefined> {
    const answer = makeAlpnAnswer(challenge, this.#surroundings);
    this.#open.set(challengeServerName(challenge.identifier), { token: challenge.token, answer });
    return undefined;
  }

  /** Another challenge for the same name may have come since; it stays. */
  async withdraw({ identifier, token }: Challenge): Promise<void> {
    const name = challengeServerName(identifier);
    if (this.#open.get(name)?.token === token) this.#open.delete(name);
  }
}
