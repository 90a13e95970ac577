import type { Config } from '../config/config.ts';
import type { SiteStatus } from './observe/admin.ts';
import type { CertificateInUse } from './site-certificates.ts';

const DAY_MS = 86_400_000;

/** The sites of a configuration as the status tells them. */
export function siteStatus(config: Config, inUse: readonly CertificateInUse[], nowMs: number): readonly SiteStatus[] {
  return config.sites.map((site) => ({
    name: site.name,
    upstreams: site.upstreams.map((upstream) => upstream.label),
    certificates: inUse
      .filter((certificate) => certificate.site === site.name)
      .map(({ names, keyType, issuer, notAfterMs }) => ({
        names,
        keyType,
        issuer,
        notAfter: new Date(notAfterMs).toISOString(),
        daysLeft: Math.floor((notAfterMs - nowMs) / DAY_MS),
      })),
  }));
}
