import type { Certificate } from '../../codec/x509/certificate.ts';
import { hexOctets } from '../../codec/der/der-writer.ts';

/**
 * A certificate's name in renewal information (RFC 9773 section 4.1): the octets of its authority key identifier and of
 * its serial number (a leading zero of the INTEGER included), each base64url, joined by a dot. Undefined where the
 * certificate has no authority key identifier.
 *
 *     aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE
 */
export function certificateId(certificate: Certificate): string | undefined {
  const identifier = certificate.extensions.known.authorityKeyIdentifier?.value.keyIdentifier;
  if (identifier === undefined || identifier === '') return undefined;
  return `${base64url(identifier)}.${base64url(certificate.serialNumber.hex)}`;
}

const base64url = (hex: string): string => Buffer.from(hexOctets(hex)).toString('base64url');
