import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Language } from '../../story/catalog.ts';
import { traceWords } from './trace-words.ts';

/** The flags of `trace`, as commander hands them over. */
export interface TraceFlags {
  readonly page?: boolean;
  readonly repeat?: boolean;
  readonly json?: boolean;
  readonly har?: string;
  readonly html?: string;
  readonly pcapng?: string;
  readonly keylog?: string;
  readonly verbose?: boolean;
  readonly resolve?: readonly string[];
  readonly connect?: string;
  readonly cacert?: readonly string[];
  readonly insecure?: boolean;
  readonly cert?: string;
  readonly key?: string;
  readonly password?: string;
  /** Commander makes `tls1.2` of `--tls1.2`. */
  readonly 'tls1.2'?: boolean;
  readonly 'tls1.3'?: boolean;
  readonly 'http1.1'?: boolean;
  readonly http2?: boolean;
  readonly header?: readonly string[];
  readonly method?: string;
  readonly data?: string;
  readonly follow: boolean;
  /** True where it was asked for, false for `--no-packets`, undefined for neither. */
  readonly packets?: boolean;
  readonly maxTime: number;
  readonly fail?: boolean;
  readonly iterative?: boolean;
  readonly server?: string;
  readonly revocation: 'off' | 'soft' | 'hard';
  readonly fetch: boolean;
  readonly cache: boolean;
  readonly showSecrets?: boolean;
  readonly lang?: Language;
}

const DEFAULT_MAX_TIME_S = 60;
const LONGEST_S = 3_600;

/** `menshen trace`: exit 0 when all went well, and one code a cause when it did not (see docs/trace.md). */
export function registerTrace(program: Command, language: Language, finish: (code: number) => void): void {
  const words = traceWords[language];
  const collect = (value: string, before: readonly string[] | undefined): string[] => [...(before ?? []), value];
  program
    .command('trace')
    .description(words.describe)
    .argument('<URL>', words.url)
    .option('--page', words.page)
    .option('--repeat', words.repeat)
    .option('-v, --verbose', words.verbose)
    .option('--json', words.json)
    .option('--har <FILE>', words.har)
    .option('--html <FILE>', words.html)
    .option('--pcapng <FILE>', words.pcapng)
    .option('--keylog <FILE>', words.keylog)
    .option('--resolve <HOST:PORT:ADDR>', words.resolve, collect)
    .option('--connect <ADDR>', words.connect)
    .option('--cacert <FILE>', words.cacert, collect)
    .option('-k, --insecure', words.insecure)
    .option('--cert <FILE>', words.cert)
    .option('--key <FILE>', words.key)
    .option('--password <PASSWORD>', words.password)
    .option('--tls1.2', words.tls12)
    .option('--tls1.3', words.tls13)
    .option('--http1.1', words.http11)
    .option('--http2', words.http2)
    .option('-H, --header <FIELD>', words.header, collect)
    .option('-X, --method <METHOD>', words.method)
    .option('-d, --data <DATA>', words.data)
    .option('--no-follow', words.noFollow)
    .option('--packets', words.packets)
    .option('--no-packets', words.noPackets)
    .addOption(new Option('--max-time <SECONDS>', words.maxTime).argParser(readSeconds).default(DEFAULT_MAX_TIME_S))
    .option('--fail', words.fail)
    .option('--iterative', words.iterative)
    .option('--server <ADDR>', words.server)
    .addOption(new Option('--revocation <MODE>', words.revocation).choices(['off', 'soft', 'hard']).default('soft'))
    .option('--no-fetch', words.noFetch)
    .option('--no-cache', words.noCache)
    .option('--show-secrets', words.showSecrets)
    .addOption(new Option('--lang <LANG>', words.lang).choices(['en', 'zh']))
    .action(async (url: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<TraceFlags>();
      const [{ runTrace }, { spareAddressPattern }] = await Promise.all([
        import('./trace-run.ts'),
        import('../address-pattern.ts'),
      ]);
      spareAddressPattern();
      finish(await runTrace(url, flags, flags.lang ?? language, process));
    });
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= LONGEST_S)) throw new InvalidArgumentError(`0 < SECONDS <= ${LONGEST_S}`);
  return seconds;
}
