import { sameBytes } from '../codec/der/octets.ts';
import { implicit, type Der } from '../pki/local-der.ts';
import { parseIpAddress } from '../pki/names/ip-address.ts';
import type { GeneralName } from '../codec/x509/general-name.ts';
import type { Identifier } from './issuer.ts';

/** Identifiers that are the same have the same key; addresses in any of their spellings. */
export function identifierKey({ type, value }: Identifier): string {
  const octets = type === 'ip' ? parseIpAddress(value) : undefined;
  return octets === undefined ? `${type}:${value.toLowerCase()}` : `ip:${octets.join('.')}`;
}

export const isWildcard = ({ type, value }: Identifier): boolean => type === 'dns' && value.startsWith('*.');

/** What the CA validates: the name itself, for a wildcard the name behind `*.` (RFC 8555 section 7.1.4). */
export const validatedName = (identifier: Identifier): string =>
  isWildcard(identifier) ? identifier.value.slice(2) : identifier.value;

/** The GeneralName of an identifier: `[2] dNSName` or `[7] iPAddress`. */
export function encodeGeneralName({ type, value }: Identifier): Der {
  const octets = type === 'ip' ? parseIpAddress(value) : undefined;
  return octets === undefined ? implicit(2, Buffer.from(value, 'latin1')) : implicit(7, octets);
}

/** Whether a name in a certificate is this identifier itself: a wildcard is itself, not what it matches. */
export function isNamedBy({ type, value }: Identifier, name: GeneralName): boolean {
  if (type === 'dns') return name.kind === 'dns' && name.value.toLowerCase() === value.toLowerCase();
  const octets = parseIpAddress(value);
  return name.kind === 'ip' && octets !== undefined && sameBytes(name.value, octets);
}
