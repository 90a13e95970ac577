import type { CertificatePem } from '../tls/site-input.ts';
import type { FromWorker } from './messages.ts';

/** What a worker has asked its supervisor for and not been given yet: certificates of names that no site has. */
export class CertificateWishes {
  readonly #say: (message: FromWorker) => Promise<void>;
  readonly #waiting: Map<number, (certificate: CertificatePem | undefined) => void> = new Map();
  #made = 0;

  constructor(say: (message: FromWorker) => Promise<void>) {
    this.#say = say;
  }

  /** Asks for a certificate. Without a supervisor there is none to be had. */
  make(serverName: string, peer: string): Promise<CertificatePem | undefined> {
    if (!process.connected) return Promise.resolve(undefined);
    this.#made += 1;
    const wish = this.#made;
    return new Promise((resolve) => {
      this.#waiting.set(wish, resolve);
      void this.#say({ kind: 'certificate-wanted', wish, serverName, peer });
    });
  }

  fulfil(wish: number, certificate: CertificatePem | undefined): void {
    this.#waiting.get(wish)?.(certificate);
    this.#waiting.delete(wish);
  }
}
