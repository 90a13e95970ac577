/** Whether the CAA records of a site let its authorities issue, to our account and in a way that the site can prove. */
import { parseName } from '../../codec/dns/name.ts';
import type { SiteConfig } from '../../config/config.ts';
import type { ChallengeWay, IssuanceConfig } from '../../config/issuance.ts';
import { judgeCaa, lookUpCaa, type CaaIssuer } from '../../dns/caa.ts';
import { withoutDot } from '../../dns/explain.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { DnsWorld } from './dns-world.ts';
import { identifierOf } from './issuance.ts';

/** What is known of an authority. */
export interface CaaAuthority {
  /** Its own domains in CAA records, from its directory; [] where it names none. */
  readonly caaIdentities: readonly string[];
  /** URL of our account there, once there is one. */
  readonly accountUrl: string | undefined;
}

/** One finding for each authority of the site; none for addresses and for authorities that name no domain. */
export async function lookAtCaa(
  site: SiteConfig,
  issuance: IssuanceConfig,
  authorities: ReadonlyMap<string, CaaAuthority>,
  world: DnsWorld,
): Promise<readonly Finding[]> {
  const isWildcard = site.name.startsWith('*.');
  const name = parseName(isWildcard ? site.name.slice(2) : site.name);
  if (!name.ok || identifierOf(site).type === 'ip') return [];
  const findings: Finding[] = [];
  const found = await lookUpCaa(name.name, world.resolver());
  for (const issuer of site.issuance?.issuers ?? []) {
    const { caaIdentities: domains = [], accountUrl } = authorities.get(issuer) ?? {};
    if (domains.length === 0) continue;
    if (!found.ok) {
      findings.push(finding('live-caa-unknown', { name: site.name, at: withoutDot(found.at) }));
      continue;
    }
    const verdict = judgeCaa(found.records, domains, isWildcard);
    const at = withoutDot(found.at);
    const subject = { name: site.name, issuer, at };
    if (!verdict.allowed) {
      const tag = isWildcard ? 'issuewild' : 'issue';
      findings.push(finding('live-caa-forbids', { ...subject, tag, domain: domains[0] ?? '' }));
      continue;
    }
    const listed = verdict.because === 'listed' ? verdict.issuers : [];
    findings.push(
      judgeParameters(listed, waysOf(site, issuance), accountUrl, subject) ??
        finding('live-caa-good', { name: site.name, issuer }),
    );
  }
  return findings;
}

/** How control of the name could be proven. */
function waysOf(site: SiteConfig, { dns }: IssuanceConfig): readonly ChallengeWay[] {
  const only = site.issuance?.challenge;
  if (only !== undefined) return [only];
  return [
    ...(site.name.startsWith('*.') ? [] : (['http-01', 'tls-alpn-01'] as const)),
    ...(dns ? ['dns-01' as const] : []),
  ];
}

/** RFC 8657: a record with parameters allows only what they say; of several records one is enough. */
function judgeParameters(
  listed: readonly CaaIssuer[],
  ways: readonly ChallengeWay[],
  accountUrl: string | undefined,
  subject: { readonly name: string; readonly issuer: string; readonly at: string },
): Finding | undefined {
  let problem: Finding | undefined;
  for (const { parameters } of listed) {
    const methods = parameters.get('validationmethods');
    const account = parameters.get('accounturi');
    if (methods !== undefined && !methods.split(',').some((method) => ways.some((way) => way === method.trim()))) {
      problem ??= finding('live-caa-other-method', { ...subject, methods, ways: ways.join(', ') });
    } else if (account !== undefined && account !== accountUrl) {
      problem ??= finding('live-caa-other-account', { ...subject, account, own: accountUrl ?? '-' });
    } else return undefined;
  }
  return problem;
}
