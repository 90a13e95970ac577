/**
 * The two certificates that the local CA makes, encoded (RFC 5280, section 4): its root, and a server's leaf.
 * Signatures are ECDSA with SHA-256 over P-256; node:crypto makes them, this file lays out what is signed.
 */
import { createHash, createPublicKey, sign, X509Certificate, type KeyObject } from 'node:crypto';
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
} from './local-der.ts';
import { encodeNameConstraints } from './local-name-constraints.ts';
import type { LocalName } from './local-name.ts';

export interface Validity {
  /** Epoch milliseconds; certificates count whole seconds, so both are cut to them. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface RootRequest extends Validity {
  /** 16 random octets. */
  readonly serial: Uint8Array;
  readonly commonName: string;
  /** DNS subtrees that it may certify; loopback addresses are always permitted. */
  readonly permitted: readonly string[];
  readonly privateKey: KeyObject;
}

export interface LeafRequest extends Validity {
  readonly serial: Uint8Array;
  readonly name: LocalName;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly commonName: string; readonly privateKey: KeyObject };
}

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

/** The root: a CA that may sign leaves and nothing else, for its permitted names and no others. */
export function encodeRoot(request: RootRequest): X509Certificate {
  const publicKey = createPublicKey(request.privateKey);
  const name = distinguishedName(request.commonName);
  return signed(request, name, name, publicKey, request.privateKey, [
    // cA true, pathLenConstraint 0: no CA below it.
    extension('2.5.29.19', true, sequence(booleanTrue(), integer(Uint8Array.of(0)))),
    // keyCertSign (bit 5) and cRLSign (bit 6): 0000 0110, the last bit unused.
    extension('2.5.29.15', true, bitString(Uint8Array.of(0x06), 1)),
    nameConstraintsExtension(request.permitted),
    extension('2.5.29.14', false, octetString(keyIdentifier(publicKey))),
  ]);
}

/** A server certificate for one name. Its subject is empty, which makes the subjectAltName critical (4.1.2.6). */
export function encodeLeaf(request: LeafRequest): X509Certificate {
  const { name, publicKey, issuer } = request;
  const rsa = publicKey.asymmetricKeyType === 'rsa';
  return signed(request, distinguishedName(issuer.commonName), sequence(), publicKey, issuer.privateKey, [
    // digitalSignature (bit 0); for RSA keyEncipherment (bit 2) too, which its key exchange in TLS 1.2 needs.
    extension('2.5.29.15', true, rsa ? bitString(Uint8Array.of(0xa0), 5) : bitString(Uint8Array.of(0x80), 7)),
    // serverAuth
    extension('2.5.29.37', false, sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', true, sequence(generalName(name))),
    extension('2.5.29.35', false, sequence(implicit(0, keyIdentifier(createPublicKey(issuer.privateKey))))),
    extension('2.5.29.14', false, octetString(keyIdentifier(publicKey))),
  ]);
}

/** The subject of a root, as it stands in its certificate and as issuer in its leaves. */
export function distinguishedName(commonName: string): Der {
  return sequence(
    set(sequence(objectIdentifier('2.5.4.10'), utf8String('Menshen'))),
    set(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))),
  );
}

/** The critical extension that binds a root to its names. */
export function nameConstraintsExtension(permitted: readonly string[]): Der {
  return extension('2.5.29.30', true, encodeNameConstraints(permitted));
}

function signed(
  request: Validity & { readonly serial: Uint8Array },
  issuer: Der,
  subject: Der,
  publicKey: KeyObject,
  signingKey: KeyObject,
  extensions: readonly Der[],
): X509Certificate {
  const toBeSigned = sequence(
    explicit(0, integer(Uint8Array.of(2))), // version 3
    integer(request.serial),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(request.notBeforeMs), time(request.notAfterMs)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const signature = sign('sha256', toBeSigned, signingKey);
  return new X509Certificate(Buffer.from(sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(signature))));
}

/** critical is DEFAULT FALSE: DER leaves it out then. */
function extension(oid: string, critical: boolean, value: Der): Der {
  return critical
    ? sequence(objectIdentifier(oid), booleanTrue(), octetString(value))
    : sequence(objectIdentifier(oid), octetString(value));
}

function generalName(name: LocalName): Der {
  return name.kind === 'ip' ? implicit(7, name.octets) : implicit(2, new TextEncoder().encode(name.text));
}

/** 160 bits of the SHA-256 of the key's SubjectPublicKeyInfo; RFC 5280, 4.2.1.2 leaves the method to the CA. */
function keyIdentifier(publicKey: KeyObject): Uint8Array {
  const encoded = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(encoded).digest().subarray(0, 20);
}
