import type { Command } from 'commander';
import type { Language } from '../../story/catalog.ts';
import { cliWords } from '../words.ts';
import { addConfigOptions, type ConfigOptions } from './config-options.ts';

export type { ServedGateway, ServeSurroundings } from '../serving.ts';

/** `menshen serve`: runs until a signal ends it. */
export function registerServe(program: Command, language: Language, finish: (code: number) => void): void {
  const words = cliWords[language];
  addConfigOptions(program.command('serve').description(words.serve), language)
    .option('--no-watch', words.noWatch)
    .action(async (sites: string[], _: unknown, command: Command) => {
      const { watch, ...flags } = command.optsWithGlobals<ConfigOptions & { watch: boolean }>();
      const { serve } = await import('../serving.ts');
      finish(
        await serve({ ...flags, sites }, watch, language, {
          // Loaded only once the configuration is in order.
          createGateway: async (config, parts) =>
            (await import('../../gateway/certificates/certified-gateway.ts')).createCertifiedGateway(config, parts),
          folder: process.cwd(),
          signals: process,
          exit: (code) => process.exit(code),
          writeError: (text) => process.stderr.write(text),
        }),
      );
    });
}
