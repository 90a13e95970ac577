/**
 * From a request to whoever answers it. The name in the request decides; the name in the handshake decided the
 * certificate and whether a client certificate was asked for. Where the two lead to sites that differ in these, the client
 * has the wrong connection and is told so: 421 (RFC 9110 section 15.5.20).
 */
import type { FindingCode } from '../story/catalog/index.ts';
import type { FindingValues } from '../story/finding.ts';
import { hostOfAuthority } from './answer/redirect.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import type { Downstream, Responder } from './exchange.ts';
import type { Site } from './site.ts';
import { buildSiteTable, matchSite, type SiteTable } from './tls/site-match.ts';

/** Authorities of recent requests; more than any honest set of sites sees in different spellings (ports, trailing dots). */
const REMEMBERED_AUTHORITIES = 1024;

/** The sites of one configuration; replaced as a whole by a reload. */
export class RequestSites {
  readonly #table: SiteTable<Site>;
  readonly #defaultSite: Site | undefined;
  readonly #policyIds: ReadonlyMap<string, string>;
  readonly #known: Map<string, Site | undefined> = new Map();

  /** `policyIds`: by site name, equal where certificate and client-certificate policy are. */
  constructor(sites: readonly Site[], defaultSite: string, policyIds: ReadonlyMap<string, string>) {
    this.#table = buildSiteTable(sites.map((site) => [site.name, site]));
    this.#defaultSite = sites.find((site) => site.name === defaultSite);
    this.#policyIds = policyIds;
  }

  /** The site that an authority (with or without port) names, or the default site. */
  find(authority: string): Site | undefined {
    const known = this.#known.get(authority);
    if (known !== undefined || this.#known.has(authority)) return known;
    const host = hostOfAuthority(authority);
    // A trailing dot makes the name absolute and means the same host.
    const name = host.endsWith('.') ? host.slice(0, -1) : host.replace(/^\[|\]$/g, '');
    const site = matchSite(this.#table, name) ?? this.#defaultSite;
    if (this.#known.size >= REMEMBERED_AUTHORITIES) this.#known.clear();
    this.#known.set(authority, site);
    return site;
  }

  /** Whether a connection that was made for one site may carry requests for `site`. */
  accepts(facts: ConnectionFacts, site: Site): boolean {
    return facts.site === site.name || facts.policyId === this.#policyIds.get(site.name);
  }
}

export type ErrorAnswerer = (downstream: Downstream, code: FindingCode, values: FindingValues) => Responder;

/** Chooses who answers a request that came over TLS. */
export function routeRequest(table: RequestSites, downstream: Downstream, answerError: ErrorAnswerer): Responder {
  const { facts, head, record } = downstream;
  const site = table.find(head.authority);
  if (site === undefined) {
    record.site = facts.site;
    return answerError(downstream, 'no-such-site', { authority: head.authority });
  }
  record.site = site.name;
  if (!table.accepts(facts, site)) return answerError(downstream, 'misdirected', { authority: head.authority });
  if (site.config.clientAuth !== undefined && facts.clientCertificate.status !== 'verified') {
    const { clientCertificate } = facts;
    if (clientCertificate.status === 'refused') {
      return answerError(downstream, clientCertificate.finding.code, clientCertificate.finding.values);
    }
    if (site.config.clientAuth.mode === 'require') return answerError(downstream, 'client-certificate-required', {});
  }
  return site.answer(downstream);
}
