/**
 * What the local root may certify (RFC 5280, 4.2.1.10). A constraint binds only the name forms that it mentions, so DNS
 * names and addresses are both constrained: a root with DNS subtrees alone would pass a certificate for any address.
 *
 *     30 …                       NameConstraints
 *        a0 …                    permittedSubtrees [0]
 *           30 0b 82 09 6c 6f 63 61 6c 68 6f 73 74      dNSName [2] "localhost": it and everything below it
 *           30 0a 87 08 7f 00 00 00 ff 00 00 00         iPAddress [7] 127.0.0.0/8, address and mask
 *           30 22 87 20 …01 ff…                         iPAddress [7] ::1/128
 */
import { explicit, implicit, sequence, type Der } from './local-der.ts';
import type { LocalName } from './local-name.ts';

/** `localhost` covers every `*.localhost` (RFC 6761, 6.3): always served, always permitted. */
const ALWAYS_PERMITTED = 'localhost';

const LOOPBACK_4 = Uint8Array.of(127, 0, 0, 0, 255, 0, 0, 0);
const LOOPBACK_6 = Uint8Array.from({ length: 32 }, (_, index) => (index < 15 ? 0 : index === 15 ? 1 : 255));

/** Whether a DNS subtree permits a name: the name itself or anything below it, label by label. */
function subtreeCovers(subtree: string, name: string): boolean {
  return name === subtree || name.endsWith(`.${subtree}`);
}

/** The fewest DNS subtrees that permit exactly these names and `localhost`, sorted. Addresses need none: see above. */
export function permittedSubtrees(names: readonly LocalName[]): readonly string[] {
  const wanted = names.flatMap((name) => (name.kind === 'dns' ? [name.subtree] : []));
  const all = [...new Set([ALWAYS_PERMITTED, ...wanted])].sort();
  return all.filter((subtree) => !all.some((other) => other !== subtree && subtreeCovers(other, subtree)));
}

/** Whether every subtree of `wanted` lies within one of `permitted`. */
export function permits(permitted: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((name) => permitted.some((subtree) => subtreeCovers(subtree, name)));
}

/** The value of the nameConstraints extension. */
export function encodeNameConstraints(permitted: readonly string[]): Der {
  const ascii = new TextEncoder();
  return sequence(
    explicit(
      0,
      ...permitted.map((subtree) => sequence(implicit(2, ascii.encode(subtree)))),
      sequence(implicit(7, LOOPBACK_4)),
      sequence(implicit(7, LOOPBACK_6)),
    ),
  );
}
