import type { Command } from 'commander';
import type { Language } from '../../story/catalog.ts';
import { trustWords } from './trust-words.ts';
import { addTrustOptions, type TrustFlags } from './trust.ts';

/** `menshen untrust`: exit 0 when the root is trusted nowhere any more, 1 when it could not be taken out of a place. */
export function registerUntrust(program: Command, language: Language, finish: (code: number) => void): void {
  addTrustOptions(program.command('untrust').description(trustWords[language].untrust), language).action(
    async (flags: TrustFlags) => {
      const { runUntrust, thisTerminal } = await import('../trust-dialogue.ts');
      finish(await runUntrust(await thisTerminal(flags, language)));
    },
  );
}
