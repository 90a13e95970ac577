import { ipFamily } from '../codec/ip-text.ts';
import { parseName } from '../codec/dns/name.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding } from '../story/finding.ts';
import type { NameServerHint } from './root-hints.ts';
import { DNS_PORT } from './transport.ts';

/** Where a resolver that begins at the root finds its servers. */
export interface DnsEnvironment {
  /** Undefined: IANA's root servers. */
  readonly rootHints: readonly NameServerHint[] | undefined;
  /** Of every server. */
  readonly port: number;
}

const HINTS = 'MENSHEN_ROOT_HINTS';
const PORT = 'MENSHEN_DNS_PORT';

/**
 * The world's DNS, or one of its own where the environment says so: `MENSHEN_ROOT_HINTS` holds root servers as
 * `a.root.=127.0.0.1,b.root.=127.0.0.2`, `MENSHEN_DNS_PORT` the port of every server. Throws a FindingError for what is
 * neither: whoever meant a world of their own is not to be sent to the Internet.
 */
export function readDnsEnvironment(environment: Readonly<Record<string, string | undefined>>): DnsEnvironment {
  return { rootHints: readHints(environment[HINTS] ?? ''), port: readPort(environment[PORT] ?? '') };
}

function readHints(text: string): NameServerHint[] | undefined {
  if (text === '') return undefined;
  return text.split(',').map((pair) => {
    const [name = '', address = ''] = pair.split('=');
    const parsed = parseName(name);
    if (name === '' || !parsed.ok || ipFamily(address) === 0) throw unclear(HINTS, pair);
    return { name: parsed.name, addresses: [address] };
  });
}

function readPort(text: string): number {
  if (text === '') return DNS_PORT;
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 0xffff) throw unclear(PORT, text);
  return Number(text);
}

const unclear = (variable: string, value: string): FindingError =>
  new FindingError(finding('dns-environment-unclear', { variable, value: value.slice(0, 200) }));
