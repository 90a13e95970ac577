import type { LoadedCertificates } from './site-certificates.ts';
import { describeCertificate } from './site-certificates.ts';
import type { CertificatePem, TlsSiteInput } from './tls/site-input.ts';

/**
 * Certificates that were given while the gateway runs, by whoever obtains and renews them. They take the place of what the
 * configuration leads to, also after a reload, until the site is gone.
 */
export class GivenCertificates {
  readonly #bySite: Map<string, readonly CertificatePem[]>;

  /** `first`: given before the start. */
  constructor(first: ReadonlyMap<string, readonly CertificatePem[]> = new Map()) {
    this.#bySite = new Map(first);
  }

  /** Remembers what is in force now. */
  keep(site: string, certificates: readonly CertificatePem[]): void {
    this.#bySite.set(site, certificates);
  }

  /** What was loaded, with what was given in its place. */
  over(loaded: LoadedCertificates): LoadedCertificates {
    let result = loaded;
    for (const [site, certificates] of this.#bySite) result = withCertificates(result, site, certificates) ?? result;
    return result;
  }

  /** From the next reload on a site has again what the configuration leads to. Returns what was given. */
  forget(site: string): readonly CertificatePem[] | undefined {
    const given = this.#bySite.get(site);
    this.#bySite.delete(site);
    return given;
  }

  keepOnly(sites: ReadonlySet<string>): void {
    for (const site of this.#bySite.keys()) if (!sites.has(site)) this.#bySite.delete(site);
  }
}

/** `loaded` with other certificates for one site; undefined where there is no such site. Nothing is judged here. */
export function withCertificates(
  loaded: LoadedCertificates,
  site: string,
  certificates: readonly CertificatePem[],
): LoadedCertificates | undefined {
  const { tls, inUse } = loaded;
  const at = tls.sites.findIndex(({ name }) => name === site);
  if (at < 0) return undefined;
  const input: TlsSiteInput = { ...tls.sites[at]!, certificates, localCa: false };
  return {
    ...loaded,
    tls: { ...tls, sites: tls.sites.with(at, input) },
    inUse: [
      ...inUse.filter((one) => one.site !== site),
      ...certificates.flatMap((pair) => describeCertificate(site, pair) ?? []),
    ],
  };
}
