import { writeFile } from 'node:fs/promises';
import type { Language } from '../../story/catalog.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding } from '../../story/finding.ts';
import { decisiveFinding } from '../../story/stages.ts';
import { trace, type TraceResult } from '../../trace/trace.ts';
import { wantsColour } from '../render/paint.ts';
import { Progress, type ProgressOutput } from '../render/progress.ts';
import { tracePageWords } from '../render/trace-page-words.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderFindings } from '../report.ts';
import { traceExitCode } from './trace-exit.ts';
import { prepareTrace, type PreparedTrace } from './trace-options.ts';
import type { TraceFlags } from './trace.ts';

/** What the command takes of its process. */
export interface TraceSurroundings {
  readonly stdout: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  readonly stderr: ProgressOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What is printed into a pipe, where no terminal tells its width. */
const PIPE_COLUMNS = 100;

/** Runs `menshen trace` and gives the exit code. Throws a FindingError for what cannot be used. */
export async function runTrace(
  named: string,
  flags: TraceFlags,
  language: Language,
  { stdout, stderr, env }: TraceSurroundings,
): Promise<number> {
  let prepared: PreparedTrace;
  try {
    prepared = await prepareTrace(named, flags, env);
  } catch (error) {
    // What was typed cannot be meant; a file that cannot be read is another matter.
    if (!(error instanceof FindingError) || !error.finding.code.endsWith('-unclear')) throw error;
    stderr.write(renderFindings([error.finding], language));
    return exitCodes.usage;
  }
  const { options, keepNames } = prepared;
  const progress = new Progress(stderr, tracePageWords[language]);
  const result = await trace(options, (stage) => progress.show(stage));
  progress.clear();
  await keepNames();
  const code = traceExitCode(decisiveFinding(result.story));
  await writeOutputs(result, flags, language, code);
  if (flags.json === true) {
    const { traceJson } = await import('../render/trace-json.ts');
    stdout.write(traceJson(result.story, code, language));
  } else {
    const { renderTrace } = await import('../render/trace-text.ts');
    const width = stdout.columns ?? PIPE_COLUMNS;
    const colour = wantsColour(stdout.isTTY === true, env);
    stdout.write(renderTrace(result.story, { width, colour, language, verbose: flags.verbose === true }));
  }
  return code;
}

async function writeOutputs(result: TraceResult, flags: TraceFlags, language: Language, code: number): Promise<void> {
  const { har, html, pcapng, keylog } = flags;
  if (har !== undefined) {
    const { traceHar } = await import('../render/trace-har.ts');
    await write(har, traceHar(result, flags.showSecrets === true));
  }
  if (html !== undefined) {
    const { traceHtml } = await import('../render/trace-html.ts');
    await write(html, traceHtml(result.story, code, language));
  }
  if (pcapng !== undefined) {
    const { tracePcapng } = await import('../../trace/packets/write-pcapng.ts');
    await write(pcapng, tracePcapng(result), 0o600);
  }
  if (keylog !== undefined) await write(keylog, result.keyLog.map((line) => `${line}\n`).join(''), 0o600);
}

async function write(file: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  try {
    await writeFile(file, content, { mode });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? '';
    throw new FindingError(finding('trace-file-unwritable', { file, reason }), error);
  }
}
