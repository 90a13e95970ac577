import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../codec/ip-text.ts';
import { lowerName, parseName } from '../codec/dns/name.ts';

export interface HostsEntry {
  /** In its one spelling. */
  readonly address: string;
  /** Absolute, lower case; the first is the host's own name. */
  readonly names: readonly string[];
}

/** What hosts(5) says about a name. */
export interface HostsFile {
  /** The entries that name it, in the order of the file; `name` absolute. */
  entriesOf(name: string): readonly HostsEntry[];
  /** The entries of an address. */
  entriesAt(address: string): readonly HostsEntry[];
}

/** Reads hosts(5): an address and names on a line, comments behind `#`. What is neither is passed over. */
export function parseHostsFile(text: string): HostsFile {
  const byName = new Map<string, HostsEntry[]>();
  const byAddress = new Map<string, HostsEntry[]>();
  for (const line of text.split('\n')) {
    const [first = '', ...rest] = line.replace(/#.*$/, '').trim().split(/\s+/);
    const address = spellingOf(first);
    if (address === undefined) continue;
    const names = rest.flatMap((one) => {
      const parsed = parseName(one);
      return parsed.ok ? [lowerName(parsed.name)] : [];
    });
    const entry = { address, names };
    for (const name of new Set(names)) byName.set(name, [...(byName.get(name) ?? []), entry]);
    byAddress.set(address, [...(byAddress.get(address) ?? []), entry]);
  }
  return {
    entriesOf: (name) => byName.get(lowerName(name)) ?? [],
    entriesAt: (address) => byAddress.get(spellingOf(address) ?? '') ?? [],
  };
}

function spellingOf(text: string): string | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return formatIpv4(v4);
  const v6 = parseIpv6(text.split('%')[0]!);
  return v6 && formatIpv6(v6);
}
