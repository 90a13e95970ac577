import { randomBytes } from 'node:crypto';
import { parseCrl, type CertificateList } from '../../codec/x509/crl.ts';
import { createMemoryCache, type EvidenceCache } from '../../pki/fetch/evidence-cache.ts';
import { derOfList } from '../../pki/fetch/fetch-revocation.ts';
import { createHttpFetch, fetchDefaults } from '../../pki/fetch/http-fetch.ts';
import { isPrivateAddress } from '../../pki/fetch/private-address.ts';
import { parseHost } from '../../pki/names/peer-name.ts';
import type { RevocationMode } from '../../pki/revocation/revocation-status.ts';
import { thisMachine } from '../../pki/trust-store/trust-places.ts';
import { openTrustStore, type TrustStore } from '../../pki/trust-store/trust-store.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding } from '../../story/finding.ts';
import type { ClientCredentials } from './present.ts';
import { readChainFile } from './read-chain.ts';
import { verify, type VerifyReport, type VerifyTarget } from './verify.ts';

const HTTPS_PORT = 443;

/** What is to be judged: a host with or without port, an https URL, or the octets of a file. */
export type CertificateSource =
  | string
  | {
      /** PEM, the certificate first and its chain after it, or one DER certificate. */
      readonly bytes: Uint8Array;
      /** What to call them in findings. */
      readonly file?: string;
    };

export interface VerifyCertificateOptions {
  /** The name or address that the certificate has to be for. Default: the host; octets are not checked for a name. */
  readonly name?: string | undefined;
  /** `system` (default), `mozilla`, or files and folders: PEM, DER, PKCS #12, JKS. */
  readonly trust?: readonly string[] | undefined;
  /** For PKCS #12 and JKS; `changeit` and the empty one are tried without it. */
  readonly trustPassword?: string | undefined;
  /** Trust whatever the chain ends at. This gives up knowing who the server is. */
  readonly trustEverything?: boolean | undefined;
  /** The moment that the verdict is for. Default: now. */
  readonly at?: Date | undefined;
  /** Default: `server`. */
  readonly purpose?: 'server' | 'client' | undefined;
  /** Default: `soft`. */
  readonly revocation?: RevocationMode | undefined;
  /** Lists that are given, PEM or DER. */
  readonly crls?: readonly { readonly bytes: Uint8Array; readonly file?: string }[] | undefined;
  /** Whether missing issuers, CRLs and OCSP answers are fetched. Default: true. */
  readonly fetch?: boolean | undefined;
  /** Where what was fetched is kept; in memory, for this one call, by default. */
  readonly cache?: EvidenceCache | undefined;
  /** Refuse for every MUST of the rule books, also for those that no browser minds. */
  readonly strict?: boolean | undefined;
  /** For connecting and shaking hands, and for each fetch, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Who to be where the server asks. */
  readonly client?: ClientCredentials | undefined;
}

/** A report, and the trust stores that it was made with. */
export interface CertificateReport extends VerifyReport {
  readonly timeMs: number;
  readonly store: TrustStore;
}

/**
 * Judges a certificate and explains: connects where the source is a host (no request is sent), builds and validates the
 * path, looks at revocation. An untrusted certificate is a report with a `cause`; a `FindingError` is thrown only where
 * there is nothing to judge by: a source, name or trust store that cannot be read.
 */
export async function verifyCertificate(
  source: CertificateSource,
  options: VerifyCertificateOptions = {},
): Promise<CertificateReport> {
  const { at, trustEverything = false, timeoutMs = fetchDefaults.timeoutMs } = options;
  const nowMs = Date.now();
  const timeMs = at?.getTime() ?? nowMs;
  if (Number.isNaN(timeMs)) throw new FindingError(finding('verify-time-unclear', { time: String(at) }));
  const target = readTarget(source, options.name);
  const name = options.name ?? (target.kind === 'host' ? target.host.serverName : undefined);
  const peer = name === undefined ? undefined : parseHost(name);
  if (name !== undefined && peer === undefined) throw new FindingError(finding('verify-name-unclear', { name }));
  const crls = (options.crls ?? []).map(readCrl);
  const store = await openTrustStore(options.trust ?? ['system'], thisMachine, options.trustPassword);
  const unusable = store.findings.find(({ severity }) => severity === 'error');
  if (unusable !== undefined && !trustEverything) throw new FindingError(unusable);
  const cache = options.cache ?? createMemoryCache();
  const report = await verify(target, {
    store,
    everything: trustEverything,
    peers: peer === undefined ? [] : [peer],
    purpose: options.purpose ?? 'server',
    timeMs,
    isNow: at === undefined,
    conformance: options.strict === true ? 'strict' : 'common',
    revocation: options.revocation ?? 'soft',
    crls,
    fetchingFor: (address) => {
      if (options.fetch === false) return undefined;
      // A server on the Internet has no business with addresses inside; one inside, and a file, may name its own CA there.
      const allowPrivate = address === undefined || isPrivateAddress(address);
      const fetch = createHttpFetch({ ...fetchDefaults, timeoutMs, allowPrivate });
      return { fetch, cache, nowMs, random: randomBytes };
    },
    timeoutMs,
    client: options.client,
  });
  return { ...report, timeMs, store };
}

/** `https://` and a path after the host are put up with. */
function readTarget(source: CertificateSource, name: string | undefined): VerifyTarget {
  if (typeof source !== 'string') {
    const certificates = readChainFile(source.bytes, source.file ?? 'input');
    if ('code' in certificates) throw new FindingError(certificates);
    return { kind: 'chain', certificates };
  }
  const isUrl = /^https:\/\//i.test(source);
  // Two colons and no brackets: an IPv6 address without a port.
  const isBareAddress = !isUrl && source.split(':').length > 2 && !source.startsWith('[');
  const text = isUrl ? source : `https://${isBareAddress ? `[${source}]` : source}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url === undefined || parseHost(host) === undefined)
    throw new FindingError(finding('verify-target-unclear', { target: source }));
  const port = url.port === '' ? HTTPS_PORT : Number(url.port);
  return { kind: 'host', host: { host, port, serverName: name ?? host } };
}

function readCrl({ bytes, file = 'CRL' }: { readonly bytes: Uint8Array; readonly file?: string }): CertificateList {
  const parsed = parseCrl(derOfList(bytes));
  if (!parsed.ok) throw new FindingError(finding('verify-file-malformed', { file, ...parsed.error }));
  return parsed.value;
}
