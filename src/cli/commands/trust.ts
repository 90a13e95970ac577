import { Option, type Command } from 'commander';
import type { Language } from '../../story/catalog.ts';
import { trustWords } from './trust-words.ts';

/** The flags that `trust` and `untrust` share, as commander hands them over. */
export interface TrustFlags {
  readonly state?: string;
  readonly yes?: boolean;
  readonly lang?: Language;
}

/** `menshen trust`: exit 0 when the root is trusted somewhere, 1 when it is trusted nowhere. */
export function registerTrust(program: Command, language: Language, finish: (code: number) => void): void {
  addTrustOptions(program.command('trust').description(trustWords[language].trust), language).action(
    async (flags: TrustFlags) => {
      const { runTrust, thisTerminal } = await import('../trust-dialogue.ts');
      finish(await runTrust(await thisTerminal(flags, language)));
    },
  );
}

/** Adds `--state`, `--yes` and `--lang`. */
export function addTrustOptions(command: Command, language: Language): Command {
  const words = trustWords[language];
  return command
    .option('--state <DIR>', words.state)
    .option('--yes', words.yes)
    .addOption(new Option('--lang <LANG>', words.lang).choices(['en', 'zh']));
}
