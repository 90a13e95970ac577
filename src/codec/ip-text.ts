/** IP addresses as text and back: `192.0.2.1`, and RFC 5952's one spelling of IPv6. */

export const formatIpv4 = (octets: Uint8Array): string => octets.join('.');

export function formatIpv6(octets: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) => (octets[2 * at]! << 8) | octets[2 * at + 1]!);
  // The first of the longest runs of zeros, of two groups at least, is left out (RFC 5952 section 4.2).
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  // ::ffff:192.0.2.1 (RFC 5952 section 5).
  const isMapped = best.start === 0 && best.length === 5 && groups[5] === 0xffff;
  if (isMapped) return `::ffff:${formatIpv4(octets.subarray(12))}`;
  return best.length === 1 ? text(0, 8) : `${text(0, best.start)}::${text(best.start + best.length, 8)}`;
}

/** Four octets of `192.0.2.1`; undefined for any other text, such as octal or short forms. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const octets = parts.map((part) => (/^(?:0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return octets.every((octet) => octet < 256) ? Uint8Array.from(octets) : undefined;
}

/**
 * 4 or 6 for an address of that family, IPv6 also with a zone; 0 for any other text. What `net.isIP` says, without the
 * pattern behind it, which takes Node ten milliseconds to compile when it is first used.
 */
export function ipFamily(text: string): 0 | 4 | 6 {
  if (!text.includes(':')) return parseIpv4(text) === undefined ? 0 : 4;
  return parseIpv6(text.replace(/%[0-9a-zA-Z.:-]+$/, '')) === undefined ? 0 : 6;
}

/** Sixteen octets of an IPv6 address in any of RFC 4291's forms, without a zone. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const lastColon = text.lastIndexOf(':');
  if (lastColon < 0) return undefined;
  let whole = text;
  if (text.includes('.')) {
    const tail = parseIpv4(text.slice(lastColon + 1));
    if (tail === undefined) return undefined;
    const group = (at: number): string => ((tail[at]! << 8) | tail[at + 1]!).toString(16);
    whole = `${text.slice(0, lastColon + 1)}${group(0)}:${group(2)}`;
  }
  const halves = whole.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (half: string | undefined): string[] => (half === undefined || half === '' ? [] : half.split(':'));
  const [head, tail] = [groupsOf(halves[0]), groupsOf(halves[1])];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  const octets = new Uint8Array(16);
  for (const [at, group] of groups.entries()) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const number = Number.parseInt(group, 16);
    octets[2 * at] = number >> 8;
    octets[2 * at + 1] = number & 0xff;
  }
  return octets;
}
