import type { Command } from 'commander';
import type { ConfigFlags } from '../../config/flags.ts';
import type { Language } from '../../story/catalog.ts';
import { cliWords } from '../words.ts';

/** The flags that `serve` and `check` share, as commander hands them over. */
export type ConfigOptions = Omit<ConfigFlags, 'sites'>;

/** Adds the sites and the flags to a command; their values are judged by the schema, not here. */
export function addConfigOptions(command: Command, language: Language): Command {
  const words = cliWords[language];
  const gather = (value: string, before: readonly string[] | undefined) => [...(before ?? []), value];
  return command
    .argument('[name=target...]', words.site)
    .option('--config <FILE>', words.config)
    .option('--https-port <N>', words.httpsPort)
    .option('--http-port <N>', words.httpPort)
    .option('--host <ADDR>', words.host, gather)
    .option('--state <DIR>', words.state)
    .option('--workers <N>', words.workers)
    .option('--log <FORMAT>', words.log)
    .option('--lang <LANG>', words.lang)
    .option('--admin-port <N>', words.adminPort);
}
