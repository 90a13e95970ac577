import type { Command } from 'commander';
import type { Language } from '../../story/catalog.ts';
import type { DemoFlags } from '../demo/run.ts';
import { demoWords } from '../demo/words.ts';
import { cliWords } from '../words.ts';

/** `menshen demo`: a page and two apps over HTTPS until Ctrl-C. */
export function registerDemo(program: Command, language: Language, finish: (code: number) => void): void {
  const words = demoWords[language];
  program
    .command('demo')
    .description(words.description)
    .option('--state <DIR>', cliWords[language].state)
    .option('--https-port <N>', words.httpsPort)
    .option('--http-port <N>', words.httpPort)
    .option('--log <FORMAT>', words.log)
    .option('--lang <LANG>', cliWords[language].lang)
    .action(async (_: unknown, command: Command) => {
      const [{ runDemo }, { createGateway }] = await Promise.all([
        import('../demo/run.ts'),
        import('../../gateway/gateway.ts'),
      ]);
      const code = await runDemo(command.optsWithGlobals<DemoFlags>(), language, {
        createGateway,
        folder: process.cwd(),
        signals: process,
        exit: (status) => process.exit(status),
        writeError: (text) => process.stderr.write(text),
        writeOutput: (text) => process.stdout.write(text),
      });
      finish(code);
    });
}
