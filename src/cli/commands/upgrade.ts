import type { Command } from 'commander';
import type { Language } from '../../story/catalog.ts';
import { exitCodes } from '../exit-codes.ts';
import { cliWords } from '../words.ts';
import { addConfigOptions, type ConfigOptions } from './config-options.ts';

/** `menshen upgrade`: asks the supervisor of this configuration's state folder for new workers, and waits for its word. */
export function registerUpgrade(program: Command, language: Language, finish: (code: number) => void): void {
  addConfigOptions(program.command('upgrade').description(cliWords[language].upgrade), language).action(
    async (sites: string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ConfigOptions>();
      const [{ resolveConfig }, { defaultStateFolder }, { requestUpgrade }, { renderFindings }, os] = await Promise.all(
        [
          import('../../config/resolve.ts'),
          import('../../config/files.ts'),
          import('../../gateway/workers/request-upgrade.ts'),
          import('../report.ts'),
          import('node:os'),
        ],
      );
      // A configuration that is broken by now says nothing against new workers for the one that is served.
      const { config } = await resolveConfig({ ...options, sites }, process.cwd());
      const folder =
        config?.stateFolder ?? options.state ?? defaultStateFolder(process.env, process.getuid?.() === 0, os.homedir());
      const told = config?.language ?? language;
      const result = await requestUpgrade(folder);
      if (!result.ok) {
        process.stderr.write('finding' in result ? renderFindings([result.finding], told) : `✗ ${result.reason}\n`);
        finish(exitCodes.mistakes);
        return;
      }
      const { count, version, pid } = result;
      const values: Readonly<Record<string, string | number>> = { count, version, pid };
      const line = cliWords[told].upgraded.replace(/\{(\w+)\}/g, (whole, name: string) =>
        String(values[name] ?? whole),
      );
      process.stdout.write(`${line}\n`);
      finish(exitCodes.fine);
    },
  );
}
