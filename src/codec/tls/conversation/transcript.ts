import { concatOctets } from '../octets.ts';

/** Enough for every handshake there is; chains above this are not vouched for. */
const MAX_OCTETS = 1 << 22;

/** The messages of a handshake in order, as Finished, CertificateVerify and the key schedule hash them. */
export class Transcript {
  readonly #messages: Uint8Array[] = [];
  #length = 0;
  /** A message is missing: what is hashed from here on is not what the two sides hash. */
  isBroken = false;

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  add(message: Uint8Array): void {
    this.#length += message.length;
    if (this.#length > MAX_OCTETS) this.isBroken = true;
    else this.#messages.push(message);
  }

  /** All messages, and what else is given behind them. */
  octets(...more: readonly Uint8Array[]): Uint8Array {
    return concatOctets(...this.#messages, ...more);
  }

  /**
   * After a HelloRetryRequest the first hello stands there as its hash only (RFC 8446 section 4.4.1):
   *
   *     fe 000020 <hash>     message_hash, 32 octets
   */
  replaceByHash(hash: (data: Uint8Array) => Uint8Array): void {
    const digest = hash(this.octets());
    const synthetic = concatOctets(Uint8Array.of(254, 0, 0, digest.length), digest);
    this.#messages.splice(0, this.#messages.length, synthetic);
    this.#length = synthetic.length;
  }
}
