import type { Certificate } from '../../codec/x509/certificate.ts';
import type { Name } from '../../codec/x509/name.ts';
import { certificateKey, nameKey } from './identity.ts';

/** Certificates that are found by their subject, each once. */
export class CertificateIndex {
  readonly #bySubject = new Map<string, Certificate[]>();
  readonly #keys = new Set<string>();

  constructor(certificates: Iterable<Certificate>) {
    for (const certificate of certificates) this.add(certificate);
  }

  /** Adds a certificate; false where it was there already. */
  add(certificate: Certificate): boolean {
    const key = certificateKey(certificate);
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    const subject = nameKey(certificate.subject);
    const list = this.#bySubject.get(subject);
    if (list === undefined) this.#bySubject.set(subject, [certificate]);
    else list.push(certificate);
    return true;
  }

  has(certificate: Certificate): boolean {
    return this.#keys.has(certificateKey(certificate));
  }

  withSubject(name: Name): readonly Certificate[] {
    return this.#bySubject.get(nameKey(name)) ?? [];
  }
}

/** The certificates that are trusted of themselves. Make it once for a store and use it for every verdict. */
export class TrustAnchors extends CertificateIndex {}
