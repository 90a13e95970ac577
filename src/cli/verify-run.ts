import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createFolderCache, createMemoryCache } from '../pki/fetch/evidence-cache.ts';
import type { Language } from '../story/catalog.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding } from '../story/finding.ts';
import type { ClientCredentials } from '../trace/verify/present.ts';
import { verifyCertificate, type CertificateSource } from '../trace/verify/verify-certificate.ts';
import type { VerifyFlags } from './commands/verify.ts';
import { cacheFolder } from './cache-folder.ts';
import { exitCodes, verifyExitCodes } from './exit-codes.ts';
import { verifyJson } from './verify-json.ts';
import { renderVerify, type VerifyPage } from './verify-report.ts';

/** Runs `menshen verify` and gives what to print and the exit code. Throws a FindingError for what cannot be used. */
export async function runVerify(
  named: string,
  flags: VerifyFlags,
  language: Language,
): Promise<{ readonly code: number; readonly text: string }> {
  const [source, crls, client] = await Promise.all([
    readSource(named),
    Promise.all((flags.crl ?? []).map(async (file) => ({ file, bytes: await readFileOr(file) }))),
    readClient(flags),
  ]);
  const { name, trust, trustPassword, trustEverything, purpose, revocation, fetch, strict } = flags;
  const report = await verifyCertificate(source, {
    name,
    trust,
    trustPassword,
    trustEverything,
    at: flags.at === undefined ? undefined : new Date(readTime(flags.at)),
    purpose,
    revocation,
    crls,
    fetch,
    cache: flags.cache ? createFolderCache(path.join(cacheFolder(process.env), 'verify')) : createMemoryCache(),
    strict,
    timeoutMs: flags.timeout * 1_000,
    client,
  });
  const { store, timeMs } = report;
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

/** A file where there is one of that name, a host otherwise. */
async function readSource(named: string): Promise<CertificateSource> {
  const isFile = (await stat(named).catch(() => undefined))?.isFile() === true;
  if (isFile) return { bytes: await readFileOr(named), file: named };
  const isUrl = /^https:\/\//i.test(named);
  if (!isUrl && (/[/\\]/.test(named) || /\.(?:pem|crt|cer|der)$/i.test(named)))
    throw new FindingError(finding('verify-file-unreadable', { file: named }));
  return named;
}

async function readFileOr(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new FindingError(finding('verify-file-unreadable', { file }), error);
  }
}

async function readClient(flags: VerifyFlags): Promise<ClientCredentials | undefined> {
  const { clientCert: file, clientKey, clientPassword: passphrase } = flags;
  if (file === undefined) return undefined;
  const content = await readFileOr(file);
  const common = { file, ...(passphrase !== undefined && { passphrase }) };
  if (content[0] === 0x30) return { ...common, pfx: content };
  return { ...common, cert: content, key: clientKey === undefined ? content : await readFileOr(clientKey) };
}
