import { hashLengths, type TlsCrypto, type TlsHash } from '../crypto.ts';
import { expandLabel, hkdfExtract } from './hkdf.ts';

/**
 * The key schedule of TLS 1.3 (RFC 8446 section 7.1), one function an arrow:
 *
 *                 0 ── Extract(PSK or 0) = early secret ──► binder key, c e traffic, e exp master
 *                             │ Derive "derived"
 *     Extract((EC)DHE) = handshake secret ──► c hs traffic, s hs traffic
 *                             │ Derive "derived"
 *           Extract(0) = master secret ──► c ap traffic, s ap traffic, exp master, res master
 *
 * Transcript arguments are hashes of the messages up to the point that the RFC names.
 */
export class Tls13Schedule {
  readonly #crypto: TlsCrypto;
  readonly hash: TlsHash;

  constructor(crypto: TlsCrypto, hash: TlsHash) {
    this.#crypto = crypto;
    this.hash = hash;
  }

  get hashLength(): number {
    return hashLengths[this.hash];
  }

  /** From the pre-shared key; without one, from as many zeros as the hash is long. */
  earlySecret(psk: Uint8Array = this.#zeros()): Uint8Array {
    return hkdfExtract(this.#crypto, this.hash, this.#zeros(), psk);
  }

  handshakeSecret(earlySecret: Uint8Array, sharedSecret: Uint8Array = this.#zeros()): Uint8Array {
    return hkdfExtract(this.#crypto, this.hash, this.#derived(earlySecret), sharedSecret);
  }

  masterSecret(handshakeSecret: Uint8Array): Uint8Array {
    return hkdfExtract(this.#crypto, this.hash, this.#derived(handshakeSecret), this.#zeros());
  }

  /** A ticket's key (`res`), or one that was agreed elsewhere (`ext`). */
  binderKey(earlySecret: Uint8Array, kind: 'res' | 'ext'): Uint8Array {
    return this.derive(earlySecret, `${kind} binder`, this.emptyHash());
  }

  /** Derive-Secret: labels `c e traffic`, `c hs traffic`, `s ap traffic`, `exp master`, `res master` and so on. */
  derive(secret: Uint8Array, label: string, transcriptHash: Uint8Array): Uint8Array {
    return expandLabel(this.#crypto, this.hash, secret, label, transcriptHash);
  }

  /** The key and the nonce's base of one direction (section 7.3). */
  trafficKeys(trafficSecret: Uint8Array, keyLength: number): { readonly key: Uint8Array; readonly iv: Uint8Array } {
    const none = new Uint8Array(0);
    return {
      key: expandLabel(this.#crypto, this.hash, trafficSecret, 'key', none, keyLength),
      iv: expandLabel(this.#crypto, this.hash, trafficSecret, 'iv', none, 12),
    };
  }

  /** After a KeyUpdate (section 7.2). */
  nextTrafficSecret(trafficSecret: Uint8Array): Uint8Array {
    return expandLabel(this.#crypto, this.hash, trafficSecret, 'traffic upd', new Uint8Array(0));
  }

  /** verify_data of Finished (section 4.4.4), and a PSK binder (section 4.2.11.2), which is computed alike. */
  verifyData(baseKey: Uint8Array, transcriptHash: Uint8Array): Uint8Array {
    const finishedKey = expandLabel(this.#crypto, this.hash, baseKey, 'finished', new Uint8Array(0));
    return this.#crypto.hmac(this.hash, finishedKey, transcriptHash);
  }

  /** The pre-shared key that a ticket stands for (section 4.6.1). */
  resumptionPsk(resumptionMasterSecret: Uint8Array, ticketNonce: Uint8Array): Uint8Array {
    return expandLabel(this.#crypto, this.hash, resumptionMasterSecret, 'resumption', ticketNonce);
  }

  hashOf(data: Uint8Array): Uint8Array {
    return this.#crypto.hash(this.hash, data);
  }

  /** The hash of no messages. */
  emptyHash(): Uint8Array {
    return this.hashOf(new Uint8Array(0));
  }

  #derived(secret: Uint8Array): Uint8Array {
    return this.derive(secret, 'derived', this.emptyHash());
  }

  #zeros(): Uint8Array {
    return new Uint8Array(this.hashLength);
  }
}
