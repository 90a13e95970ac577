/**
 * The certificate that answers TLS-ALPN-01 (RFC 8737 section 3): self-signed, for exactly the one identifier, with the
 * key authorization's digest in a critical extension.
 *
 *     30 31                                     Extension
 *        06 08 2b 06 01 05 05 07 01 1f            1.3.6.1.5.5.7.1.31 acmeIdentifier
 *        01 01 ff                                 critical
 *        04 22 04 20 …                            OCTET STRING of the 32 octets
 */
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { Oid } from '../../codec/x509/oid.ts';
import {
  bitString,
  booleanTrue,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
  type Der,
} from '../../pki/local-der.ts';
import { encodeGeneralName } from '../identifier.ts';
import type { Challenge, Identifier } from '../issuer.ts';

/** What a handshake that offers the protocol `acme-tls/1` is answered with. */
export interface AlpnAnswer {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface AlpnSurroundings {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly random: (byteLength: number) => Uint8Array;
}

/** Answers a challenge with a certificate and a key made for it alone. */
export function makeAlpnAnswer({ identifier, digest }: Challenge, { clock, random }: AlpnSurroundings): AlpnAnswer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // A serial number is positive.
  const serial = Uint8Array.from(random(16), (octet, index) => (index === 0 ? octet & 0x7f : octet));
  const der = encodeAlpnCertificate({ identifier, digest, privateKey, serial, nowMs: clock() });
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const certPem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  return { certPem, keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

export interface AlpnCertificateRequest {
  readonly identifier: Identifier;
  /** SHA-256 of the key authorization. */
  readonly digest: Uint8Array;
  /** P-256. */
  readonly privateKey: KeyObject;
  /** Up to 20 random octets, the first below 0x80. */
  readonly serial: Uint8Array;
  readonly nowMs: number;
}

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const DAY_MS = 86_400_000;

/** DER of the certificate, valid from yesterday for a week: clocks differ, and nobody looks at these dates. */
function encodeAlpnCertificate(request: AlpnCertificateRequest): Uint8Array {
  const { identifier, digest, privateKey, serial, nowMs } = request;
  const name = sequence(set(sequence(objectIdentifier(Oid.commonName), utf8String('ACME challenge'))));
  const critical = (oid: string, value: Der): Der => sequence(objectIdentifier(oid), booleanTrue(), octetString(value));
  const toBeSigned = sequence(
    explicit(0, integer(Uint8Array.of(2))), // version 3
    integer(serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(nowMs - DAY_MS), time(nowMs + 6 * DAY_MS)),
    name,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    explicit(
      3,
      sequence(
        critical(Oid.subjectAltName, sequence(encodeGeneralName(identifier))),
        critical(Oid.acmeIdentifier, octetString(digest)),
      ),
    ),
  );
  return sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(sign('sha256', toBeSigned, privateKey)));
}
