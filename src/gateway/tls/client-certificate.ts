import type { X509Certificate } from 'node:crypto';
import type tls from 'node:tls';
import { finding, type Finding } from '../../story/finding.ts';
import type { ClientCertificateState } from '../connection-facts.ts';
import { ClientJudgement, opensslCodeOf } from './client-judgement.ts';

const none: ClientCertificateState = { status: 'none' };

/** Chains by the fingerprint of their leaf: a resumed session remembers the leaf only. */
const CHAINS_MAX = 4_096;

/** Certificates of a chain that are looked at; real ones have two or three. */
const CHAIN_LENGTH_MAX = 16;

/** Judges the client certificates of one site policy after their handshakes. */
export class ClientCertificates {
  readonly #mode: 'require' | 'optional';
  readonly #judgement: ClientJudgement;
  readonly #chains = new Map<string, readonly Buffer[]>();

  /** `ca`, `crl`: the configured authorities and their lists, one PEM block each. */
  constructor(mode: 'require' | 'optional', ca: readonly string[], crl: readonly string[]) {
    this.#mode = mode;
    this.#judgement = new ClientJudgement(ca, crl);
  }

  /** What the certificate of a secure connection comes to at `nowMs`, epoch milliseconds. */
  judge(socket: tls.TLSSocket, nowMs: number): ClientCertificateState {
    // `authorized` must not be asked alone: on a resumed TLS 1.3 session without a client certificate, Node 20 says true.
    const leaf = socket.getPeerX509Certificate();
    if (leaf === undefined) return this.#mode === 'optional' ? none : refused(finding('client-certificate-required'));
    // A resumed session was judged when it began, but time has gone on since.
    const isOver = Date.parse(leaf.validTo) < nowMs;
    if (socket.authorized && !isOver)
      return { status: 'verified', chain: this.#chainOf(leaf, socket.isSessionReused()) };
    const [, ...others] = sentWith(leaf);
    const opensslCode = socket.authorized ? 'CERT_HAS_EXPIRED' : opensslCodeOf(socket);
    return refused(this.#judgement.explain({ leaf: leaf.raw, others, opensslCode }, nowMs));
  }

  /** The leaf and what the client sent with it. */
  #chainOf(leaf: X509Certificate, resumed: boolean): readonly Buffer[] {
    const { fingerprint256 } = leaf;
    if (resumed) return this.#chains.get(fingerprint256) ?? [leaf.raw];
    const chain = sentWith(leaf);
    if (chain.length > 1) this.#remember(fingerprint256, chain);
    return chain;
  }

  #remember(fingerprint: string, chain: readonly Buffer[]): void {
    this.#chains.delete(fingerprint);
    this.#chains.set(fingerprint, chain);
    if (this.#chains.size <= CHAINS_MAX) return;
    const [oldest] = this.#chains.keys();
    if (oldest !== undefined) this.#chains.delete(oldest);
  }
}

/**
 * The leaf and what came with it. Node 24.21 and 26.8 lose the latter (nodejs/node issue 65579): there the chain is the
 * leaf alone. Verification is OpenSSL's and not touched by that.
 */
function sentWith(leaf: X509Certificate): Buffer[] {
  const chain: Buffer[] = [];
  for (let next: X509Certificate | undefined = leaf; next !== undefined; next = next.issuerCertificate) {
    if (chain.push(next.raw) === CHAIN_LENGTH_MAX) break;
  }
  return chain;
}

function refused(found: Finding): ClientCertificateState {
  return { status: 'refused', finding: found };
}
