import path from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import type { Language } from '../../story/catalog.ts';
import { exitCodes } from '../exit-codes.ts';
import { cliWords } from '../words.ts';
import { certsWords } from './certs-words.ts';
import { addConfigOptions, type ConfigOptions } from './config-options.ts';

/** `menshen check`: every mistake with its place and mend (exit 1), or a table of the sites (exit 0). */
export function registerCheck(program: Command, language: Language, finish: (code: number) => void): void {
  addConfigOptions(program.command('check').description(cliWords[language].check), language)
    .option('--live', certsWords[language].live)
    .action(async (sites: string[], _: unknown, command: Command) => {
      const { live, ...options } = command.optsWithGlobals<ConfigOptions & { live?: boolean }>();
      const [{ resolveConfig }, { renderMistakes, renderSummary }] = await Promise.all([
        import('../../config/resolve.ts'),
        import('../check-report.ts'),
      ]);
      const { config, findings, file } = await resolveConfig({ ...options, sites }, process.cwd());
      const told = config?.language ?? language;
      const from = file === '' ? cliWords[told].commandLine : path.relative(process.cwd(), file) || file;
      if (config) process.stdout.write(renderSummary(config, findings, from));
      else process.stderr.write(renderMistakes(findings, from, told));
      const isLive = config !== undefined && live === true;
      finish(config && (!isLive || (await lookOutside(config))) ? exitCodes.fine : exitCodes.mistakes);
    });
}

/** Prints what the world outside says; false where something of it has to be mended. */
async function lookOutside(config: Config): Promise<boolean> {
  const [{ checkLive }, { dnsWorldOf }, { openFolder }, { renderFindings }, { finding }] = await Promise.all([
    import('../../gateway/certificates/live-check.ts'),
    import('../../gateway/certificates/dns-world.ts'),
    import('../../store/folder.ts'),
    import('../report.ts'),
    import('../../story/finding.ts'),
  ]);
  const { issuance, stateFolder } = config;
  const world = dnsWorldOf(process.env);
  const findings =
    issuance === undefined
      ? [finding('live-nothing')]
      : await checkLive({
          config,
          issuance,
          folder: await openFolder(stateFolder),
          world,
          ports: portsOf(process.env),
        });
  process.stdout.write(`\n${renderFindings(findings, config.language)}`);
  return findings.every(({ severity }) => severity !== 'error');
}

/** For worlds of their own, as `MENSHEN_DNS_PORT` is: what the world outside takes for ports 80 and 443. */
function portsOf(environment: Readonly<Record<string, string | undefined>>): { http: number; https: number } {
  const [http = 80, https = 443] = (environment['MENSHEN_WORLD_PORTS'] ?? '80,443').split(',').map(Number);
  return { http, https };
}
