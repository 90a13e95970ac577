import { parseCertificate, type Certificate } from '../../codec/x509/certificate.ts';
import { parsePem } from '../../codec/x509/pem.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { SentCertificate } from '../../codec/tls/certificate-message.ts';

/** Reads a certificate and what follows it: PEM blocks in their order (keys and the like are passed over), or one DER. */
export function readChainFile(bytes: Uint8Array, file: string): readonly Certificate[] | Finding {
  const ders: Uint8Array[] = [];
  if (bytes[0] === 0x30) ders.push(bytes);
  else {
    const pem = parsePem(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
    if (!pem.ok) {
      const { problem, offset } = pem;
      return finding('verify-file-malformed', { file, problem, field: 'PEM', offset });
    }
    for (const { label, bytes: der } of pem.blocks)
      if (label === 'CERTIFICATE' || label === 'X509 CERTIFICATE') ders.push(der);
  }
  const certificates: Certificate[] = [];
  for (const der of ders) {
    const parsed = parseCertificate(der);
    if (!parsed.ok) return finding('verify-file-malformed', { file, ...parsed.error });
    certificates.push(parsed.value);
  }
  return certificates.length === 0 ? finding('verify-file-empty', { file }) : certificates;
}

/**
 * The certificates that a server sent. One that cannot be read is told of, as an error where it is the leaf: without that
 * there is nothing to judge.
 */
export function readSent(sent: readonly SentCertificate[]): {
  readonly certificates: readonly Certificate[];
  readonly malformed: readonly Finding[];
} {
  const certificates: Certificate[] = [];
  const malformed: Finding[] = [];
  for (const [index, { der }] of sent.entries()) {
    const parsed = parseCertificate(der);
    if (parsed.ok) {
      certificates.push(parsed.value);
      continue;
    }
    const found = finding('verify-sent-malformed', { number: index + 1, ...parsed.error });
    malformed.push(index === 0 ? found : { ...found, severity: 'warning' });
    if (index === 0) break;
  }
  return { certificates, malformed };
}
