import { Tag } from '../../../src/codec/der/der-tag.ts';
import { encodeElement } from '../../../src/codec/der/der-writer.ts';
import { generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto';
import {
  bitString,
  booleanTrue,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
  type Der,
} from '../../../src/pki/local-der.ts';

/** Certificates and revocation lists for tests (RFC 5280 sections 4 and 5), made on the spot. */

export interface Issued {
  readonly certPem: string;
  readonly keyPem: string;
  readonly name: string;
  readonly serial: Uint8Array;
  readonly privateKey: KeyObject;
}

export interface Wish {
  readonly name: string;
  /** Signs itself without one. Issuers have ECDSA keys. */
  readonly issuer?: Issued;
  readonly type?: 'ecdsa' | 'rsa';
  readonly isCa?: boolean;
  readonly purpose?: 'server' | 'client';
  /** Days from now. */
  readonly fromDay?: number;
  readonly toDay?: number;
}

const DAY_MS = 86_400_000;
const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const rsaWithSha256 = sequence(objectIdentifier('1.2.840.113549.1.1.11'), Uint8Array.of(5, 0));
let serials = 0;

/** Issues a certificate with a new key. */
export function issue(wish: Wish): Issued {
  const { publicKey, privateKey } =
    wish.type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  serials += 1;
  const serial = Uint8Array.of(0x40, serials >> 8, serials & 0xff);
  const signer = wish.issuer?.privateKey ?? privateKey;
  const algorithm = algorithmOf(signer);
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(serial),
    algorithm,
    distinguishedName(wish.issuer?.name ?? wish.name),
    sequence(time(fromNow(wish.fromDay ?? -1)), time(fromNow(wish.toDay ?? 30))),
    distinguishedName(wish.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...(wish.isCa === true ? caExtensions() : leafExtensions(wish)))),
  );
  const certPem = new X509Certificate(signed(body, signer, algorithm)).toString();
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { certPem, keyPem, name: wish.name, serial, privateKey };
}

/** A revocation list of `issuer`, ten days old. */
export function revocationList(issuer: Issued, revoked: readonly Issued[], nextUpdateDay = 7): Buffer {
  const algorithm = algorithmOf(issuer.privateKey);
  const entries = revoked.map(({ serial }) => sequence(integer(serial), time(fromNow(-1))));
  const body = sequence(
    integer(Uint8Array.of(1)),
    algorithm,
    distinguishedName(issuer.name),
    time(fromNow(-10)),
    time(fromNow(nextUpdateDay)),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
  );
  return signed(body, issuer.privateKey, algorithm);
}

/** An OCSP response about a certificate of `issuer` (RFC 6960 section 4.2.1), which runs out in so many days. */
export function ocspResponse(
  issuer: Issued,
  { serial }: Issued,
  { nextUpdateDay = 7, revoked = false }: { readonly nextUpdateDay?: number; readonly revoked?: boolean } = {},
): Buffer {
  const algorithm = algorithmOf(issuer.privateKey);
  const generalizedTime = (day: number): Der => {
    const text = new Date(fromNow(day)).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
    return encodeElement(Tag.generalizedTime, Buffer.from(text, 'ascii'));
  };
  const sha1 = sequence(objectIdentifier('1.3.14.3.2.26'), Uint8Array.of(5, 0));
  const noHash = octetString(new Uint8Array(20));
  const single = sequence(
    sequence(sha1, noHash, noHash, integer(serial)),
    revoked ? explicit(1, generalizedTime(-1)) : implicit(0, new Uint8Array(0)),
    generalizedTime(-9),
    explicit(0, generalizedTime(nextUpdateDay)),
  );
  const data = sequence(explicit(1, distinguishedName(issuer.name)), generalizedTime(-9), sequence(single));
  const basic = signed(data, issuer.privateKey, algorithm);
  const bytes = sequence(objectIdentifier('1.3.6.1.5.5.7.48.1.1'), octetString(basic));
  return Buffer.from(sequence(encodeElement(Tag.enumerated, Uint8Array.of(0)), explicit(0, bytes)));
}

export function crlPem(der: Buffer): string {
  return `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`;
}

function signed(body: Der, signer: KeyObject, algorithm: Der): Buffer {
  return Buffer.from(sequence(body, algorithm, bitString(sign('sha256', body, signer))));
}

function algorithmOf(key: KeyObject): Der {
  return key.asymmetricKeyType === 'rsa' ? rsaWithSha256 : ecdsaWithSha256;
}

function fromNow(days: number): number {
  return Date.now() + days * DAY_MS;
}

function distinguishedName(commonName: string): Der {
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))));
}

function extension(type: string, content: Der, isCritical = false): Der {
  return sequence(objectIdentifier(type), ...(isCritical ? [booleanTrue()] : []), octetString(content));
}

function caExtensions(): Der[] {
  return [
    extension('2.5.29.19', sequence(booleanTrue()), true),
    // keyCertSign and cRLSign
    extension('2.5.29.15', bitString(Uint8Array.of(0x06), 1), true),
  ];
}

function leafExtensions(wish: Wish): Der[] {
  const purpose = wish.purpose === 'client' ? '1.3.6.1.5.5.7.3.2' : '1.3.6.1.5.5.7.3.1';
  return [
    extension('2.5.29.37', sequence(objectIdentifier(purpose))),
    extension('2.5.29.17', sequence(implicit(2, Buffer.from(wish.name, 'ascii')))),
  ];
}
