import { parseCertificate, readCertificate, type Certificate } from '../../codec/x509/certificate.ts';
import { parsing, type Parsed } from '../../codec/der/der-error.ts';
import { DerReader } from '../../codec/der/der-reader.ts';
import { parsePem } from '../../codec/x509/pem.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { JKS_MAGIC, readJavaKeyStore } from './java-key-store.ts';
import { readPkcs12, type Pkcs12Certificate } from './pkcs12.ts';

export type TrustFileFormat = 'PEM' | 'DER' | 'JKS' | 'PKCS#12';

/** What one file holds. */
export interface TrustFile {
  readonly format: TrustFileFormat;
  readonly certificates: readonly Certificate[];
  /** What is odd without making the file useless: certificates that do not parse, a checksum that does not fit. */
  readonly warnings: readonly Finding[];
}

/** Java's and keytool's habit; the empty one is that of files which nobody meant to seal. */
const USUAL_PASSWORDS = ['changeit', ''];

/**
 * Reads the certificates of a trust store by what it holds, not by its name: PEM, one DER certificate, JKS, PKCS #12.
 * `file` is only for words. Without a password the usual ones are tried. An error finding where nothing can be had.
 */
export function readTrustFile(bytes: Uint8Array, file: string, password?: string): TrustFile | Finding {
  if (bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) === JKS_MAGIC)
    return readJava(bytes, file, password);
  if (bytes[0] === 0x30) {
    const single = parseCertificate(bytes);
    if (single.ok) return { format: 'DER', certificates: [single.value], warnings: [] };
    if (isPfx(bytes)) return readSealed(bytes, file, password);
    const { problem, field, offset } = single.error;
    return finding('trust-store-malformed', { file, format: 'DER', problem, field, offset });
  }
  return readPem(bytes, file);
}

function readPem(bytes: Uint8Array, file: string): TrustFile | Finding {
  const pem = parsePem(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
  if (!pem.ok) {
    const { problem, offset } = pem;
    return finding('trust-store-malformed', { file, format: 'PEM', problem, field: 'PEM', offset });
  }
  const parsed: Parsed<Certificate>[] = [];
  for (const { label, bytes: der } of pem.blocks) {
    if (label === 'CERTIFICATE' || label === 'X509 CERTIFICATE') parsed.push(parseCertificate(der));
    if (label === 'TRUSTED CERTIFICATE') parsed.push(parseTrusted(der));
  }
  return gather('PEM', parsed, file);
}

/** OpenSSL's own kind of block: a certificate, and after it what it is trusted for, which is not read. */
function parseTrusted(der: Uint8Array): Parsed<Certificate> {
  return parsing(() => readCertificate(new DerReader(der, ''), 'certificate'));
}

/** A PFX begins with its version, 3; a certificate with a SEQUENCE. */
function isPfx(bytes: Uint8Array): boolean {
  const version = parsing(() => new DerReader(bytes, '').sequence('PFX').smallInteger('version'));
  return version.ok && version.value === 3;
}

function readJava(bytes: Uint8Array, file: string, password?: string): TrustFile | Finding {
  const store = readJavaKeyStore(bytes, password ?? 'changeit');
  if ('malformedAt' in store) {
    const values = { problem: 'truncated', field: 'entry', offset: store.malformedAt };
    return finding('trust-store-malformed', { file, format: 'JKS', ...values });
  }
  if (!store.intact && password !== undefined) return finding('trust-store-password', { file });
  const read = gather('JKS', store.trusted.map(parseCertificate), file);
  return store.intact ? read : { ...read, warnings: [...read.warnings, finding('trust-store-unchecked', { file })] };
}

function readSealed(bytes: Uint8Array, file: string, password?: string): TrustFile | Finding {
  for (const candidate of password === undefined ? USUAL_PASSWORDS : [password]) {
    const read = readPkcs12(bytes, candidate);
    if (read.ok) return gather('PKCS#12', anchorsOf(read.certificates).map(parseCertificate), file);
    if (read.why === 'malformed') {
      const { problem, field, offset } = read.error;
      // Octets decrypted with a wrong password may look like badly encoded ones where no MAC tells first.
      return finding('trust-store-malformed', { file, format: 'PKCS#12', problem, field, offset });
    }
    if (read.why === 'unsupported')
      return finding('trust-store-encryption-unsupported', { file, algorithm: read.algorithm });
  }
  return finding('trust-store-password', { file });
}

/** Java trusts the entries that it has marked; a file of other tools has no marks, and there all but one's own count. */
function anchorsOf(certificates: readonly Pkcs12Certificate[]): Uint8Array[] {
  const marked = certificates.filter(({ javaTrusted }) => javaTrusted);
  const chosen = marked.length > 0 ? marked : certificates.filter(({ ofKey }) => !ofKey);
  return chosen.map(({ der }) => der);
}

function gather(format: TrustFileFormat, parsed: readonly Parsed<Certificate>[], file: string): TrustFile {
  const certificates: Certificate[] = [];
  let passedOver = 0;
  for (const result of parsed) {
    if (result.ok) certificates.push(result.value);
    else passedOver++;
  }
  const warnings = passedOver === 0 ? [] : [finding('trust-store-passed-over', { file, count: passedOver })];
  return { format, certificates, warnings };
}
