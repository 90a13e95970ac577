import type { Command } from 'commander';
import type { Language } from '../../story/catalog.ts';
import { cliWords } from '../words.ts';
import type { CertsCommand } from './certs-run.ts';
import { certsWords } from './certs-words.ts';

interface CertsFlags {
  readonly config?: string;
  readonly state?: string;
  readonly json?: boolean;
  readonly reason?: string;
  readonly out?: string;
}

/** `menshen certs` and what can be done with one: exit 0 where it was done, 1 where something has to be mended. */
export function registerCerts(program: Command, language: Language, finish: (code: number) => void): void {
  const words = certsWords[language];
  const run = async (what: CertsCommand, command: Command): Promise<void> => {
    const { config, state, json } = command.optsWithGlobals<CertsFlags>();
    const { runCerts } = await import('./certs-run.ts');
    const place = { ...(config !== undefined && { config }), ...(state !== undefined && { state }) };
    const { code, text, errors } = await runCerts(what, { ...place, json: json === true }, language, process.cwd());
    process.stdout.write(text);
    process.stderr.write(errors);
    finish(code);
  };
  const certs = program
    .command('certs')
    .description(words.certs)
    .option('--config <FILE>', cliWords[language].config)
    .option('--state <DIR>', cliWords[language].state)
    .option('--json', words.json)
    .option('--lang <LANG>', cliWords[language].lang)
    .enablePositionalOptions()
    .action((_: unknown, command: Command) => run({ kind: 'list' }, command));
  const sub = (name: string, description: string): Command =>
    certs
      .command(name)
      .description(description)
      .option('--config <FILE>', cliWords[language].config)
      .option('--state <DIR>', cliWords[language].state)
      .option('--lang <LANG>', cliWords[language].lang);
  sub('renew', words.renew)
    .argument('<NAME>', words.name)
    .action((name: string, _: unknown, command: Command) => run({ kind: 'renew', name }, command));
  sub('revoke', words.revoke)
    .argument('<NAME>', words.name)
    .option('--reason <REASON>', words.reason, 'unspecified')
    .action((name: string, { reason = '' }: CertsFlags, command: Command) =>
      run({ kind: 'revoke', name, reason }, command),
    );
  sub('import', words.import)
    .argument('<PATH>', words.path)
    .argument('[KEY]', words.key)
    .action((path: string, key: string | undefined, _: unknown, command: Command) =>
      run({ kind: 'import', path, key: key ?? '' }, command),
    );
  sub('export', words.export)
    .argument('<NAME>', words.name)
    .option('--out <DIR>', words.out, '.')
    .action((name: string, { out = '.' }: CertsFlags, command: Command) => run({ kind: 'export', name, out }, command));
}
