import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  CERTIFICATE_STATUS,
  parseCertificateMessage,
  parseCertificateStatus,
  type SentCertificate,
} from '../../codec/tls/certificate-message.ts';
import { HandshakeReader, isMessage } from '../../codec/tls/handshake.ts';
import { Tls13Schedule } from '../../codec/tls/key-schedule/tls13.ts';
import type { RecordProtection } from '../../codec/tls/protection/opened-record.ts';
import { scheduleHash, suiteProtection } from '../../codec/tls/protection/suite-protection.ts';
import { Tls13Records } from '../../codec/tls/protection/tls13-records.ts';
import { APPLICATION_DATA, HANDSHAKE, isRecord, RecordReader } from '../../codec/tls/record.ts';
import { TLS_1_3 } from '../../codec/tls/registry/versions.ts';
import { parseServerHello, SERVER_HELLO } from '../../codec/tls/server-hello.ts';
import { nodeTlsCrypto } from '../../pki/tls-crypto.ts';

/** What a server's side of a handshake held, as it was sent: nothing left out, nothing put in order. */
export interface ServerFlight {
  readonly certificates: readonly SentCertificate[];
  /** The server asked for a client certificate. */
  readonly asksClient: boolean;
  /** Why certificates could not be read; undefined where they were. */
  readonly unread: string | undefined;
}

const FINISHED = 20;

/**
 * Reads the octets that a server sent up to its Finished. `keyLog` are the lines of NSS key log format that OpenSSL told
 * of this connection; TLS 1.3 needs SERVER_HANDSHAKE_TRAFFIC_SECRET, TLS 1.2 sends certificates in the clear.
 *
 * Node's own list of the peer's certificates is no use here: it is put in order, completed from the store, and without
 * what no path needs.
 */
export function readServerFlight(received: Uint8Array, keyLog: readonly string[]): ServerFlight {
  const records = new RecordReader();
  records.feed(received);
  const messages = new HandshakeReader();
  let isTls13 = false;
  let protection: RecordProtection | undefined;
  let certificates: readonly SentCertificate[] = [];
  let asksClient = false;
  const end = (unread: string | undefined): ServerFlight => ({ certificates, asksClient, unread });
  for (;;) {
    const record = records.next();
    if (record === undefined) return end(certificates.length > 0 ? undefined : 'no Certificate');
    if (!isRecord(record)) return end(`${record.code} in ${record.field}`);
    if (record.contentType === HANDSHAKE) messages.feed(record.fragment);
    else if (record.contentType === APPLICATION_DATA) {
      if (protection === undefined) return end(certificates.length > 0 ? undefined : 'no key');
      const inner = protection.open(record);
      if (!inner.ok) return end(certificates.length > 0 ? undefined : 'a record that does not decrypt');
      if (inner.contentType === HANDSHAKE) messages.feed(inner.content);
    }
    for (let message = messages.next(); message !== undefined; message = messages.next()) {
      if (!isMessage(message)) return end(`${message.code} in ${message.field}`);
      const { type, bytes } = message;
      if (type === SERVER_HELLO) {
        const hello = parseServerHello(bytes);
        if (!hello.ok) return end(`${hello.error.code} in ${hello.error.field}`);
        isTls13 = hello.value.version === TLS_1_3;
        if (isTls13 && !hello.value.isHelloRetryRequest) {
          const secret = findSecret(keyLog);
          protection = secret && handshakeProtection(hello.value.cipherSuite, secret);
        }
      } else if (type === CERTIFICATE) {
        const parsed = parseCertificateMessage(bytes, isTls13);
        if (!parsed.ok) return end(`${parsed.error.code} in ${parsed.error.field}`);
        certificates = parsed.value;
      } else if (type === CERTIFICATE_STATUS && !isTls13) {
        const parsed = parseCertificateStatus(bytes);
        const [leaf, ...rest] = certificates;
        if (parsed.ok && leaf !== undefined) certificates = [{ ...leaf, ocspResponse: parsed.value }, ...rest];
      } else if (type === CERTIFICATE_REQUEST) asksClient = true;
      else if (type === FINISHED) return end(certificates.length > 0 ? undefined : 'no Certificate');
    }
  }
}

/** Undefined for suites that TLS 1.3 does not have. */
function handshakeProtection(cipherSuite: number, secret: Uint8Array): RecordProtection | undefined {
  const suite = suiteProtection(cipherSuite);
  const hash = scheduleHash(cipherSuite, TLS_1_3);
  if (suite?.kind !== 'aead' || hash === undefined || hash === 'md5-sha1') return undefined;
  return new Tls13Records(nodeTlsCrypto, new Tls13Schedule(nodeTlsCrypto, hash), suite, secret);
}

function findSecret(keyLog: readonly string[]): Buffer | undefined {
  const line = keyLog.find((candidate) => candidate.startsWith('SERVER_HANDSHAKE_TRAFFIC_SECRET '));
  const secret = line?.trim().split(' ')[2];
  return secret === undefined ? undefined : Buffer.from(secret, 'hex');
}
