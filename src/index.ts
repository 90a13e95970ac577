/** Menshen as a library: the gateway, the judge of certificates, the trace and the resolver, each loaded when it is used. */
import { ConfigMistakes } from './config/config-mistakes.ts';
import type { CertificateEvent } from './acme/manager/wanted.ts';
import type { UserConfig } from './config/user-config.ts';
import type { NameResolver, ResolverOptions } from './dns/system-resolver.ts';
import type { Language } from './story/catalog.ts';
import type { Finding } from './story/finding.ts';
import type { Observation } from './story/observation.ts';
import type { TraceReport, TraceUrlOptions } from './trace/trace-url.ts';
import type {
  CertificateReport,
  CertificateSource,
  VerifyCertificateOptions,
} from './trace/verify/verify-certificate.ts';

export { defineConfig } from './config/user-config.ts';
export type {
  ConfigExport,
  Duration,
  GatewayLimits,
  GatewayTimeouts,
  ListenSettings,
  SiteLimits,
  SiteSetting,
  SiteTimeouts,
  Size,
  Target,
  UserCertificate,
  UserClientAuth,
  UserConfig,
  UserSite,
  UserTarget,
  UserTls,
} from './config/user-config.ts';
export type {
  IssuerChoice,
  IssuerName,
  Secret,
  UserDns,
  UserIssuer,
  UserOnDemand,
  UserWebhook,
} from './config/user-issuance.ts';
export type { Ask, AskQuestion } from './acme/manager/ask.ts';
export type { CertificateEvent } from './acme/manager/wanted.ts';
export type { Config } from './config/config.ts';
export type { ConfigReading } from './config/read-config.ts';
export { ConfigMistakes } from './config/config-mistakes.ts';
export { tellFinding, type Finding } from './story/finding.ts';
export { FindingError } from './story/finding-error.ts';
export type {
  CertificateReport,
  CertificateSource,
  VerifyCertificateOptions,
} from './trace/verify/verify-certificate.ts';
export type { CheckLine } from './trace/verify/check-lines.ts';
export type { CheckName, VerifyCause } from './trace/verify/cause.ts';
export type { Language } from './story/catalog.ts';
export type { Chapter, Detail, Observation, Stage, StageName, Story } from './story/observation.ts';
export { findingsOf } from './story/stages.ts';
export type { TraceReport, TraceUrlOptions } from './trace/trace-url.ts';
export { explainResolution } from './dns/explain.ts';
export type { Resolution, ResolutionFailure, ResolveOptions } from './dns/resolution.ts';
export type { NameResolver, ResolverOptions } from './dns/system-resolver.ts';

/**
 * What `menshen verify` runs: judges the certificate of a host, or of a file's octets, and explains. No HTTP request is
 * sent. An untrusted certificate is a report with its `cause`, never an exception; a `FindingError` is thrown where there
 * is nothing to judge by (a target, name or trust store that cannot be read).
 */
export async function verifyCertificate(
  source: CertificateSource,
  options: VerifyCertificateOptions = {},
): Promise<CertificateReport> {
  const { verifyCertificate: run } = await import('./trace/verify/verify-certificate.ts');
  return run(source, options);
}

/**
 * What `menshen trace` runs: one real request, told layer by layer. What a server or a network does wrong is in the
 * report (`decisive`, and the findings of each stage); a `FindingError` is thrown only where nothing can be begun.
 */
export async function trace(url: string, options: TraceUrlOptions = {}): Promise<TraceReport> {
  const { traceUrl } = await import('./trace/trace-url.ts');
  return traceUrl(url, options);
}

/** One line of a trace as a person reads it: `TLS 1.3, TLS_AES_256_GCM_SHA384, X25519`. */
export async function tellObservation({ label, values }: Observation, language: Language): Promise<string> {
  const [{ labels }, { tellWord }] = await Promise.all([
    import('./story/words/index.ts'),
    import('./story/words/word.ts'),
  ]);
  return tellWord(labels[label], language, values);
}

/** What `menshen dns` asks with. A name that does not exist is a resolution; `explainResolution` says why. */
export async function createResolver(options: ResolverOptions = {}): Promise<NameResolver> {
  const { createResolver: create } = await import('./dns/system-resolver.ts');
  return create(options);
}

/** A gateway inside another program. */
export interface EmbeddedGateway {
  /** Listens and serves; resolves when it is ready. */
  start(): Promise<void>;
  /** Takes a new configuration without loss. With an error among the findings the former one stays. */
  reload(config: UserConfig): Promise<readonly Finding[]>;
  /** Refuses new connections, lets running requests finish (`timeouts.drain`), resolves when all is closed. */
  drain(): Promise<void>;
  /** `https://[::]:443`, … while serving. */
  readonly addresses: readonly string[];
}

export interface EmbeddingOptions {
  /** From where relative paths start; the working folder by default. */
  readonly folder?: string;
  /** Told when a certificate was obtained or renewed, is expiring or revoked, or could not be had. */
  readonly onCertificateEvent?: (event: CertificateEvent) => void;
}

/**
 * What `menshen serve` runs. The configuration is read by the same schema as a file's; with mistakes in it the promise is
 * rejected with `ConfigMistakes`. Relative paths start from `folder`, by default the working folder.
 */
export async function createGateway(
  config: UserConfig,
  { folder = process.cwd(), onCertificateEvent }: EmbeddingOptions = {},
): Promise<EmbeddedGateway> {
  const [{ readConfig }, { systemContext }] = await Promise.all([
    import('./config/read-config.ts'),
    import('./config/files.ts'),
  ]);
  const first = readConfig(config, systemContext(folder));
  if (!first.config) throw new ConfigMistakes(first.findings);
  const { createCertifiedGateway } = await import('./gateway/certificates/certified-gateway.ts');
  const gateway = await createCertifiedGateway(first.config, { onCertificateEvent, oneProcess: true });
  return {
    start: () => gateway.start(),
    drain: () => gateway.drain(),
    get addresses() {
      return gateway.addresses;
    },
    async reload(next) {
      const reading = readConfig(next, systemContext(folder));
      if (!reading.config) return reading.findings;
      return [...reading.findings, ...(await gateway.reload(reading.config))];
    },
  };
}
