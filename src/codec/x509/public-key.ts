import type { Range } from '../der/der-error.ts';
import { DerFault, type DerError } from '../der/der-error.ts';
import { DerReader } from '../der/der-reader.ts';
import { Tag } from '../der/der-tag.ts';
import { readAlgorithmIdentifier, type AlgorithmIdentifier } from './algorithm.ts';
import { Oid } from './oid.ts';

/** What kind of key a SubjectPublicKeyInfo holds (RFC 5280 section 4.1.2.7). */
export type PublicKeyKind =
  | {
      readonly kind: 'rsa' | 'rsa-pss';
      /** Content of the modulus INTEGER, sign octet included. */
      readonly modulus: Range;
      readonly modulusBits: number;
      readonly exponent: bigint;
    }
  /** `curve` is the dotted identifier of a named curve. */
  | { readonly kind: 'ec'; readonly curve: string }
  /** Curve parameters written out (RFC 5480 section 2.1.1 forbids it), or inherited. */
  | { readonly kind: 'ec-explicit' }
  | { readonly kind: 'ed25519' | 'ed448' | 'x25519' | 'x448' | 'dsa' }
  | { readonly kind: 'unknown' };

export type PublicKeyInfo = Range &
  PublicKeyKind & {
    readonly algorithm: AlgorithmIdentifier;
    /** Content of the BIT STRING, without the octet that counts unused bits. */
    readonly key: Range;
    /** Why the key inside could not be read; `kind` is then 'unknown'. */
    readonly problem: DerError | undefined;
  };

export function readPublicKeyInfo(reader: DerReader, field: string): PublicKeyInfo {
  const start = reader.position;
  const sequence = reader.sequence(field);
  const algorithm = readAlgorithmIdentifier(sequence, 'algorithm');
  const element = sequence.wholeBitString('subjectPublicKey');
  sequence.finish();
  const key: Range = { start: element.contentStart, end: element.end };
  let kind: PublicKeyKind = { kind: 'unknown' };
  let problem: DerError | undefined;
  try {
    kind = readKind(reader, sequence, algorithm, key);
  } catch (fault) {
    if (!(fault instanceof DerFault)) throw fault;
    problem = fault.error;
  }
  return { ...kind, algorithm, key, problem, start, end: reader.position };
}

function readKind(reader: DerReader, sequence: DerReader, algorithm: AlgorithmIdentifier, key: Range): PublicKeyKind {
  switch (algorithm.oid) {
    case Oid.rsaEncryption:
    case Oid.rsassaPss: {
      const content = new DerReader(reader.bytes, 'subjectPublicKey', key.start, key.end, sequence);
      return { kind: algorithm.oid === Oid.rsassaPss ? 'rsa-pss' : 'rsa', ...readRsaKey(content) };
    }
    case Oid.ecPublicKey: {
      const { parameters } = algorithm;
      if (parameters === undefined || reader.bytes[parameters.start] !== Tag.objectIdentifier)
        return { kind: 'ec-explicit' };
      const content = new DerReader(reader.bytes, 'parameters', parameters.start, parameters.end, sequence);
      return { kind: 'ec', curve: content.oid('namedCurve') };
    }
    case Oid.ed25519:
      return { kind: 'ed25519' };
    case Oid.ed448:
      return { kind: 'ed448' };
    case Oid.x25519:
      return { kind: 'x25519' };
    case Oid.x448:
      return { kind: 'x448' };
    case Oid.dsa:
      return { kind: 'dsa' };
    default:
      return { kind: 'unknown' };
  }
}

/** RSAPublicKey (RFC 8017 appendix A.1.1): modulus, then exponent. */
function readRsaKey(content: DerReader): { modulus: Range; modulusBits: number; exponent: bigint } {
  const pair = content.sequence('');
  const modulus = pair.integer('modulus');
  const exponent = pair.integer('publicExponent');
  pair.finish();
  content.finish();
  const octets = pair.content(modulus);
  const negative = (octets[0] ?? 0) >= 0x80 || (pair.content(exponent)[0] ?? 0) >= 0x80;
  if (negative || exponent.end - exponent.contentStart > 64)
    pair.fail('integer-out-of-range', 'modulus', modulus.contentStart);
  const first = octets.findIndex((octet) => octet !== 0);
  const modulusBits = first === -1 ? 0 : (octets.length - first) * 8 - Math.clz32(octets[first] ?? 0) + 24;
  let value = 0n;
  for (const octet of pair.content(exponent)) value = value * 256n + BigInt(octet);
  return { modulus: { start: modulus.contentStart, end: modulus.end }, modulusBits, exponent: value };
}
