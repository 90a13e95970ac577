import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Language } from '../../story/catalog.ts';
import { verifyWords } from './verify-words.ts';

/** The flags of `verify`, as commander hands them over. */
export interface VerifyFlags {
  readonly name?: string;
  readonly trust?: readonly string[];
  readonly trustPassword?: string;
  readonly trustEverything?: boolean;
  readonly at?: string;
  readonly revocation: 'off' | 'soft' | 'hard';
  readonly crl?: readonly string[];
  readonly fetch: boolean;
  readonly cache: boolean;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly clientPassword?: string;
  readonly purpose: 'server' | 'client';
  readonly strict?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
  readonly lang?: Language;
}

const DEFAULT_TIMEOUT_S = 10;
const MAX_TIMEOUT_S = 3_600;

/** `menshen verify`: exit 0 when the certificate is to be trusted, and one code a cause when it is not. */
export function registerVerify(program: Command, language: Language, finish: (code: number) => void): void {
  const words = verifyWords[language];
  const collect = (value: string, before: readonly string[] | undefined): string[] => [...(before ?? []), value];
  program
    .command('verify')
    .description(words.describe)
    .argument('<TARGET>', words.target)
    .option('--name <NAME>', words.name)
    .option('--trust <STORE>', words.trust, collect)
    .option('--trust-password <PASSWORD>', words.trustPassword)
    .option('--trust-everything', words.trustEverything)
    .option('--at <TIME>', words.at)
    .addOption(new Option('--revocation <MODE>', words.revocation).choices(['off', 'soft', 'hard']).default('soft'))
    .option('--crl <FILE>', words.crl, collect)
    .option('--no-fetch', words.noFetch)
    .option('--no-cache', words.noCache)
    .option('--client-cert <FILE>', words.clientCert)
    .option('--client-key <FILE>', words.clientKey)
    .option('--client-password <PASSWORD>', words.clientPassword)
    .addOption(new Option('--purpose <PURPOSE>', words.purpose).choices(['server', 'client']).default('server'))
    .option('--strict', words.strict)
    .addOption(new Option('--timeout <SECONDS>', words.timeout).argParser(readSeconds).default(DEFAULT_TIMEOUT_S))
    .option('--json', words.json)
    .addOption(new Option('--lang <LANG>', words.lang).choices(['en', 'zh']))
    .action(async (target: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<VerifyFlags>();
      const [{ runVerify }, { spareAddressPattern }] = await Promise.all([
        import('../verify-run.ts'),
        import('../address-pattern.ts'),
      ]);
      spareAddressPattern();
      const { code, text } = await runVerify(target, flags, flags.lang ?? language);
      process.stdout.write(text);
      finish(code);
    });
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT_S)) throw new InvalidArgumentError(`0 < SECONDS <= ${MAX_TIMEOUT_S}`);
  return seconds;
}
