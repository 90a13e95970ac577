/** From the flags of `menshen trace` to what a trace takes. Throws a FindingError for what cannot be used. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { createDnsCache } from '../../dns/cache.ts';
import { readCacheFile, writeCacheFile } from '../../dns/cache-file.ts';
import { parseHostsFile } from '../../dns/hosts-file.ts';
import { parseResolvConf } from '../../dns/resolv-conf.ts';
import type { Resolver } from '../../dns/resolution.ts';
import { systemSurroundings } from '../../dns/socket-transport.ts';
import { createStubResolver } from '../../dns/stub-resolver.ts';
import { createFolderCache, createMemoryCache } from '../../pki/fetch/evidence-cache.ts';
import { parseHost } from '../../pki/names/peer-name.ts';
import { thisMachine } from '../../pki/trust-store/trust-places.ts';
import { openTrustStore } from '../../pki/trust-store/trust-store.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding } from '../../story/finding.ts';
import { acceptEncoding } from '../../trace/http/content-decoding.ts';
import { traceLimits } from '../../trace/limits.ts';
import type { FixedAddress, TraceOptions } from '../../trace/options.ts';
import type { CaptureStart } from '../../trace/packets/capture.ts';
import type { ClientCredentials } from '../../trace/verify/present.ts';
import { VERSION } from '../../version.ts';
import type { TraceFlags } from './trace.ts';

/** For tests and worlds on one machine: where root servers are, as `NAME=ADDR,…` pairs, and on which port all listen. */
export const ROOT_HINTS_VARIABLE = 'MENSHEN_ROOT_HINTS';
export const DNS_PORT_VARIABLE = 'MENSHEN_DNS_PORT';

export interface PreparedTrace {
  readonly options: TraceOptions;
  /** Keeps what was learnt of names for the next trace. */
  readonly keepNames: () => Promise<void>;
}

export async function prepareTrace(
  named: string,
  flags: TraceFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<PreparedTrace> {
  const url = readUrl(named);
  const credentials = takeCredentials(url, flags);
  // Begun first: while tcpdump gets ready, the trust store is read.
  const isRoot = process.getuid?.() === 0;
  const capture =
    flags.packets === true || (flags.packets !== false && isRoot) ? capturing(portsOf(url, flags)) : undefined;
  const limits = { ...traceLimits, totalMs: flags.maxTime * 1_000 };
  const content = await readContent(flags.data);
  const [store, client, names] = await Promise.all([
    openTrustStore(flags.cacert ?? ['system'], thisMachine, undefined),
    readClient(flags),
    openNames(flags, environment),
  ]);
  const unusable = store.findings.find(({ severity }) => severity === 'error');
  if (unusable !== undefined && flags.insecure !== true) throw new FindingError(unusable);
  const cache = flags.cache ? createFolderCache(path.join(cacheFolder(environment), 'verify')) : createMemoryCache();
  const options: TraceOptions = {
    url,
    method: readMethod(flags, content !== undefined),
    fields: [...readFields(flags, content !== undefined), ...credentials],
    content,
    followRedirects: flags.follow,
    page: flags.page === true,
    repeat: flags.repeat === true,
    failOnStatus: flags.fail === true,
    showSecrets: flags.showSecrets === true,
    fixed: (flags.resolve ?? []).map(readFixed),
    connectTo: flags.connect === undefined ? undefined : readPlace('--connect', flags.connect, 0),
    resolver: names.resolver,
    tls: {
      minVersion: flags['tls1.3'] === true && flags['tls1.2'] !== true ? 'TLSv1.3' : 'TLSv1.2',
      maxVersion: flags['tls1.2'] === true && flags['tls1.3'] !== true ? 'TLSv1.2' : 'TLSv1.3',
      alpn: offeredProtocols(flags),
      insecure: flags.insecure === true,
      client,
    },
    trust: { store, revocation: flags.revocation, fetch: flags.fetch, cache },
    capture,
    packetsWanted: flags.packets === true,
    limits,
  };
  return { options, keepNames: names.keep };
}

async function capturing(ports: readonly number[]): Promise<CaptureStart> {
  const { startCapture } = await import('../../trace/packets/capture.ts');
  return startCapture(ports);
}

/** The URL's port and the usual ones, to which redirects and files of the page may lead. */
function portsOf(url: URL, { connect }: TraceFlags): number[] {
  const other = connect === undefined ? 0 : readPlace('--connect', connect, 0).port;
  return [...new Set([80, 443, Number(url.port), other])].filter((port) => port > 0);
}

function readUrl(named: string): URL {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(named) ? named : `https://${named}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url === undefined || !isWeb || parseHost(host) === undefined)
    throw new FindingError(finding('trace-url-unclear', { url: named.slice(0, 200) }));
  return url;
}

/** `https://user:password@host/` sends both as a field, as in curl; in the URL they would be told to everybody. */
function takeCredentials(url: URL, flags: TraceFlags): [string, string][] {
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (username === '' || (flags.header ?? []).some((field) => /^authorization\s*[:;]/i.test(field))) return [];
  const pair = `${unescaped(username)}:${unescaped(password)}`;
  return [['Authorization', `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`]];
}

/** What stands there for percent-encoding; what is none of it stays as it is. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readMethod(flags: TraceFlags, hasContent: boolean): string {
  const method = flags.method ?? (hasContent ? 'POST' : 'GET');
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(method) || method === 'CONNECT') unclear('-X', method, 'GET');
  return method;
}

function offeredProtocols(flags: TraceFlags): string[] {
  const both = flags['http1.1'] === flags.http2;
  return [...(both || flags.http2 === true ? ['h2'] : []), ...(both || flags['http1.1'] === true ? ['http/1.1'] : [])];
}

/** Given fields take the place of ours; `Name;` sends an empty one and `Name:` none, as in curl. */
function readFields(flags: TraceFlags, hasContent: boolean): [string, string][] {
  const given: [string, string][] = [];
  const dropped = new Set<string>();
  for (const text of flags.header ?? []) {
    const found = /^([\w!#$%&'*+.^`|~-]+)\s*(?::(.*)|;\s*)$/s.exec(text);
    const [, name = '', value] = found ?? [];
    if (found === null || /[\r\n\0]/.test(text) || /^(?:connection|transfer-encoding|upgrade|host)$/i.test(name))
      unclear('-H', text, "'Accept-Language: de' (Host, Connection, Transfer-Encoding and Upgrade are ours)");
    dropped.add(name.toLowerCase());
    const trimmed = value?.trim();
    // Octets above ASCII go out as UTF-8.
    if (trimmed !== '') given.push([name, Buffer.from(trimmed ?? '', 'utf8').toString('latin1')]);
  }
  const ours: [string, string][] = [
    ['User-Agent', `menshen/${VERSION}`],
    ['Accept', '*/*'],
    ['Accept-Encoding', acceptEncoding],
  ];
  if (hasContent) ours.push(['Content-Type', 'application/x-www-form-urlencoded']);
  return [...ours.filter(([name]) => !dropped.has(name.toLowerCase())), ...given];
}

async function readContent(data: string | undefined): Promise<Buffer | undefined> {
  if (data === undefined) return undefined;
  return data.startsWith('@') ? readFileOr(data.slice(1)) : Buffer.from(data, 'utf8');
}

/** `example.com:443:192.0.2.1,[2001:db8::1]`. */
function readFixed(text: string): FixedAddress {
  const [, host = '', port = '', list = ''] = /^([^:]+):(\d+):(.+)$/.exec(text) ?? [];
  const addresses = list.split(',').map((one) => one.trim().replace(/^\[|\]$/g, ''));
  const isGood = host !== '' && Number(port) <= 65_535 && addresses.every((address) => net.isIP(address) !== 0);
  if (!isGood) unclear('--resolve', text, 'HOST:PORT:ADDRESS');
  return { host: host.toLowerCase(), port: Number(port), addresses };
}

/** `192.0.2.1`, `192.0.2.1:8443`, `[::1]:8443`, `::1`. */
function readPlace(option: string, text: string, port: number): { readonly address: string; readonly port: number } {
  if (net.isIP(text) !== 0) return { address: text, port };
  const [, six, four, given] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = six ?? four ?? '';
  if (net.isIP(address) === 0 || Number(given ?? 0) > 65_535) unclear(option, text, 'ADDRESS or ADDRESS:PORT');
  return { address, port: given === undefined ? port : Number(given) };
}

function unclear(option: string, value: string, form: string): never {
  throw new FindingError(finding('trace-option-unclear', { option, value: value.slice(0, 200), form }));
}

async function readFileOr(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? '';
    throw new FindingError(finding('trace-file-unreadable', { file, reason }), error);
  }
}

async function readClient({ cert: file, key, password }: TraceFlags): Promise<ClientCredentials | undefined> {
  if (file === undefined) return undefined;
  const content = await readFileOr(file);
  const common = { file, ...(password !== undefined && { passphrase: password }) };
  // DER begins with a SEQUENCE: PKCS#12.
  const client: ClientCredentials =
    content[0] === 0x30
      ? { ...common, pfx: content }
      : { ...common, cert: content, key: key === undefined ? content : await readFileOr(key) };
  try {
    const { file: _, ...material } = client;
    tls.createSecureContext(material);
  } catch (error) {
    const { reason, message } = error as { reason?: string; message: string };
    throw new FindingError(finding('trace-client-certificate-unusable', { file, reason: reason ?? message }), error);
  }
  return client;
}

interface Names {
  readonly resolver: Resolver;
  readonly keep: () => Promise<void>;
}

async function openNames(flags: TraceFlags, environment: Readonly<Record<string, string | undefined>>): Promise<Names> {
  const cache = createDnsCache();
  const file = path.join(cacheFolder(environment), flags.iterative === true ? 'dns-iterative.json' : 'dns.json');
  // What another server said is not to be taken for this one's word.
  const persistent = flags.cache && flags.server === undefined && environment[ROOT_HINTS_VARIABLE] === undefined;
  if (persistent) await readCacheFile(file, cache, systemSurroundings.nowMs());
  const keep = async (): Promise<void> => {
    if (persistent) await writeCacheFile(file, cache, systemSurroundings.nowMs());
  };
  if (flags.iterative === true) {
    const hints = readHints(environment[ROOT_HINTS_VARIABLE]);
    const port = Number(environment[DNS_PORT_VARIABLE] ?? 53);
    const { createIterativeResolver } = await import('../../dns/iterative-resolver.ts');
    const resolver = createIterativeResolver(systemSurroundings, { cache, port, ...(hints && { hints }) });
    const absolute = (name: string): string => (name.endsWith('.') ? name : `${name}.`);
    return { resolver: { resolve: (name, type, options) => resolver.resolve(absolute(name), type, options) }, keep };
  }
  const [resolvConf, hosts] = await Promise.all([
    readFile('/etc/resolv.conf', 'utf8').catch(() => ''),
    readFile('/etc/hosts', 'utf8').catch(() => ''),
  ]);
  const system = parseResolvConf(resolvConf);
  const config =
    flags.server === undefined ? system : { ...system, servers: [readPlace('--server', flags.server, 53)] };
  // Whoever names a server wants to hear that server, and not the hosts file.
  const stub = createStubResolver(systemSurroundings, {
    config,
    cache,
    ...(flags.server === undefined && { hosts: parseHostsFile(hosts) }),
  });
  return { resolver: { resolve: (name, type, options) => stub.search(name, type, options) }, keep };
}

/** `a.root.=127.0.0.1,b.root.=127.0.0.2`. */
function readHints(text: string | undefined): { name: string; addresses: string[] }[] | undefined {
  if (text === undefined || text === '') return undefined;
  return text.split(',').map((pair) => {
    const [name = '', address = ''] = pair.split('=');
    if (net.isIP(address) === 0) unclear(ROOT_HINTS_VARIABLE, text, 'NAME=ADDRESS,…');
    return { name, addresses: [address] };
  });
}

/** What was learnt is kept as the XDG base directory specification says. */
function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const named = environment['XDG_CACHE_HOME'];
  const base = named !== undefined && path.isAbsolute(named) ? named : path.join(homedir(), '.cache');
  return path.join(base, 'menshen');
}
