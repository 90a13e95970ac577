import path from 'node:path';
import type { Command } from 'commander';
import type { Config, SiteConfig } from '../../config/config.ts';
import type { Language } from '../../story/catalog.ts';
import type { Finding } from '../../story/finding.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderFindings, renderTable } from '../report.ts';
import { cliWords } from '../words.ts';
import { addConfigOptions, type ConfigOptions } from './config-options.ts';

/** `menshen check`: every mistake with its place and mend (exit 1), or a table of the sites (exit 0). */
export function registerCheck(program: Command, language: Language, finish: (code: number) => void): void {
  addConfigOptions(program.command('check').description(cliWords[language].check), language).action(
    async (sites: string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ConfigOptions>();
      const { resolveConfig } = await import('../../config/resolve.ts');
      const { config, findings, file } = await resolveConfig({ ...options, sites }, process.cwd());
      const told = config?.language ?? language;
      const from = file === '' ? cliWords[told].commandLine : path.relative(process.cwd(), file) || file;
      if (config) process.stdout.write(renderSummary(config, findings, from));
      else process.stderr.write(renderMistakes(findings, from, told));
      finish(config ? exitCodes.fine : exitCodes.mistakes);
    },
  );
}

/** Mistakes under a line that counts them. */
export function renderMistakes(findings: readonly Finding[], from: string, language: Language): string {
  const words = cliWords[language];
  const count = findings.filter((found) => found.severity === 'error').length;
  const heading = (count === 1 ? words.oneMistake : words.mistakes).replace('{count}', String(count));
  return `${heading.replace('{from}', () => from)}\n\n${renderFindings(findings, language)}`;
}

function renderSummary(config: Config, warnings: readonly Finding[], from: string): string {
  const words = cliWords[config.language];
  const heading = [words.tableSite, words.tableAnswers, words.tableCertificate, words.tableClients];
  const rows = config.sites.map((site) => [
    site.name + (site.name === config.defaultSite ? ` (${words.isDefault})` : ''),
    answers(site),
    site.certificates.length === 0 ? words.localCa : site.certificates.map(({ certFile }) => certFile).join(', '),
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

function answers(site: SiteConfig): string {
  const apps = site.upstreams.map(({ label }) => label).join(', ');
  if (!site.root) return apps;
  return apps === '' ? site.root.folder : `${site.root.folder} → ${apps}`;
}
