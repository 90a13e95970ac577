import { X509Certificate } from 'node:crypto';
import type tls from 'node:tls';
import type { FindingCode } from '../../story/catalog/index.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { ClientCertificateState } from '../connection-facts.ts';

const none: ClientCertificateState = { status: 'none' };

/** Chains by the fingerprint of their leaf: a resumed session remembers the leaf only. */
const CHAINS_MAX = 4_096;

/** OpenSSL's verdicts (X509_V_ERR_…) by what they mean for people. */
const codes: ReadonlyMap<string, FindingCode> = new Map<string, FindingCode>([
  ['UNABLE_TO_GET_ISSUER_CERT', 'client-certificate-untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'client-certificate-untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'client-certificate-untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'client-certificate-untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'client-certificate-untrusted'],
  ['CERT_UNTRUSTED', 'client-certificate-untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'client-certificate-untrusted'],
  ['CERT_HAS_EXPIRED', 'client-certificate-expired'],
  ['CERT_NOT_YET_VALID', 'client-certificate-not-yet-valid'],
  ['CERT_REVOKED', 'client-certificate-revoked'],
  ['INVALID_PURPOSE', 'client-certificate-wrong-usage'],
  ['UNABLE_TO_GET_CRL', 'client-certificate-crl-missing'],
  ['CRL_HAS_EXPIRED', 'client-certificate-crl-expired'],
  ['CRL_NOT_YET_VALID', 'client-certificate-crl-invalid'],
  ['CRL_SIGNATURE_FAILURE', 'client-certificate-crl-invalid'],
  ['UNABLE_TO_DECRYPT_CRL_SIGNATURE', 'client-certificate-crl-invalid'],
  ['ERROR_IN_CRL_LAST_UPDATE_FIELD', 'client-certificate-crl-invalid'],
  ['ERROR_IN_CRL_NEXT_UPDATE_FIELD', 'client-certificate-crl-invalid'],
]);

/** Judges the client certificates of one site policy after their handshakes. */
export class ClientCertificates {
  readonly #mode: 'require' | 'optional';
  readonly #authorities: readonly X509Certificate[];
  readonly #chains = new Map<string, readonly Buffer[]>();

  /** `caPem`: the configured authorities, one PEM certificate each. */
  constructor(mode: 'require' | 'optional', caPem: readonly string[]) {
    this.#mode = mode;
    this.#authorities = caPem.map((pem) => new X509Certificate(pem));
  }

  /** What the certificate of a secure connection comes to at `nowMs`, epoch milliseconds. */
  judge(socket: tls.TLSSocket, nowMs: number): ClientCertificateState {
    // `authorized` must not be asked alone: on a resumed TLS 1.3 session without a client certificate, Node 20 says true.
    const leaf = socket.getPeerX509Certificate();
    if (leaf === undefined) return this.#mode === 'optional' ? none : refused(finding('client-certificate-required'));
    const error = socket.authorized ? undefined : String(socket.authorizationError ?? 'UNSPECIFIED');
    if (error !== undefined) {
      const code = this.#isMissingListOfStranger(error, leaf) ? 'client-certificate-untrusted' : codes.get(error);
      return refused(finding(code ?? 'client-certificate-refused', { reason: error }));
    }
    // A resumed session was judged when it began.
    if (Date.parse(leaf.validTo) < nowMs) return refused(finding('client-certificate-expired'));
    return { status: 'verified', chain: this.#chainOf(leaf, socket.isSessionReused()) };
  }

  /**
   * OpenSSL goes on after an unknown issuer and tells the last thing that it misses, the stranger's CRL. Only for a chain
   * that leads to one of our authorities is a missing list the configuration's fault.
   */
  #isMissingListOfStranger(error: string, leaf: X509Certificate): boolean {
    if (error !== 'UNABLE_TO_GET_CRL') return false;
    for (let next: X509Certificate | undefined = leaf; next !== undefined; next = next.issuerCertificate) {
      const certificate = next;
      if (this.#authorities.some((authority) => isIssuedBy(certificate, authority))) return false;
    }
    return true;
  }

  /**
   * The leaf and what the client sent with it. Node 24.21 and 26.8 lose the latter (nodejs/node issue 65579): there the
   * chain is the leaf alone. Verification is OpenSSL's and not touched by that.
   */
  #chainOf(leaf: X509Certificate, resumed: boolean): readonly Buffer[] {
    const { fingerprint256 } = leaf;
    if (resumed) return this.#chains.get(fingerprint256) ?? [leaf.raw];
    const chain: Buffer[] = [];
    for (let next: X509Certificate | undefined = leaf; next !== undefined; next = next.issuerCertificate) {
      chain.push(next.raw);
    }
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

function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function refused(found: Finding): ClientCertificateState {
  return { status: 'refused', finding: found };
}
