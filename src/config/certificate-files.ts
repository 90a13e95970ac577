import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { Finding } from '../story/finding.ts';
import type { CertificateFiles } from './config.ts';
import type { ConfigContext, ConfigFiles } from './files.ts';
import { good, mistakeAt, wrong, type ConfigPath, type Reading } from './mistake.ts';

const certificateBlock =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** The certificates of a PEM file in their order; undefined where one of them does not parse. */
function readChain(files: ConfigFiles, file: string): X509Certificate[] | undefined {
  const blocks = Buffer.from(files.read(file)).toString('latin1').match(certificateBlock) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

/** Whether a bundle of client authorities holds certificates; the value is its path. */
export function readAuthorities(files: ConfigFiles, file: string): Reading<string> {
  const chain = readChain(files, file);
  return chain && chain.length > 0 ? good(file) : wrong('config-certificate-content', { file });
}

/** Whether a file looks like a CRL, PEM (RFC 7468 section 6) or DER (a SEQUENCE, 0x30). */
export function readCrl(files: ConfigFiles, file: string): Reading<string> {
  const content = Buffer.from(files.read(file));
  const pem = content.includes('-----BEGIN X509 CRL-----');
  return pem || content[0] === 0x30 ? good(file) : wrong('config-crl-content', { file });
}

/** Whether certificate and key parse and belong together. */
export function readCertificatePair(files: ConfigFiles, pair: CertificateFiles): Reading<CertificateFiles> {
  const leaf = readChain(files, pair.certFile)?.[0];
  if (!leaf) return wrong('config-certificate-content', { file: pair.certFile });
  const content = Buffer.from(files.read(pair.keyFile));
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(content.toString('latin1'))) {
    return wrong('config-key-encrypted', { file: pair.keyFile });
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(content);
  } catch {
    return wrong('config-key-content', { file: pair.keyFile });
  }
  if (!leaf.checkPrivateKey(key)) {
    return wrong('config-key-mismatch', { certFile: pair.certFile, keyFile: pair.keyFile });
  }
  return good(pair);
}

/** What is wrong with a certificate that can be served nevertheless: its time and its names. */
export function judgeCertificate(
  pair: CertificateFiles,
  site: string,
  path: ConfigPath,
  context: ConfigContext,
  spoken: (path: ConfigPath) => string,
): Finding[] {
  const leaf = readChain(context.files, pair.certFile)?.[0];
  if (!leaf) return [];
  const found: Finding[] = [];
  const values = { file: pair.certFile, site };
  if (Date.parse(leaf.validTo) < context.nowMs) {
    found.push(mistakeAt(path, 'config-certificate-expired', { ...values, until: isoDay(leaf.validTo) }, spoken));
  }
  if (Date.parse(leaf.validFrom) > context.nowMs) {
    found.push(mistakeAt(path, 'config-certificate-not-yet', { ...values, from: isoDay(leaf.validFrom) }, spoken));
  }
  if (!covers(leaf, site)) {
    found.push(
      mistakeAt(
        path,
        'config-certificate-other-name',
        { ...values, names: leaf.subjectAltName ?? leaf.subject },
        spoken,
      ),
    );
  }
  return found;
}

function covers(leaf: X509Certificate, site: string): boolean {
  // A wildcard site needs the same wildcard in the certificate; any label stands for all that it serves.
  const name = site.startsWith('*.') ? `any-label${site.slice(1)}` : site;
  return (name.includes(':') || /^[\d.]+$/.test(name) ? leaf.checkIP(name) : leaf.checkHost(name)) !== undefined;
}

function isoDay(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}
