/** From the flags of `menshen trace` to what a trace takes. Throws a FindingError for what cannot be used. */
import { readFile } from 'node:fs/promises';
import { ipFamily } from '../../codec/ip-text.ts';
import path from 'node:path';
import tls from 'node:tls';
import { readServerAddress } from '../../dns/server-address.ts';
import type { ServerAddress } from '../../dns/transport.ts';
import { createFolderCache, createMemoryCache } from '../../pki/fetch/evidence-cache.ts';
import { thisMachine } from '../../pki/trust-store/trust-places.ts';
import { openTrustStore } from '../../pki/trust-store/trust-store.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding } from '../../story/finding.ts';
import { traceLimits } from '../../trace/limits.ts';
import type { FixedAddress, TraceOptions } from '../../trace/options.ts';
import type { CaptureStart } from '../../trace/packets/capture.ts';
import {
  isMethod,
  isSendable,
  requestFields,
  withAuthorization,
  type WantedField,
} from '../../trace/request-fields.ts';
import { readTarget } from '../../trace/target.ts';
import type { ClientCredentials } from '../../trace/verify/present.ts';
import { cacheFolder } from '../cache-folder.ts';
import { openNames } from './name-memory.ts';
import type { TraceFlags } from './trace.ts';

export interface PreparedTrace {
  readonly options: TraceOptions;
  /** Keeps what was learnt of names for the next trace. */
  readonly keepNames: () => Promise<unknown>;
}

export async function prepareTrace(
  named: string,
  flags: TraceFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<PreparedTrace> {
  const { url, authorization } = readTarget(named);
  const fields = withAuthorization((flags.header ?? []).map(readField), authorization);
  const connectTo = readConnectTo(flags.connect);
  // Begun first: while tcpdump gets ready, the trust store is read.
  const isRoot = process.getuid?.() === 0;
  const capture =
    flags.packets === true || (flags.packets !== false && isRoot)
      ? capturing(portsOf(url, connectTo?.port))
      : undefined;
  try {
    return await complete({ url, fields, connectTo, capture }, flags, environment);
  } catch (error) {
    // tcpdump would go on, and this process with it.
    const started = await capture;
    if (started?.ok === true) await started.capture.stop();
    throw error;
  }
}

/** What is known before the first file is read. */
interface Begun {
  readonly url: URL;
  readonly fields: readonly WantedField[];
  readonly connectTo: ServerAddress | undefined;
  readonly capture: Promise<CaptureStart> | undefined;
}

async function complete(
  { url, fields, connectTo, capture }: Begun,
  flags: TraceFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<PreparedTrace> {
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
    fields: requestFields(fields, content !== undefined),
    content,
    followRedirects: flags.follow,
    page: flags.page === true,
    ownProcess: true,
    repeat: flags.repeat === true,
    failOnStatus: flags.fail === true,
    showSecrets: flags.showSecrets === true,
    fixed: (flags.resolve ?? []).map(readFixed),
    connectTo,
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
function portsOf(url: URL, other = 0): number[] {
  return [...new Set([80, 443, Number(url.port), other])].filter((port) => port > 0);
}

function readMethod(flags: TraceFlags, hasContent: boolean): string {
  const method = flags.method ?? (hasContent ? 'POST' : 'GET');
  if (!isMethod(method)) unclear('-X', method, 'GET');
  return method;
}

function offeredProtocols(flags: TraceFlags): string[] {
  const both = flags['http1.1'] === flags.http2;
  return [...(both || flags.http2 === true ? ['h2'] : []), ...(both || flags['http1.1'] === true ? ['http/1.1'] : [])];
}

/** `Name;` sends an empty field and `Name:` none, as in curl. */
function readField(text: string): WantedField {
  const [, name = '', value] = /^([^:;\s]+)\s*(?::(.*)|;\s*)$/s.exec(text) ?? [];
  const field = { name, value: value?.trim() === '' ? undefined : (value ?? '') };
  if (!isSendable(field))
    unclear('-H', text, "'Accept-Language: de' (Host, Connection, Transfer-Encoding and Upgrade are ours)");
  return field;
}

async function readContent(data: string | undefined): Promise<Buffer | undefined> {
  if (data === undefined) return undefined;
  return data.startsWith('@') ? readFileOr(data.slice(1)) : Buffer.from(data, 'utf8');
}

/** `example.com:443:192.0.2.1,[2001:db8::1]`. */
function readFixed(text: string): FixedAddress {
  const [, host = '', port = '', list = ''] = /^([^:]+):(\d+):(.+)$/.exec(text) ?? [];
  const addresses = list.split(',').map((one) => one.trim().replace(/^\[|\]$/g, ''));
  const isGood = host !== '' && Number(port) <= 65_535 && addresses.every((address) => ipFamily(address) !== 0);
  if (!isGood) unclear('--resolve', text, 'HOST:PORT:ADDRESS');
  return { host: host.toLowerCase(), port: Number(port), addresses };
}

function readConnectTo(text: string | undefined): ServerAddress | undefined {
  if (text === undefined) return undefined;
  return readServerAddress(text, 0) ?? unclear('--connect', text, 'ADDRESS or ADDRESS:PORT');
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
