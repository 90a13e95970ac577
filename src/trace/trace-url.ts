/** `menshen trace` as a function: from a URL and a few wishes to a whole trace, with the command's defaults. */
import type { SecureVersion } from 'node:tls';
import { createDnsCache } from '../dns/cache.ts';
import { typeName } from '../codec/dns/registry.ts';
import { createResolver, type ResolverOptions } from '../dns/system-resolver.ts';
import { createMemoryCache } from '../pki/fetch/evidence-cache.ts';
import type { RevocationMode } from '../pki/revocation/revocation-status.ts';
import { thisMachine } from '../pki/trust-store/trust-places.ts';
import { openTrustStore } from '../pki/trust-store/trust-store.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding, type Finding } from '../story/finding.ts';
import type { Stage, Story } from '../story/observation.ts';
import { decisiveFinding } from '../story/stages.ts';
import { traceLimits } from './limits.ts';
import type { FixedAddress } from './options.ts';
import { isSendable, requestFields, withAuthorization, type WantedField } from './request-fields.ts';
import { readTarget } from './target.ts';
import { trace } from './trace.ts';
import type { ClientCredentials } from './verify/present.ts';

export interface TraceUrlOptions {
  /** Default: `GET`, with content `POST`. */
  readonly method?: string | undefined;
  /** Request fields; they take the place of the default ones of that name. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly content?: string | Uint8Array | undefined;
  /** Default: true, 20 redirects at most. */
  readonly followRedirects?: boolean | undefined;
  /** Fetches the files of the page as well. */
  readonly page?: boolean | undefined;
  /** Asks a second time: cached name, resumed session, conditional request. */
  readonly repeat?: boolean | undefined;
  /** A status of 400 and more counts as an error. */
  readonly failOnStatus?: boolean | undefined;
  /** Names whose addresses are known here. */
  readonly addresses?: readonly FixedAddress[] | undefined;
  /** How names are resolved. */
  readonly names?: ResolverOptions | undefined;
  readonly minVersion?: SecureVersion | undefined;
  readonly maxVersion?: SecureVersion | undefined;
  /** What is offered by ALPN, in order. Default: `['h2', 'http/1.1']`. */
  readonly protocols?: readonly ('h2' | 'http/1.1')[] | undefined;
  /** `system` (default), `mozilla`, or files and folders: PEM, DER, PKCS #12, JKS. */
  readonly trust?: readonly string[] | undefined;
  readonly trustPassword?: string | undefined;
  /** Goes on although the certificate is not to be trusted. */
  readonly insecure?: boolean | undefined;
  /** Default: `soft`. */
  readonly revocation?: RevocationMode | undefined;
  /** Whether missing issuers, CRLs and OCSP answers are fetched. Default: true. */
  readonly fetch?: boolean | undefined;
  /** Shown where the server asks, once the server itself was judged. */
  readonly client?: ClientCredentials | undefined;
  /** For everything, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Told of each stage as it opens. */
  readonly onStage?: ((stage: Stage) => void) | undefined;
}

export interface TraceReport {
  /** Everything that was observed, stage by stage, with what it means. */
  readonly story: Story;
  /** The error that decides, the first in the order of the stages; undefined where all went well. */
  readonly decisive: Finding | undefined;
  /** NSS key log format, one line an entry: whoever has them can read this traffic. */
  readonly keyLog: readonly string[];
}

/**
 * Makes one real request and tells every layer of it. What a server or a network does wrong is in the report; a
 * `FindingError` is thrown only for what cannot be begun with: no URL, or a trust store that cannot be read. Packets are
 * not captured.
 */
export async function traceUrl(target: string, options: TraceUrlOptions = {}): Promise<TraceReport> {
  const { fetch = true, insecure = false, revocation = 'soft', timeoutMs = traceLimits.totalMs } = options;
  const { url, authorization } = readTarget(target);
  const fields = withAuthorization(readFields(options.fields), authorization);
  const content = options.content === undefined ? undefined : Buffer.from(options.content);
  const [store, names] = await Promise.all([
    openTrustStore(options.trust ?? ['system'], thisMachine, options.trustPassword),
    createResolver({ ...options.names, cache: options.names?.cache ?? createDnsCache() }),
  ]);
  const unusable = store.findings.find(({ severity }) => severity === 'error');
  if (unusable !== undefined && !insecure) throw new FindingError(unusable);
  const { story, keyLog } = await trace(
    {
      url,
      method: options.method ?? (content === undefined ? 'GET' : 'POST'),
      fields: requestFields(fields, content !== undefined),
      content,
      followRedirects: options.followRedirects ?? true,
      page: options.page ?? false,
      ownProcess: false,
      repeat: options.repeat ?? false,
      failOnStatus: options.failOnStatus ?? false,
      showSecrets: false,
      fixed: options.addresses ?? [],
      connectTo: undefined,
      resolver: { resolve: (name, type, resolveOptions) => names.resolve(name, typeName(type), resolveOptions) },
      tls: {
        minVersion: options.minVersion ?? 'TLSv1.2',
        maxVersion: options.maxVersion ?? 'TLSv1.3',
        alpn: options.protocols ?? ['h2', 'http/1.1'],
        insecure,
        client: options.client,
      },
      trust: { store, revocation, fetch, cache: createMemoryCache() },
      capture: undefined,
      packetsWanted: false,
      limits: { ...traceLimits, totalMs: timeoutMs },
    },
    options.onStage,
  );
  return { story, keyLog, decisive: decisiveFinding(story) };
}

function readFields(given: TraceUrlOptions['fields'] = {}): WantedField[] {
  const wanted = Object.entries(given).map(([name, value]) => ({ name, value }));
  const wrong = wanted.find((field) => !isSendable(field));
  if (wrong === undefined) return wanted;
  const value = wrong.name.slice(0, 200);
  throw new FindingError(finding('trace-option-unclear', { option: 'fields', value, form: 'Accept-Language: de' }));
}
