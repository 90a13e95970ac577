import { ByteReader } from './byte-reader.ts';
import type { Decoded } from './decode-error.ts';

/**
 * A promise of a Certificate Transparency log to publish a certificate, RFC 6962 section 3.2:
 *
 *     00 <32 octets> 0000018c251f0400 0000 0403 0047 3045…
 *     v1 log id      ms since 1970    no   |    71 octets of signature
 *                                     ext. SHA-256 with ECDSA
 */
export interface SignedCertificateTimestamp {
  /** 0 is v1, the only one that RFC 6962 knows; later fields are empty for others. */
  readonly version: number;
  /** SHA-256 of the log's public key. */
  readonly logId: Uint8Array;
  readonly timestampMs: number;
  readonly extensions: Uint8Array;
  /** A SignatureScheme of TLS: 0x0403 is ECDSA with SHA-256. */
  readonly signatureScheme: number;
  readonly signature: Uint8Array;
  /** Place in the list that was parsed. */
  readonly start: number;
  readonly end: number;
}

const nothing = new Uint8Array(0);

/**
 * Parses a SignedCertificateTimestampList (RFC 6962 section 3.3): what the TLS extension, the X.509 extension and the OCSP
 * extension hold, octet for octet the same. Views point into `bytes`.
 */
export function parseSctList(bytes: Uint8Array): Decoded<readonly SignedCertificateTimestamp[]> {
  const reader = new ByteReader(bytes);
  const scts = readSctList(reader);
  if (reader.remaining > 0) reader.fail('trailing-bytes', 'sct_list');
  return reader.error === undefined ? { ok: true, value: scts } : { ok: false, error: reader.error };
}

/** Reads the list where `reader` stands. */
export function readSctList(reader: ByteReader): SignedCertificateTimestamp[] {
  const outer = reader.open16('sct_list', 1);
  const scts: SignedCertificateTimestamp[] = [];
  while (reader.remaining > 0) {
    const start = reader.offset;
    const end = reader.open16('sct', 1);
    const sct = readSct(reader, start);
    reader.close(end, 'sct');
    scts.push({ ...sct, end: reader.offset });
  }
  reader.close(outer, 'sct_list');
  return scts;
}

function readSct(reader: ByteReader, start: number): SignedCertificateTimestamp {
  const version = reader.uint8('sct.version');
  if (version !== 0) {
    const rest = reader.take(reader.remaining, 'sct.unknown');
    return {
      version,
      logId: nothing,
      timestampMs: 0,
      extensions: rest,
      signatureScheme: 0,
      signature: nothing,
      start,
      end: 0,
    };
  }
  const logId = reader.take(32, 'sct.log_id');
  const timestampMs = reader.uint32('sct.timestamp') * 0x1_0000_0000 + reader.uint32('sct.timestamp');
  const extensions = reader.opaque16('sct.extensions');
  const signatureScheme = reader.uint16('sct.signature_scheme');
  const signature = reader.opaque16('sct.signature');
  return { version, logId, timestampMs, extensions, signatureScheme, signature, start, end: 0 };
}
