/** How names of the world are spelled as entries of the state folder: safe on every file system, readable to people. */
import { createHash } from 'node:crypto';
import type { Identifier } from '../acme/issuer.ts';
import { formatIpAddress, parseIpAddress } from '../pki/names/ip-address.ts';
import type { KeyType } from './certificate-store.ts';

/** Longer spellings end in a digest. File systems allow 255 octets; suffixes and temporary names need some. */
const LONGEST = 160;

/**
 * The id of a certificate, and the name of its folder:
 *
 *     example.com                       example.com
 *     *.example.com                     _wildcard.example.com
 *     192.0.2.1                         ip-192.0.2.1
 *     2001:db8::1                       ip-2001_db8__1
 *     example.com, www.example.com      example.com_and_1_more-3f2a9c0d51
 *     example.com with an RSA key       example.com_rsa
 *
 * The underscore keeps these apart from each other: no host name ends in a label that holds one.
 */
export function certificateIdOf(identifiers: readonly Identifier[], keyType: KeyType): string {
  const spelled = identifiers.map(spellIdentifier);
  const distinct = [...new Set(spelled)].sort();
  const first = spelled[0] ?? 'none';
  const more = distinct.length - 1;
  const base = more > 0 ? `${first}_and_${more}_more-${digest(distinct.join(' '))}` : first;
  return shortened(base) + (keyType === 'rsa' ? '_rsa' : '');
}

function spellIdentifier({ type, value }: Identifier): string {
  if (type === 'dns') return plain(value.toLowerCase().replace(/^\*\./, '_wildcard.'));
  const octets = parseIpAddress(value);
  return `ip-${plain((octets === undefined ? value : formatIpAddress(octets)).replaceAll(':', '_'))}`;
}

/** An issuer's name or directory URL as an entry: `letsencrypt`, `acme.example_directory-5b1c…`. */
export function issuerEntry(issuer: string): string {
  if (/^[a-z0-9][a-z0-9.-]*$/.test(issuer) && issuer.length <= LONGEST) return issuer;
  const readable = issuer.replace(/^https?:\/\//i, '').toLowerCase();
  return `${shortened(readable.replaceAll(/[^a-z0-9.-]+/g, '_').replace(/^[.]+/, ''))}-${digest(issuer)}`;
}

/** Text that may hold anything, as an entry that says nothing. */
export const opaqueEntry = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40);

/** What is no name in the world's syntax still gets an entry of its own. */
function plain(text: string): string {
  return /^[a-z0-9_][a-z0-9._-]*$/.test(text) ? text : `other-${opaqueEntry(text)}`;
}

const shortened = (text: string): string =>
  text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 20)}-${digest(text)}`;

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10);
