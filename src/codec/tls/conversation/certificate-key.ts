import { rangeOf } from '../../der/octets.ts';
import { parseCertificate } from '../../x509/certificate.ts';
import type { CertificateEntry } from '../message/handshake-body.ts';
import { extensionValue, type DecodedExtension } from '../message/extension-value.ts';
import { parseSctList } from '../sct.ts';

/** The SubjectPublicKeyInfo (DER) of the first certificate; undefined where there is none or it cannot be read. */
export function publicKeyOfLeaf(entries: readonly CertificateEntry[]): Uint8Array | undefined {
  const leaf = entries[0];
  if (leaf === undefined) return undefined;
  const parsed = parseCertificate(leaf.der);
  return parsed.ok ? rangeOf(parsed.value.bytes, parsed.value.publicKey) : undefined;
}

/** How many SCTs came with the leaf: inside the certificate, and beside it in the handshake (RFC 6962 section 3.3). */
export interface SctCount {
  readonly embedded: number;
  readonly inHandshake: number;
}

/** `helloExtensions` are those of ServerHello, where TLS 1.2 has them; TLS 1.3 has them with the certificate. */
export function countScts(
  entries: readonly CertificateEntry[],
  helloExtensions: readonly DecodedExtension[],
): SctCount | undefined {
  const leaf = entries[0];
  const parsed = leaf && parseCertificate(leaf.der);
  if (leaf === undefined || parsed?.ok !== true) return undefined;
  const list = parsed.value.extensions.known.signedCertificateTimestamps?.value;
  const embedded = list && parseSctList(list);
  const beside = extensionValue([...leaf.extensions, ...helloExtensions], 'scts')?.scts.length ?? 0;
  return { embedded: embedded?.ok === true ? embedded.value.length : 0, inHandshake: beside };
}
