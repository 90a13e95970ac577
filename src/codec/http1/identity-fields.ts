/**
 * Fields by which apps learn who the client is. A client that could send them itself could be anyone, so the gateway
 * deletes them and writes its own. `_` counts as `-`: CGI-like apps see `X_Forwarded_For` and `X-Forwarded-For` under the
 * same name.
 */
import { asciiBytes } from './characters.ts';

const X_FORWARDED = asciiBytes('x-forwarded-');

/** Set by proxies and content delivery networks, believed by frameworks; by length of the name. */
const NAMES = [
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-original-forwarded-for',
] as const;
/** What the gateway says of a client certificate (RFC 9440), and what other gateways call it. Nobody in front may say it. */
const CERTIFICATE_NAMES = [
  'client-cert',
  'client-cert-chain',
  'x-client-cert',
  'x-ssl-cert',
  'x-ssl-client-cert',
  'x-ssl-client-verify',
  'x-ssl-client-s-dn',
  'ssl-client-cert',
  'ssl-client-verify',
] as const;

const byLength = groupByLength([...NAMES]);
const certificateByLength = groupByLength([...CERTIFICATE_NAMES]);

function groupByLength(names: string[]): readonly (readonly Uint8Array[] | undefined)[] {
  const groups: Uint8Array[][] = [];
  for (const name of names) (groups[name.length] ??= []).push(asciiBytes(name));
  return groups;
}

/**
 * Whether the name at `start` tells who the client is. With `trustProxy`, what a proxy in front says of the client's
 * address is left in place; client certificates are the gateway's own word in any case.
 */
export function isIdentityField(bytes: Uint8Array, start: number, length: number, trustProxy: boolean): boolean {
  const first = bytes[start]! | 0x20;
  // x, f, c, t and s begin all of them: most lines end here.
  if (first !== 0x78 && first !== 0x66 && first !== 0x63 && first !== 0x74 && first !== 0x73) return false;
  if (matchesAny(bytes, start, certificateByLength[length])) return true;
  // A proxy that is believed writes hyphens. Underscores it has let through, and apps would read both as one field.
  if (trustProxy && !hasUnderscore(bytes, start, length)) return false;
  if (length > X_FORWARDED.length && matches(bytes, start, X_FORWARDED)) return true;
  return matchesAny(bytes, start, byLength[length]);
}

/** Names that a CGI-like app takes for the framing fields: `Content_Length` and the like. The real ones are read before. */
const FRAMING_NAMES = groupByLength(['content-length', 'transfer-encoding']);

export function shadowsFramingField(bytes: Uint8Array, start: number, length: number): boolean {
  return matchesAny(bytes, start, FRAMING_NAMES[length]);
}

function hasUnderscore(bytes: Uint8Array, start: number, length: number): boolean {
  for (let k = start; k < start + length; k += 1) if (bytes[k] === 0x5f) return true;
  return false;
}

function matchesAny(bytes: Uint8Array, start: number, names: readonly Uint8Array[] | undefined): boolean {
  if (names === undefined) return false;
  for (const name of names) if (matches(bytes, start, name)) return true;
  return false;
}

function matches(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let k = 0; k < name.length; k += 1) {
    let octet = bytes[start + k]!;
    if (octet >= 0x41 && octet <= 0x5a) octet |= 0x20;
    else if (octet === 0x5f) octet = 0x2d;
    if (octet !== name[k]) return false;
  }
  return true;
}
