import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { CertificateList } from '../codec/x509/crl.ts';
import { parseCrl } from '../codec/x509/crl.ts';
import { createFolderCache, createMemoryCache } from '../pki/fetch/evidence-cache.ts';
import { derOfList } from '../pki/fetch/fetch-revocation.ts';
import { createHttpFetch, fetchDefaults, isPrivateAddress } from '../pki/fetch/http-fetch.ts';
import { parseHost } from '../pki/names/peer-name.ts';
import { openTrustStore } from '../pki/trust-store/trust-store.ts';
import { thisMachine } from '../pki/trust-store/trust-places.ts';
import type { Language } from '../story/catalog.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding } from '../story/finding.ts';
import type { ClientCredentials } from '../trace/verify/present.ts';
import { readChainFile } from '../trace/verify/read-chain.ts';
import { verify, type VerifyTarget } from '../trace/verify/verify.ts';
import type { VerifyFlags } from './commands/verify.ts';
import { exitCodes, verifyExitCodes } from './exit-codes.ts';
import { verifyJson } from './verify-json.ts';
import { renderVerify, type VerifyPage } from './verify-report.ts';

const HTTPS_PORT = 443;

/** Runs `menshen verify` and gives what to print and the exit code. Throws a FindingError for what cannot be used. */
export async function runVerify(
  named: string,
  flags: VerifyFlags,
  language: Language,
): Promise<{ readonly code: number; readonly text: string }> {
  const nowMs = Date.now();
  const timeMs = flags.at === undefined ? nowMs : readTime(flags.at);
  const target = await readTarget(named, flags.name);
  const name = flags.name ?? (target.kind === 'host' ? target.host.serverName : undefined);
  const peer = name === undefined ? undefined : parseHost(name);
  if (name !== undefined && peer === undefined) throw new FindingError(finding('verify-name-unclear', { name }));
  const store = await openTrustStore(flags.trust ?? ['system'], thisMachine, flags.trustPassword);
  const unusable = store.findings.find(({ severity }) => severity === 'error');
  if (unusable !== undefined && flags.trustEverything !== true) throw new FindingError(unusable);
  const [crls, client] = await Promise.all([readCrls(flags.crl ?? []), readClient(flags)]);
  const timeoutMs = flags.timeout * 1_000;
  const cache = flags.cache ? createFolderCache(cacheFolder()) : createMemoryCache();
  const fetchingFor = (address: string | undefined) => {
    if (!flags.fetch) return undefined;
    // A server on the Internet has no business with addresses inside; one inside, and a file, may name its own CA there.
    const allowPrivate = address === undefined || isPrivateAddress(address);
    const fetch = createHttpFetch({ ...fetchDefaults, timeoutMs, allowPrivate });
    return { fetch, cache, nowMs, random: randomBytes };
  };
  const report = await verify(target, {
    store,
    everything: flags.trustEverything === true,
    peers: peer === undefined ? [] : [peer],
    purpose: flags.purpose,
    timeMs,
    isNow: flags.at === undefined,
    conformance: flags.strict === true ? 'strict' : 'common',
    revocation: flags.revocation,
    crls,
    fetchingFor,
    timeoutMs,
    client,
  });
  const code = report.cause === undefined ? exitCodes.fine : verifyExitCodes[report.cause];
  const page: VerifyPage = {
    target: named,
    timeMs,
    language,
    storeOf: store.sourceOf,
    exitCode: code,
    storeFindings: store.findings,
  };
  return { code, text: flags.json === true ? verifyJson(report, page) : renderVerify(report, page) };
}

function readTime(time: string): number {
  // Date.parse takes much more, such as "1" for the year 2001.
  const timeMs = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(timeMs)) throw new FindingError(finding('verify-time-unclear', { time }));
  return timeMs;
}

/** A file where there is one of that name, a host otherwise; `https://` and a path after the host are put up with. */
async function readTarget(named: string, name: string | undefined): Promise<VerifyTarget> {
  const isFile = (await stat(named).catch(() => undefined))?.isFile() === true;
  if (isFile) {
    const certificates = readChainFile(await readFileOr(named), named);
    if ('code' in certificates) throw new FindingError(certificates);
    return { kind: 'chain', certificates };
  }
  const isUrl = /^https:\/\//i.test(named);
  if (!isUrl && (/[/\\]/.test(named) || /\.(?:pem|crt|cer|der)$/i.test(named)))
    throw new FindingError(finding('verify-file-unreadable', { file: named }));
  // Two colons and no brackets: an IPv6 address without a port.
  const isBareAddress = !isUrl && named.split(':').length > 2 && !named.startsWith('[');
  const text = isUrl ? named : `https://${isBareAddress ? `[${named}]` : named}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url === undefined || parseHost(host) === undefined)
    throw new FindingError(finding('verify-target-unclear', { target: named }));
  const port = url.port === '' ? HTTPS_PORT : Number(url.port);
  return { kind: 'host', host: { host, port, serverName: name ?? host } };
}

async function readFileOr(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new FindingError(finding('verify-file-unreadable', { file }), error);
  }
}

async function readCrls(files: readonly string[]): Promise<CertificateList[]> {
  return Promise.all(
    files.map(async (file) => {
      const parsed = parseCrl(derOfList(await readFileOr(file)));
      if (!parsed.ok) throw new FindingError(finding('verify-file-malformed', { file, ...parsed.error }));
      return parsed.value;
    }),
  );
}

async function readClient(flags: VerifyFlags): Promise<ClientCredentials | undefined> {
  const { clientCert: file, clientKey, clientPassword: passphrase } = flags;
  if (file === undefined) return undefined;
  const content = await readFileOr(file);
  const common = { file, ...(passphrase !== undefined && { passphrase }) };
  if (content[0] === 0x30) return { ...common, pfx: content };
  return { ...common, cert: content, key: clientKey === undefined ? content : await readFileOr(clientKey) };
}

/** What was fetched is kept as the XDG base directory specification says. */
function cacheFolder(): string {
  const named = process.env.XDG_CACHE_HOME;
  const base = named !== undefined && path.isAbsolute(named) ? named : path.join(homedir(), '.cache');
  return path.join(base, 'menshen', 'verify');
}
