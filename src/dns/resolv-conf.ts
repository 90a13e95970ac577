import { countLabels, parseName } from '../codec/dns/name.ts';
import { parseIpv4, parseIpv6 } from '../codec/ip-text.ts';
import { DNS_PORT, type ServerAddress } from './transport.ts';

/** What resolv.conf(5) says, its defaults filled in. */
export interface ResolverConfig {
  readonly servers: readonly ServerAddress[];
  /** Absolute names that are put behind short ones, in order. */
  readonly search: readonly string[];
  /** A name with at least this many dots is tried as it is first. */
  readonly ndots: number;
  readonly timeoutMs: number;
  /** Rounds over all servers. */
  readonly attempts: number;
  /** Another server first every time. */
  readonly rotate: boolean;
  /** Only TCP (`use-vc`). */
  readonly tcpOnly: boolean;
}

/** As the C library has them (MAXNS, RES_MAXNDOTS, RES_MAXRETRANS, RES_MAXRETRY). */
const MAX_SERVERS = 3;
const MAX_NDOTS = 15;
const MAX_TIMEOUT_S = 30;
const MAX_ATTEMPTS = 5;
const MAX_SEARCH = 32;

/** Reads resolv.conf(5). Lines that mean nothing are passed over, as the C library does. */
export function parseResolvConf(text: string): ResolverConfig {
  const servers: ServerAddress[] = [];
  let search: string[] = [];
  const options = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (/^\s*[;#]/.test(line)) continue;
    const [key, ...values] = line.trim().split(/\s+/);
    const [value = ''] = values;
    if (key === 'nameserver') {
      // A zone (`fe80::1%eth0`) is handed to the socket as it is.
      const [bare = ''] = value.split('%');
      const isAddress = parseIpv4(bare) !== undefined || parseIpv6(bare) !== undefined;
      if (isAddress && servers.length < MAX_SERVERS) servers.push({ address: value, port: DNS_PORT });
    } else if (key === 'search' || key === 'domain') {
      // The last of these lines counts.
      search = values.slice(0, key === 'domain' ? 1 : MAX_SEARCH).flatMap((one) => {
        const parsed = parseName(one);
        return parsed.ok ? [parsed.name] : [];
      });
    } else if (key === 'options') {
      for (const option of values) {
        const [name = '', setting = ''] = option.split(':');
        options.set(name, setting);
      }
    }
  }
  const number = (name: string, usual: number, least: number, most: number): number => {
    const setting = options.get(name) ?? '';
    return /^\d+$/.test(setting) ? Math.min(most, Math.max(least, Number(setting))) : usual;
  };
  return {
    // Without a server there is one on this host.
    servers: servers.length > 0 ? servers : [{ address: '127.0.0.1', port: DNS_PORT }],
    search,
    ndots: number('ndots', 1, 0, MAX_NDOTS),
    timeoutMs: number('timeout', 5, 1, MAX_TIMEOUT_S) * 1_000,
    attempts: number('attempts', 2, 1, MAX_ATTEMPTS),
    rotate: options.has('rotate'),
    tcpOnly: options.has('use-vc'),
  };
}

/** The names to try for what a person typed, in order. A dot at the end means that it is whole. */
export function namesToTry(typed: string, { search, ndots }: Pick<ResolverConfig, 'search' | 'ndots'>): string[] {
  const parsed = parseName(typed);
  if (!parsed.ok) return [];
  const { name } = parsed;
  if (name === '.' || /(?:^|[^\\])(?:\\\\)*\.$/.test(typed)) return [name];
  const longer = search.flatMap((suffix) => {
    const joined = parseName(suffix === '.' ? name : `${name}${suffix}`);
    return joined.ok && joined.name !== name ? [joined.name] : [];
  });
  return countLabels(name) - 1 >= ndots ? [name, ...longer] : [...longer, name];
}
