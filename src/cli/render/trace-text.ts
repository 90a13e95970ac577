/** A trace as text for a terminal or a pipe: verdict, waterfall, stages, findings. */
import type { Language } from '../../story/catalog.ts';
import { tellFinding, type Finding } from '../../story/finding.ts';
import type { Stage, Story } from '../../story/observation.ts';
import { decisiveFinding, findingsOf } from '../../story/stages.ts';
import { phasesOf } from '../../story/stages-phases.ts';
import { widthOf } from '../report.ts';
import { fit, wrap } from './fit.ts';
import { renderLadder, type LadderOptions } from './ladder.ts';
import { createPaint } from './paint.ts';
import { safeText } from './safe-text.ts';
import { tracePageWords } from './trace-page-words.ts';
import { renderWaterfall } from './waterfall.ts';

export interface TraceTextOptions {
  readonly width: number;
  readonly colour: boolean;
  readonly language: Language;
  readonly verbose: boolean;
}

const FILES_SHOWN = 40;
/** Findings that say that a check passed: they stand in their stage, not among what is to be mended. */
export const isPassed = ({ code, severity }: Finding): boolean =>
  severity === 'info' && /^(?:check-|openssl-|tls-)/.test(code);

/** Of what passed: it is right, and not only to be known. */
export const isGood = ({ code }: Finding): boolean =>
  !/absent|unacknowledged|refused|rejected|capped|without|unsigned|unknown|unreadable|incomplete|asked|nowhere|retry/.test(
    code,
  );

/** One of the many cryptographic checks that hold: how many do is enough, unless everything is to be shown. */
const isProof = ({ code }: Finding): boolean => /^tls-check-[a-z-]+-right$/.test(code);

export function renderTrace(story: Story, { width, colour, language, verbose }: TraceTextOptions): string {
  const paint = createPaint(colour);
  const words = tracePageWords[language];
  const options: LadderOptions = { width, paint, language, words, verbose };
  const out = [headline(story, options), ''];
  out.push(`${paint.bold(words.waterfall)}  ${paint.dim(`${story.endMs.toFixed(1)} ms`)}`);
  out.push(...renderWaterfall(story, { width, paint, words, files: verbose ? Infinity : FILES_SHOWN }), '');
  const chapters = phasesOf(story);
  const main = chapters.filter(({ kind }) => kind !== 'resource');
  for (const { chapter, kind, method, url } of main) {
    if (main.length > 1) out.push(paint.bold(fit(safeText(`━━ ${words.chapters[kind]}: ${method} ${url}`), width)), '');
    for (const stage of story.stages) if (stage.chapter === chapter) out.push(...renderStage(stage, options));
  }
  if (verbose)
    for (const { chapter, kind, url } of chapters) {
      if (kind !== 'resource') continue;
      out.push(paint.bold(fit(safeText(`━━ ${words.chapters.resource}: ${url}`), width)), '');
      for (const stage of story.stages) if (stage.chapter === chapter) out.push(...renderStage(stage, options));
    }
  out.push(...renderFindings(story, options));
  const marked = story.stages.some(({ observations }) => observations.some(({ known }) => known !== 'seen'));
  if (marked) out.push('', paint.dim(words.legend));
  return `${out.join('\n')}\n`;
}

/** The verdict in one line. */
function headline(story: Story, { paint, words, language, width }: LadderOptions): string {
  const decisive = decisiveFinding(story);
  const last = phasesOf(story).findLast(
    ({ kind, status }) => (kind === 'request' || kind === 'redirect') && status !== undefined,
  );
  const response = story.stages
    .filter(({ name, chapter }) => name === 'http' && chapter === last?.chapter)
    .flatMap(({ observations }) => observations)
    .find(({ label }) => label === 'http.response');
  const url = safeText(story.url);
  if (decisive !== undefined) {
    const { cause } = tellFinding(decisive, language);
    const [first = '', ...rest] = wrap(`✗ ${url}: ${safeText(cause)}`, width - 2);
    return paint.bold(paint.red([first, ...rest.map((line) => `  ${line}`)].join('\n')));
  }
  const facts: string[] = [];
  if (response !== undefined) {
    const { protocol, status, meaning } = response.values;
    facts.push(`${status} ${meaning}`, String(protocol));
  }
  const agreed = story.stages
    .flatMap(({ observations }) => observations)
    .findLast(({ label }) => label === 'tls.agreed');
  if (agreed !== undefined) facts.push(String(agreed.values['version']));
  facts.push(words.octetsTotal.replace('{count}', String(last?.bytes ?? 0)), `${story.endMs.toFixed(0)} ms`);
  const [first = '', ...rest] = wrap(`${url}: ${facts.join(' · ')}`, width - 4);
  return paint.bold([`${paint.green('✓')} ${first}`, ...rest.map((line) => `  ${line}`)].join('\n'));
}

function renderStage(stage: Stage, options: LadderOptions): string[] {
  const { paint, words, language, width } = options;
  const { name, title, startMs, endMs, connection, findings } = stage;
  const lasting = `${(endMs - startMs).toFixed(1)} ms`;
  const number = connection > 1 ? `, ${words.connection} ${connection}` : '';
  const room = width - widthOf(words.stages[name]) - widthOf(lasting) - widthOf(number) - 4;
  const lines = [
    `${paint.bold(words.stages[name])}  ${fit(safeText(title), Math.max(10, room))}  ${paint.dim(`${lasting}${number}`)}`,
  ];
  lines.push(...renderLadder(stage, options));
  const proofs = options.verbose ? [] : findings.filter(isProof);
  for (const found of findings)
    if (isPassed(found) && !proofs.includes(found))
      lines.push(...renderPassed(tellFinding(found, language).cause, width, paint.green('✓')));
  if (proofs.length > 0)
    lines.push(...renderPassed(words.proofs.replace('{count}', String(proofs.length)), width, paint.green('✓')));
  for (const found of findings)
    if (found.severity === 'error')
      lines.push(...renderPassed(tellFinding(found, language).cause, width, paint.red('✗')));
  lines.push('');
  return lines;
}

function renderPassed(cause: string, width: number, sign: string): string[] {
  return wrap(safeText(cause), width - 14).map((line, index) => `${' '.repeat(11)}${index === 0 ? sign : ' '} ${line}`);
}

/** What is to be mended, the worst first; each thing once. */
function renderFindings(story: Story, { paint, words, language, width }: LadderOptions): string[] {
  const order = { error: 0, warning: 1, info: 2 } as const;
  const told = findingsOf(story)
    .filter((found) => !isPassed(found))
    .toSorted((a, b) => order[a.severity] - order[b.severity]);
  if (told.length === 0) return [paint.green(words.noFindings)];
  const lines = [paint.bold(words.findings)];
  const seen = new Set<string>();
  for (const found of told) {
    const { cause, mend } = tellFinding(found, language);
    if (seen.has(cause)) continue;
    seen.add(cause);
    const sign = { error: paint.red('✗'), warning: paint.yellow('!'), info: paint.dim('·') }[found.severity];
    const [first = '', ...rest] = wrap(safeText(cause), width - 4);
    lines.push(`  ${sign} ${first}`, ...rest.map((line) => `    ${line}`));
    if (mend !== '') {
      const [begin = '', ...more] = wrap(safeText(mend), width - 6);
      lines.push(`    ${paint.dim('→')} ${begin}`, ...more.map((line) => `      ${line}`));
    }
  }
  return lines;
}
