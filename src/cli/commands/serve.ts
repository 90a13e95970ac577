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
      const [{ serve }, { createGateway }] = await Promise.all([
        import('../serving.ts'),
        import('../../gateway/gateway.ts'),
      ]);
      finish(
        await serve({ ...flags, sites }, watch, language, {
          createGateway,
          folder: process.cwd(),
          signals: process,
          exit: (code) => process.exit(code),
          writeError: (text) => process.stderr.write(text),
        }),
      );
    });
}
