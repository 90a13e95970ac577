import { latin1 } from './latin1.ts';

/**
 * The host name of the server_name extension: ASCII, no trailing dot, never an IP literal (RFC 6066 section 3).
 * Underscores are let through as the DNS does: names such as `my_app.example.com` exist. One trailing dot is dropped,
 * because some clients pass a URL's absolute name on as it is.
 */
export type HostName =
  | { readonly kind: 'name'; readonly name: string }
  /** RFC 6066 forbids these; clients send them all the same. `name` is as sent, printable ASCII. */
  | { readonly kind: 'ip-literal'; readonly name: string }
  /** `name` is only to be shown: cut short, and what is not printable ASCII as `?`. */
  | { readonly kind: 'invalid'; readonly name: string };

const LABEL_MAX = 63;
const NAME_MAX = 253;
const SHOWN_MAX = 64;

/** Validates and lower-cases the octets of a host_name. */
export function readHostName(bytes: Uint8Array): HostName {
  let length = bytes.length;
  if (length > 1 && bytes[length - 1] === 0x2e) length -= 1;
  if (length === 0 || length > NAME_MAX) return invalid(bytes);
  let name = '';
  let colons = 0;
  let labelLength = 0;
  let labelIsNumber = true;
  for (let index = 0; index < length; index += 1) {
    let octet = bytes[index]!;
    if (octet >= 0x41 && octet <= 0x5a) octet |= 0x20;
    const isDigit = octet >= 0x30 && octet <= 0x39;
    const isLetter = octet >= 0x61 && octet <= 0x7a;
    if (octet === 0x2e) {
      if (colons > 0 || isEndOfBadLabel(bytes, index, labelLength)) return invalid(bytes);
      labelLength = 0;
      labelIsNumber = true;
    } else if (octet === 0x3a) {
      colons += 1;
    } else if (isDigit || isLetter || octet === 0x5f || (octet === 0x2d && labelLength > 0)) {
      labelLength += 1;
      if (!isDigit) labelIsNumber = false;
    } else {
      return invalid(bytes);
    }
    name += String.fromCharCode(octet);
  }
  if (colons > 0) return isIpv6Literal(name) ? { kind: 'ip-literal', name } : invalid(bytes);
  if (isEndOfBadLabel(bytes, length, labelLength)) return invalid(bytes);
  // A last label of digits only makes the whole an IPv4 address or nothing (RFC 3696 section 2: no such TLD exists).
  if (labelIsNumber) return isIpv4Literal(name) ? { kind: 'ip-literal', name } : invalid(bytes);
  return { kind: 'name', name };
}

function invalid(bytes: Uint8Array): HostName {
  const name = latin1(bytes.subarray(0, SHOWN_MAX)).replace(/[^\x21-\x7e]/g, '?');
  return { kind: 'invalid', name };
}

/** A label ends before `index`: empty, too long, or with a hyphen at its end. */
function isEndOfBadLabel(bytes: Uint8Array, index: number, labelLength: number): boolean {
  return labelLength === 0 || labelLength > LABEL_MAX || bytes[index - 1] === 0x2d;
}

function isIpv4Literal(name: string): boolean {
  const parts = name.split('.');
  return parts.length === 4 && parts.every((part) => part.length <= 3 && Number(part) <= 255);
}

/** Only tells an address from a name with a colon (`example.com:443`): groups of hex digits, seven or a gap. */
function isIpv6Literal(name: string): boolean {
  const groups = name.split(':');
  const gap = name.includes('::');
  return groups.every((group) => /^[0-9a-f]{0,4}$/.test(group)) && (gap ? groups.length <= 9 : groups.length === 8);
}
