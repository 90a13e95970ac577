import type { Config, SiteConfig } from '../config/config.ts';
import type { Language } from '../story/catalog.ts';
import type { Finding } from '../story/finding.ts';
import { renderFindings, renderTable } from './report.ts';
import { cliWords } from './words.ts';

/** Mistakes under a line that counts them. */
export function renderMistakes(findings: readonly Finding[], from: string, language: Language): string {
  const words = cliWords[language];
  const count = findings.filter((found) => found.severity === 'error').length;
  const heading = (count === 1 ? words.oneMistake : words.mistakes).replace('{count}', String(count));
  return `${heading.replace('{from}', () => from)}\n\n${renderFindings(findings, language)}`;
}

/** The sites of a configuration that is in order, where it listens, and what it is warned of. */
export function renderSummary(config: Config, warnings: readonly Finding[], from: string): string {
  const words = cliWords[config.language];
  const heading = [words.tableSite, words.tableAnswers, words.tableCertificate, words.tableClients];
  const rows = config.sites.map((site) => [
    site.name + (site.name === config.defaultSite ? ` (${words.isDefault})` : ''),
    answers(site),
    certificateOf(site, words.localCa),
    site.clientAuth ? (site.clientAuth.mode === 'require' ? words.required : words.optional) : words.anybody,
  ]);
  const hosts =
    config.hosts.length === 0 ? ['*'] : config.hosts.map((host) => (host.includes(':') ? `[${host}]` : host));
  const ports = [config.httpsPort, config.httpPort].filter((port, index) => index === 0 || port !== 0);
  const addresses = hosts.flatMap((host) => ports.map((port) => `${host}:${port}`));
  return [
    `${words.inOrder.replace('{from}', () => from)}\n\n`,
    renderTable([heading, ...rows]),
    `\n  ${words.listens} ${addresses.join(', ')}\n  ${words.stateIn} ${config.stateFolder}\n`,
    warnings.length > 0 ? `\n${renderFindings(warnings, config.language)}` : '',
  ].join('');
}

function certificateOf({ certificates, issuance }: SiteConfig, localCa: string): string {
  if (issuance !== undefined) return issuance.issuers.join(', ');
  return certificates.length === 0 ? localCa : certificates.map(({ certFile }) => certFile).join(', ');
}

function answers(site: SiteConfig): string {
  const apps = site.upstreams.map(({ label }) => label).join(', ');
  if (!site.root) return apps;
  return apps === '' ? site.root.folder : `${site.root.folder} → ${apps}`;
}
