import type { Identifier } from '../acme/issuer.ts';
import { parseCertificate, type Certificate } from '../codec/x509/certificate.ts';
import type { GeneralName } from '../codec/x509/general-name.ts';
import { parsePem } from '../codec/x509/pem.ts';
import { formatIpAddress } from '../pki/names/ip-address.ts';
import type { KeyType } from './certificate-store.ts';

/** What the first certificate of a chain says. Times in epoch milliseconds. */
export interface CertificateFacts {
  readonly leaf: Certificate;
  readonly identifiers: readonly Identifier[];
  readonly keyType: KeyType;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Undefined where there is no certificate, or one without names or with a key that TLS servers do not use here. */
export function readCertificateFacts(chainPem: string): CertificateFacts | undefined {
  const pem = parsePem(chainPem);
  const block = pem.ok ? pem.blocks.find(({ label }) => label === 'CERTIFICATE') : undefined;
  const read = block && parseCertificate(block.bytes);
  if (read?.ok !== true) return undefined;
  const leaf = read.value;
  const names = leaf.extensions.known.subjectAltName?.value ?? [];
  const identifiers = names.map(identifierOf).filter((identifier) => identifier !== undefined);
  const keyType = leaf.publicKey.kind === 'rsa' ? 'rsa' : leaf.publicKey.kind === 'ec' ? 'ecdsa' : undefined;
  if (identifiers.length === 0 || keyType === undefined) return undefined;
  return { leaf, identifiers, keyType, notBeforeMs: leaf.notBefore.epochMs, notAfterMs: leaf.notAfter.epochMs };
}

function identifierOf(name: GeneralName): Identifier | undefined {
  if (name.kind === 'dns') return { type: 'dns', value: name.value.toLowerCase() };
  return name.kind === 'ip' ? { type: 'ip', value: formatIpAddress(name.value) } : undefined;
}
