import type { TlsCrypto } from '../crypto.ts';
import type { Tls13Schedule } from '../key-schedule/tls13.ts';
import type { TlsRecord } from '../record.ts';
import { nonceFor, type OpenedRecord, type RecordProtection } from './opened-record.ts';
import type { SuiteProtection } from './suite-protection.ts';

/** Opens records under one traffic secret of TLS 1.3 (RFC 8446 sections 5.2 and 5.3). */
export class Tls13Records implements RecordProtection {
  readonly #crypto: TlsCrypto;
  readonly #suite: SuiteProtection & { kind: 'aead' };
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  opened = 0;

  constructor(
    crypto: TlsCrypto,
    schedule: Tls13Schedule,
    suite: SuiteProtection & { kind: 'aead' },
    trafficSecret: Uint8Array,
  ) {
    this.#crypto = crypto;
    this.#suite = suite;
    const { key, iv } = schedule.trafficKeys(trafficSecret, suite.keyLength);
    this.#key = key;
    this.#iv = iv;
  }

  open({ contentType, version, fragment }: TlsRecord): OpenedRecord {
    const { algorithm, tagLength } = this.#suite;
    if (fragment.length <= tagLength) return { ok: false, why: 'too-short' };
    const { length } = fragment;
    // The additional data is the record's header as it stands on the wire.
    const header = Uint8Array.of(contentType, version >> 8, version & 0xff, length >> 8, length & 0xff);
    const nonce = nonceFor(this.#iv, this.opened);
    const plain = this.#crypto.openAead(algorithm, this.#key, nonce, header, fragment, tagLength);
    if (plain === undefined) return { ok: false, why: 'bad-record' };
    this.opened += 1;
    // TLSInnerPlaintext: content, its type, and zeros as padding.
    let end = plain.length;
    while (end > 0 && plain[end - 1] === 0) end -= 1;
    if (end === 0) return { ok: false, why: 'bad-record' };
    const content = plain.subarray(0, end - 1);
    return { ok: true, contentType: plain[end - 1]!, content, paddingLength: plain.length - end };
  }
}
