import type { Certificate } from '../../codec/x509/certificate.ts';
import { Oid, oidName } from '../../codec/x509/oid.ts';
import type { PublicKeyInfo } from '../../codec/x509/public-key.ts';
import type { PathPolicy } from './path-policy.ts';
import type { ReasonList } from './reason.ts';

const webCurves: ReadonlySet<string> = new Set([Oid.p256, Oid.p384, Oid.p521]);
const weakCurves: ReadonlySet<string> = new Set([Oid.p192, Oid.p224]);

/**
 * Whether the key is one that can be relied upon. Baseline Requirements section 6.1.5: RSA of 2048 bits or more, in
 * multiples of 8; section 7.1.3.1: P-256, P-384, P-521 as named curves. RFC 5480 section 2.1.1 also forbids curves that
 * are written out.
 */
export function checkKey(certificate: Certificate, policy: PathPolicy, reasons: ReasonList): void {
  const key = certificate.publicKey;
  const add = (code: 'weak' | 'unsupported' | 'not-web'): void =>
    reasons.add(`certificate-key-${code}`, 0, certificate, { key: describeKey(key) });
  switch (key.kind) {
    case 'rsa':
    case 'rsa-pss':
      // An exponent of 1 signs nothing, and an even one cannot be inverted (Baseline Requirements section 6.1.6).
      if (key.modulusBits < policy.minRsaBits || key.exponent < 3n || key.exponent % 2n === 0n) add('weak');
      else if (key.modulusBits % 8 !== 0 && policy.profile === 'webpki')
        reasons.add('certificate-key-size-uneven', 0, certificate, { bits: key.modulusBits });
      break;
    case 'ec':
      if (weakCurves.has(key.curve)) add('weak');
      else if (!webCurves.has(key.curve) && policy.profile === 'webpki') add('not-web');
      break;
    case 'ed25519':
    case 'ed448':
      if (policy.profile === 'webpki') add('not-web');
      break;
    case 'ec-explicit':
    case 'x25519':
    case 'x448':
    case 'dsa':
    case 'unknown':
      add('unsupported');
      break;
  }
}

/** `RSA 2048`, `P-256`, … */
export function describeKey(key: PublicKeyInfo): string {
  if (key.kind === 'rsa') return `RSA ${key.modulusBits}`;
  if (key.kind === 'rsa-pss') return `RSA-PSS ${key.modulusBits}`;
  if (key.kind === 'ec-explicit') return 'EC with explicit parameters';
  if (key.kind === 'unknown') return oidName(key.algorithm.oid);
  if (key.kind !== 'ec') return key.kind;
  const curve = oidName(key.curve);
  return /^p\d+$/.test(curve) ? `P-${curve.slice(1)}` : curve;
}
