import { parseIpv4, parseIpv6 } from '../codec/ip-text.ts';

/** In which order to try the addresses of a name. Pure; racing them is for whoever connects. */

/** A row of RFC 6724 section 2.1's policy table: prefix, its length in bits, precedence and label. */
const policyTable: readonly (readonly [prefix: string, bits: number, precedence: number, label: number])[] = [
  ['::1', 128, 50, 0],
  ['::ffff:0.0.0.0', 96, 35, 4],
  ['2002::', 16, 30, 2],
  ['2001::', 32, 5, 5],
  ['fc00::', 7, 3, 13],
  ['fec0::', 10, 1, 11],
  ['3ffe::', 16, 1, 12],
  ['::', 96, 1, 3],
  ['::', 0, 40, 1],
];

const policies = policyTable.map(([prefix, bits, precedence, label]) => ({
  prefix: parseIpv6(prefix)!,
  bits,
  precedence,
  label,
}));

export interface OrderingFacts {
  /** The source address that the kernel would take for a destination; undefined where there is no route. */
  readonly sourceFor?: (address: string) => string | undefined;
}

/**
 * Sorts destinations as RFC 6724 section 6 says, as far as a program can know: those without a route last (rule 1), then
 * matching scope (2), matching label (5), precedence (6), smaller scope (8), longest common prefix for IPv6 (9), else as
 * they came (10).
 */
export function sortAddresses(addresses: readonly string[], { sourceFor }: OrderingFacts = {}): string[] {
  const facts = addresses.map((address) => {
    const source = sourceFor?.(address);
    const to = sixteen(address);
    const from = source === undefined ? undefined : sixteen(source);
    return { address, to, from, routed: sourceFor === undefined || source !== undefined };
  });
  return facts
    .toSorted((one, other) => {
      if (one.routed !== other.routed) return one.routed ? -1 : 1;
      const scopes = Number(sameScope(other)) - Number(sameScope(one));
      if (scopes !== 0) return scopes;
      const labels = Number(sameLabel(other)) - Number(sameLabel(one));
      if (labels !== 0) return labels;
      const precedence = policyOf(other.to).precedence - policyOf(one.to).precedence;
      if (precedence !== 0) return precedence;
      const smaller = scopeOf(one.to) - scopeOf(other.to);
      if (smaller !== 0) return smaller;
      const bothV6 = !isV4(one.to) && !isV4(other.to);
      return bothV6 ? commonBits(other.from, other.to) - commonBits(one.from, one.to) : 0;
    })
    .map(({ address }) => address);
}

/**
 * Alternates the families from the first address's family on, each in its order (RFC 8305 section 4), so that a broken
 * family costs one delay and not one an address. `firstFamilyCount` addresses of the first family stand in front.
 */
export function interleaveFamilies(addresses: readonly string[], firstFamilyCount = 1): string[] {
  const isSame = (address: string): boolean => address.includes(':') === (addresses[0]?.includes(':') ?? false);
  const first = addresses.filter(isSame);
  const second = addresses.filter((address) => !isSame(address));
  const order = first.splice(0, firstFamilyCount);
  while (first.length > 0 || second.length > 0) order.push(...second.splice(0, 1), ...first.splice(0, 1));
  return order;
}

/** What is to be tried in turn: sorted, then interleaved. */
export const connectionOrder = (addresses: readonly string[], facts: OrderingFacts = {}): string[] =>
  interleaveFamilies(sortAddresses([...new Set(addresses)], facts));

type Facts = { readonly to: Uint8Array; readonly from: Uint8Array | undefined };

const sameScope = ({ to, from }: Facts): boolean => from === undefined || scopeOf(to) === scopeOf(from);
const sameLabel = ({ to, from }: Facts): boolean => from === undefined || policyOf(to).label === policyOf(from).label;

/** The address as sixteen octets, IPv4 mapped; nothing that is no address comes here, and such a text sorts as `::`. */
function sixteen(address: string): Uint8Array {
  const v4 = parseIpv4(address);
  if (v4 !== undefined) return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...v4);
  return parseIpv6(address.split('%')[0]!) ?? new Uint8Array(16);
}

const isV4 = (octets: Uint8Array): boolean => commonBits(octets, parseIpv6('::ffff:0.0.0.0')!) >= 96;

const policyOf = (octets: Uint8Array): (typeof policies)[number] =>
  policies.find(({ prefix, bits }) => commonBits(octets, prefix) >= bits)!;

/** RFC 6724 section 3.1 and 3.2: link-local 2, site-local 5, global 14. */
function scopeOf(octets: Uint8Array): number {
  if (isV4(octets)) return octets[12] === 127 || (octets[12] === 169 && octets[13] === 254) ? 2 : 14;
  if (octets[0] === 0xff) return octets[1]! & 0x0f;
  if (commonBits(octets, parseIpv6('::1')!) === 128) return 2;
  if (octets[0] === 0xfe && (octets[1]! & 0xc0) === 0x80) return 2;
  return octets[0] === 0xfe && (octets[1]! & 0xc0) === 0xc0 ? 5 : 14;
}

function commonBits(one: Uint8Array | undefined, other: Uint8Array): number {
  if (one === undefined) return 0;
  for (let at = 0; at < 16; at += 1) {
    const difference = one[at]! ^ other[at]!;
    if (difference !== 0) return at * 8 + Math.clz32(difference) - 24;
  }
  return 128;
}
