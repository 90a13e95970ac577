import { getDomain } from 'tldts';
import { parseIpAddress } from '../../pki/names/ip-address.ts';
import type { Identifier } from '../issuer.ts';

/**
 * What a CA counts certificates by: the domain that somebody bought (`example.co.uk`; under suffixes whose owners give
 * out names, such as `github.io`, each such name), an IPv4 address itself, of an IPv6 address its /64. A name without a
 * registered domain (a public suffix itself) stands for itself.
 */
export function registeredDomain({ type, value }: Identifier): string {
  const octets = type === 'ip' ? parseIpAddress(value) : undefined;
  if (octets !== undefined) return Array.from(octets.length === 4 ? octets : octets.subarray(0, 8)).join('.');
  const name = value.startsWith('*.') ? value.slice(2) : value;
  return getDomain(name, { allowPrivateDomains: true, validateHostname: false }) ?? name;
}

export const registeredDomains = (identifiers: readonly Identifier[]): readonly string[] => [
  ...new Set(identifiers.map(registeredDomain)),
];
