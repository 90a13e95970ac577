import { createHash } from 'node:crypto';
import type { Certificate } from '../codec/x509/certificate.ts';
import { formatName } from '../codec/x509/name.ts';
import { Oid, oidName } from '../codec/x509/oid.ts';
import { formatGeneralName } from '../pki/names/peer-name.ts';
import { certificateLabel, formatTime } from '../pki/path/reason.ts';
import { describeScheme } from '../pki/path/signature.ts';

/** A certificate as people and programs read it. */
export interface CertificateFacts {
  readonly label: string;
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  /** `RSA 2048 bits`, `EC P-256`, `Ed25519`. */
  readonly key: string;
  readonly signature: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** Key usages and extended key usages, `CA` first for a CA certificate. */
  readonly usages: readonly string[];
  readonly serial: string;
  /** SHA-256 of the DER, lower-case hexadecimal. */
  readonly sha256: string;
}

const curves: ReadonlyMap<string, string> = new Map([
  [Oid.p192, 'P-192'],
  [Oid.p224, 'P-224'],
  [Oid.p256, 'P-256'],
  [Oid.p384, 'P-384'],
  [Oid.p521, 'P-521'],
]);

export function certificateFacts(certificate: Certificate): CertificateFacts {
  const { basicConstraints, extKeyUsage, keyUsage, subjectAltName } = certificate.extensions.known;
  const limit = basicConstraints?.value.pathLenConstraint;
  return {
    label: certificateLabel(certificate),
    subject: formatName(certificate.subject),
    issuer: formatName(certificate.issuer),
    names: (subjectAltName?.value ?? []).map(formatGeneralName),
    key: describeKey(certificate),
    signature: describeScheme(certificate.signatureScheme),
    notBefore: formatTime(certificate.notBefore.epochMs),
    notAfter: formatTime(certificate.notAfter.epochMs),
    usages: [
      ...(basicConstraints?.value.cA === true ? [limit === undefined ? 'CA' : `CA (path length ${limit})`] : []),
      ...(keyUsage?.value ?? []),
      ...(extKeyUsage?.value ?? []).map(oidName),
    ],
    serial: certificate.serialNumber.hex,
    sha256: createHash('sha256').update(certificate.bytes).digest('hex'),
  };
}

function describeKey({ publicKey }: Certificate): string {
  switch (publicKey.kind) {
    case 'rsa':
    case 'rsa-pss':
      return `${publicKey.kind === 'rsa' ? 'RSA' : 'RSA-PSS'} ${publicKey.modulusBits} bits`;
    case 'ec':
      return `EC ${curves.get(publicKey.curve) ?? publicKey.curve}`;
    case 'ec-explicit':
      return 'EC, parameters written out';
    case 'unknown':
      return oidName(publicKey.algorithm.oid);
    case 'ed25519':
    case 'ed448':
    case 'x25519':
    case 'x448':
    case 'dsa':
      return publicKey.kind.replace(/^e/, 'E').replace(/^x/, 'X').replace('dsa', 'DSA');
  }
  return '';
}
