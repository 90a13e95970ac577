import path from 'node:path';
import type { Command } from 'commander';
import type { Language } from '../../story/catalog.ts';
import { exitCodes } from '../exit-codes.ts';
import { cliWords } from '../words.ts';
import { addConfigOptions, type ConfigOptions } from './config-options.ts';

/** `menshen check`: every mistake with its place and mend (exit 1), or a table of the sites (exit 0). */
export function registerCheck(program: Command, language: Language, finish: (code: number) => void): void {
  addConfigOptions(program.command('check').description(cliWords[language].check), language).action(
    async (sites: string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ConfigOptions>();
      const [{ resolveConfig }, { renderMistakes, renderSummary }] = await Promise.all([
        import('../../config/resolve.ts'),
        import('../check-report.ts'),
      ]);
      const { config, findings, file } = await resolveConfig({ ...options, sites }, process.cwd());
      const told = config?.language ?? language;
      const from = file === '' ? cliWords[told].commandLine : path.relative(process.cwd(), file) || file;
      if (config) process.stdout.write(renderSummary(config, findings, from));
      else process.stderr.write(renderMistakes(findings, from, told));
      finish(config ? exitCodes.fine : exitCodes.mistakes);
    },
  );
}
