/** The authorities of a configuration, as the manager of certificates uses them. */
import { readFileSync } from 'node:fs';
import { createAcmeIssuer, type AcmeIssuer } from '../../acme/client/acme-issuer.ts';
import type { Issuer } from '../../acme/issuer.ts';
import type { ManagedIssuer } from '../../acme/manager/wanted.ts';
import { carefulLimits, letsEncryptLimits, noLimits, type RateLimits } from '../../acme/policy/rate-limits.ts';
import { knownDirectories, type IssuerConfig } from '../../config/issuance.ts';
import type { CertificateStore } from '../../store/certificate-store.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding } from '../../story/finding.ts';

export interface OpenIssuers {
  readonly issuers: readonly ManagedIssuer[];
  /** Ends the connections to them. */
  close(): void;
}

/** Throws a FindingError where a bundle cannot be read. */
export function openIssuers(configs: readonly IssuerConfig[], store: CertificateStore, email: string): OpenIssuers {
  const opened: AcmeIssuer[] = [];
  const open = (config: IssuerConfig): AcmeIssuer => {
    const issuer = openIssuer(config, store, email);
    opened.push(issuer);
    return issuer;
  };
  const issuers = configs.map((config): ManagedIssuer => {
    const issuer = open(config);
    const isLetsEncrypt = config.directoryUrl === knownDirectories.letsencrypt;
    return {
      issuer: isLetsEncrypt || isStaging(config) ? withAddressProfile(issuer) : issuer,
      limits: limitsOf(config),
      ...(isLetsEncrypt && { staging: withAddressProfile(open(stagingOf(config))) }),
      ...(config.profile !== undefined && { profile: config.profile }),
      ...(config.preferredChain !== undefined && { preferredChain: config.preferredChain }),
    };
  });
  return {
    issuers,
    close: () => {
      for (const issuer of opened) issuer.close();
    },
  };
}

/** One authority. By naming a public domain in the configuration people agree to its terms; docs/certificates.md says so. */
export function openIssuer(config: IssuerConfig, store: CertificateStore, email: string): AcmeIssuer {
  const { name, directoryUrl, caFile, externalAccount } = config;
  return createAcmeIssuer({
    name,
    directoryUrl,
    accounts: store.account(name),
    contacts: email === '' ? [] : [`mailto:${email}`],
    termsAgreed: true,
    ...(externalAccount && { externalAccount }),
    ...(caFile !== '' && { roots: readBundle(name, caFile) }),
  });
}

export const isStaging = ({ directoryUrl }: IssuerConfig): boolean =>
  directoryUrl === knownDirectories['letsencrypt-staging'];

/** Where what would be ordered from Let's Encrypt is tried first. */
export const stagingOf = (config: IssuerConfig): IssuerConfig => ({
  ...config,
  name: 'letsencrypt-staging',
  directoryUrl: knownDirectories['letsencrypt-staging'],
});

function limitsOf(config: IssuerConfig): RateLimits {
  if (config.directoryUrl === knownDirectories.letsencrypt) return letsEncryptLimits;
  return isStaging(config) ? noLimits : carefulLimits;
}

/** Let's Encrypt certifies addresses under its profile `shortlived` only. */
function withAddressProfile(issuer: Issuer): Issuer {
  return {
    name: issuer.name,
    issue: (request) =>
      issuer.issue(
        request.identifiers.some(({ type }) => type === 'ip') ? { ...request, profile: 'shortlived' } : request,
      ),
    renewalWindow: (chainPem, signal) => issuer.renewalWindow(chainPem, signal),
    revoke: (chainPem, privateKeyPem, reason) => issuer.revoke(chainPem, privateKeyPem, reason),
  };
}

function readBundle(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new FindingError(finding('config-file-unreadable', { path: `issuers (${name}).ca`, file }), error);
  }
}
