import { Command, CommanderError } from 'commander';
import { languageOf } from '../config/language.ts';
import type { Language } from '../story/catalog.ts';
import type { Finding } from '../story/finding.ts';
import { registerCerts } from './commands/certs.ts';
import { registerCheck } from './commands/check.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDns } from './commands/dns.ts';
import { registerServe } from './commands/serve.ts';
import { registerTrace } from './commands/trace.ts';
import { registerTrust } from './commands/trust.ts';
import { registerUntrust } from './commands/untrust.ts';
import { registerUpgrade } from './commands/upgrade.ts';
import { registerVerify } from './commands/verify.ts';
import { VERSION } from '../version.ts';
import { exitCodes } from './exit-codes.ts';
import { cliWords } from './words.ts';

/**
 * The command line. Commands load what they need when they run, so that help and version stay quick.
 * `argv` is without node and script; returns the exit code (see `exitCodes`).
 */
export async function main(argv: readonly string[]): Promise<number> {
  const language = languageOfArguments(argv);
  let code: number = exitCodes.fine;
  // Laying out the options of all the others takes longer than reading those of one.
  const [first = ''] = argv;
  const only = Object.hasOwn(commands, first) ? first : undefined;
  const program = createProgram(language, (exit) => (code = exit), only);
  if (argv.length === 0) {
    process.stderr.write(program.helpInformation());
    return exitCodes.usage;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.fine;
    const { renderFindings } = await import('./report.ts');
    const usage = error instanceof CommanderError;
    const found = usage ? await explainUsage(error, argv) : await explainFailure(error);
    process.stderr.write(renderFindings(found, language));
    if (!usage && process.env.MENSHEN_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return usage ? exitCodes.usage : exitCodes.mistakes;
  }
}

/** In the order of the help. */
const commands = {
  serve: registerServe,
  check: registerCheck,
  certs: registerCerts,
  upgrade: registerUpgrade,
  trust: registerTrust,
  untrust: registerUntrust,
  verify: registerVerify,
  trace: registerTrace,
  dns: registerDns,
  demo: registerDemo,
};

/** The commands with their options and words, or the one named `only`; `finish` is told the exit code. */
export function createProgram(language: Language, finish: (code: number) => void, only?: string): Command {
  const words = cliWords[language];
  const titles: Readonly<Record<string, string>> = {
    'Usage:': words.usage,
    'Options:': words.options,
    'Commands:': words.commands,
    'Arguments:': words.arguments,
  };
  const program = new Command('menshen')
    .description(words.description)
    .version(VERSION, '-V, --version', words.version)
    .helpOption('-h, --help', words.help)
    .helpCommand(false)
    .option('--lang <LANG>', words.lang)
    .enablePositionalOptions()
    .configureHelp({ styleTitle: (title) => titles[title] ?? title })
    // Mistakes are told by `main`, in the person's language.
    .configureOutput({ writeErr: () => {} })
    .exitOverride()
    .addHelpText(
      'after',
      `\n${words.examples}\n  menshen serve app.localhost=3000 api.localhost=unix:/run/api.sock\n  menshen check\n  menshen trace https://www.example.com/\n  menshen verify example.com`,
    );
  for (const [name, register] of Object.entries(commands))
    if (only === undefined || only === name) register(program, language, finish);
  return program;
}

/** The language of help and of mistakes in the command line itself: `--lang` where it names one, else the environment's. */
function languageOfArguments(argv: readonly string[]): Language {
  const at = argv.lastIndexOf('--lang');
  const named = at >= 0 ? argv[at + 1] : argv.findLast((word) => word.startsWith('--lang='))?.slice(7);
  return named === 'en' || named === 'zh' ? named : languageOf(process.env);
}

async function explainUsage(error: CommanderError, argv: readonly string[]): Promise<Finding[]> {
  const { finding } = await import('../story/finding.ts');
  // commander says `error: unknown option '--prot'` and, on the next line, `(Did you mean --port?)`.
  const name = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const suggestion = /\(Did you mean (?:one of )?(.+?)\?\)/.exec(error.message)?.[1];
  const command = ['menshen', ...argv.slice(0, 1).filter((word) => /^[a-z]+$/.test(word))].join(' ');
  switch (error.code) {
    case 'commander.unknownCommand':
      if (suggestion === undefined) return [finding('cli-unknown-command', { name })];
      return [finding('cli-unknown-command-near', { name, suggestion })];
    case 'commander.unknownOption':
      if (suggestion === undefined) return [finding('cli-unknown-option', { name, command })];
      return [finding('cli-unknown-option-near', { name, suggestion })];
    case 'commander.optionMissingArgument':
      return [finding('cli-option-value', { name, command })];
    default:
      return [finding('cli-usage', { reason: error.message.replace(/^error: /, ''), command })];
  }
}

async function explainFailure(error: unknown): Promise<Finding[]> {
  const [{ finding }, { FindingError }] = await Promise.all([
    import('../story/finding.ts'),
    import('../story/finding-error.ts'),
  ]);
  if (error instanceof FindingError) return [error.finding];
  return [finding('cli-failed', { reason: error instanceof Error ? error.message : String(error) })];
}
