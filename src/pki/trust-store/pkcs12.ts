import { createHmac, timingSafeEqual } from 'node:crypto';
import { parsing, type DerError } from '../../codec/der/der-error.ts';
import { DerReader } from '../../codec/der/der-reader.ts';
import { contextConstructed, contextPrimitive, Tag } from '../../codec/der/der-tag.ts';
import { hashOf, readAlgorithmIdentifier } from '../../codec/x509/algorithm.ts';
import { decryptWithPassword, derivePbkdf2Key, MAX_ITERATIONS } from './password-encryption.ts';
import { derivePkcs12Key, KeyPurpose } from './pkcs12-keys.ts';

/**
 * The certificates of a PKCS #12 file (RFC 7292 section 4):
 *
 *     PFX                     SEQUENCE
 *       version                 INTEGER 3
 *       authSafe                ContentInfo, data: the octets that the MAC is over
 *         AuthenticatedSafe       SEQUENCE of ContentInfo, data or encryptedData
 *           SafeContents            SEQUENCE of SafeBag: type, value, attributes
 *       macData                 absent in password-less files, such as cacerts of Java 18 and later
 */
export interface Pkcs12Certificate {
  readonly der: Uint8Array;
  /** Bound to a private key by localKeyId: somebody's own certificate. */
  readonly ofKey: boolean;
  /** Marked by Java as a trusted entry. */
  readonly javaTrusted: boolean;
}

export type Pkcs12 =
  | { readonly ok: true; readonly certificates: readonly Pkcs12Certificate[] }
  | { readonly ok: false; readonly why: 'password' }
  | { readonly ok: false; readonly why: 'unsupported'; readonly algorithm: string }
  | { readonly ok: false; readonly why: 'malformed'; readonly error: DerError };

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const SAFE_CONTENTS_BAG = '1.2.840.113549.1.12.10.1.6';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
/** Oracle's attribute "trusted key usage". */
const JAVA_TRUSTED_KEY_USAGE = '2.16.840.1.113894.746875.1.1';
/** RFC 9579. */
const PBMAC1 = '1.2.840.113549.1.5.14';

/** HMACs that PBMAC1 names for the message, as node:crypto calls them, with the key length in octets. */
const macHashes: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
]);

/** Reads a file that fills `bytes`, DER throughout. Never throws on what it holds. */
export function readPkcs12(bytes: Uint8Array, password: string): Pkcs12 {
  const parsed = parsing<Pkcs12>(() => {
    const file = new DerReader(bytes, '');
    const pfx = file.sequence('PFX');
    file.finish();
    const start = pfx.position;
    if (pfx.smallInteger('version') !== 3) pfx.fail('value-not-allowed', 'version', start);
    const safe = readContent(pfx, 'authSafe');
    const octets = safe.type === DATA ? safe.value.content(safe.value.octetString('content')) : undefined;
    if (octets === undefined) return { ok: false, why: 'unsupported', algorithm: safe.type };
    if (!pfx.atEnd) {
      const problem = checkMac(pfx.sequence('macData'), octets, password);
      if (problem !== undefined) return problem;
    }
    const certificates: Pkcs12Certificate[] = [];
    const reader = new DerReader(octets, 'authenticatedSafe');
    const contents = reader.sequence('');
    reader.finish();
    while (!contents.atEnd) {
      const plain = decryptContent(readContent(contents, 'contentInfo'), password);
      if ('why' in plain) return plain;
      const bags = new DerReader(plain.bytes, 'safeContents');
      readBags(bags.sequence(''), certificates);
    }
    return { ok: true, certificates };
  });
  return parsed.ok ? parsed.value : { ok: false, why: 'malformed', error: parsed.error };
}

interface Content {
  readonly type: string;
  readonly value: DerReader;
}

/** ContentInfo: a type, and `[0]` with the content. */
function readContent(reader: DerReader, field: string): Content {
  const info = reader.sequence(field);
  const type = info.oid('contentType');
  return { type, value: info.enter(contextConstructed(0), 'content') };
}

type Refused = Exclude<Pkcs12, { ok: true }>;

function decryptContent({ type, value }: Content, password: string): { readonly bytes: Uint8Array } | Refused {
  if (type === DATA) return { bytes: value.content(value.octetString('data')) };
  // Public-key enveloped contents need the private key of whoever they are for.
  if (type !== ENCRYPTED_DATA) return { ok: false, why: 'unsupported', algorithm: type };
  const data = value.sequence('encryptedData');
  data.smallInteger('version');
  const info = data.sequence('encryptedContentInfo');
  info.oid('contentType');
  const algorithm = readAlgorithmIdentifier(info, 'contentEncryptionAlgorithm');
  const encrypted = info.content(info.expect(contextPrimitive(0), 'encryptedContent'));
  const result = decryptWithPassword(info, algorithm, encrypted, password);
  if (result.ok) return { bytes: result.bytes };
  if (result.why === 'password') return { ok: false, why: 'password' };
  return { ok: false, why: 'unsupported', algorithm: result.algorithm };
}

function checkMac(mac: DerReader, content: Uint8Array, password: string): Refused | undefined {
  const digestInfo = mac.sequence('mac');
  const algorithm = readAlgorithmIdentifier(digestInfo, 'digestAlgorithm');
  const expected = digestInfo.content(digestInfo.octetString('digest'));
  const salt = mac.content(mac.octetString('macSalt'));
  const iterations = mac.atEnd ? 1 : mac.smallInteger('iterations');
  const unsupported: Refused = { ok: false, why: 'unsupported', algorithm: algorithm.oid };
  let hash: string | undefined;
  let key: Buffer | undefined;
  if (algorithm.oid === PBMAC1 && algorithm.parameters !== undefined) {
    const { start, end } = algorithm.parameters;
    const sequence = new DerReader(mac.bytes, 'pbmac1', start, end, mac).sequence('parameters');
    const derivation = readAlgorithmIdentifier(sequence, 'keyDerivationFunc');
    hash = macHashes.get(readAlgorithmIdentifier(sequence, 'messageAuthScheme').oid);
    key = derivePbkdf2Key(mac, derivation, password, expected.length);
  } else {
    hash = hashOf(algorithm.oid);
    if (hash === undefined || hash === 'md5' || iterations > MAX_ITERATIONS) return unsupported;
    key = derivePkcs12Key(hash, KeyPurpose.mac, password, salt, iterations, expected.length);
  }
  if (hash === undefined || key === undefined) return unsupported;
  const own = createHmac(hash, key).update(content).digest();
  const right = own.length === expected.length && timingSafeEqual(own, expected);
  return right ? undefined : { ok: false, why: 'password' };
}

function readBags(bags: DerReader, into: Pkcs12Certificate[]): void {
  while (!bags.atEnd) {
    const bag = bags.sequence('safeBag');
    const type = bag.oid('bagId');
    const value = bag.enter(contextConstructed(0), 'bagValue');
    if (type === SAFE_CONTENTS_BAG) readBags(value.sequence('safeContents'), into);
    if (type !== CERT_BAG) continue;
    const certBag = value.sequence('certBag');
    if (certBag.oid('certId') !== X509_CERTIFICATE) continue;
    const wrapper = certBag.enter(contextConstructed(0), 'certValue');
    const der = wrapper.content(wrapper.octetString(''));
    const attributes = readAttributeTypes(bag);
    const ofKey = attributes.has(LOCAL_KEY_ID);
    into.push({ der, ofKey, javaTrusted: attributes.has(JAVA_TRUSTED_KEY_USAGE) });
  }
}

function readAttributeTypes(bag: DerReader): Set<string> {
  const types = new Set<string>();
  const set = bag.optional(Tag.set, 'bagAttributes');
  if (set === undefined) return types;
  while (!set.atEnd) types.add(set.sequence('attribute').oid('attrId'));
  return types;
}
