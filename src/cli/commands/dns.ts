import { Option, type Command } from 'commander';
import type { Language } from '../../story/catalog.ts';
import { dnsWords } from './dns-words.ts';

/** The flags of `dns`, as commander hands them over. */
export interface DnsFlags {
  readonly iterative?: boolean;
  readonly server?: string;
  readonly all?: boolean;
  readonly tcp?: boolean;
  readonly cache: boolean;
  readonly json?: boolean;
  readonly lang?: Language;
}

/** `menshen dns`: exit 0 where the record was found, and one code a cause where it was not. */
export function registerDns(program: Command, language: Language, finish: (code: number) => void): void {
  const words = dnsWords[language];
  program
    .command('dns')
    .description(words.describe)
    .argument('<NAME>', words.name)
    .argument('[TYPE]', words.type)
    .addOption(new Option('--iterative', words.iterative).conflicts(['server', 'tcp']))
    .option('--server <ADDRESS>', words.server)
    .option('--all', words.all)
    .option('--tcp', words.tcp)
    .option('--no-cache', words.noCache)
    .option('--json', words.json)
    .addOption(new Option('--lang <LANG>', words.lang).choices(['en', 'zh']))
    .action(async (name: string, type: string | undefined, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<DnsFlags>();
      const { runDns } = await import('./dns-run.ts');
      const { code, text } = await runDns(name, type, flags, flags.lang ?? language, process.env);
      process.stdout.write(text);
      finish(code);
    });
}
