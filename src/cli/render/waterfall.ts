/** The waterfall: a bar for each phase of a request, one row a phase; files of a page have one row each. */
import type { Story } from '../../story/observation.ts';
import { phasesOf, type ChapterPhases, type Phase, type PhaseKind } from '../../story/stages-phases.ts';
import { widthOf } from '../report.ts';
import { fit, padTo } from './fit.ts';
import type { Paint } from './paint.ts';
import { safeText } from './safe-text.ts';
import type { TracePageWords } from './trace-page-words.ts';

export interface WaterfallOptions {
  readonly width: number;
  readonly paint: Paint;
  readonly words: TracePageWords;
  /** Files of a page that are shown one by one. */
  readonly files: number;
}

const colours: Readonly<Record<PhaseKind, keyof Paint>> = {
  name: 'cyan',
  tcp: 'blue',
  tls: 'magenta',
  certificate: 'magenta',
  request: 'green',
  wait: 'yellow',
  content: 'green',
  close: 'dim',
};

/** Eighths of a cell, so that short phases keep their proportion. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

export function renderWaterfall(story: Story, options: WaterfallOptions): string[] {
  const { words, paint, width } = options;
  const chapters = phasesOf(story);
  const own = chapters.filter(({ kind }) => kind !== 'resource');
  const files = chapters.filter(({ kind }) => kind === 'resource');
  const labelWidth = Math.max(...Object.values(words.phases).map(widthOf));
  const lines: string[] = [];
  const span = spanOf(own);
  for (const chapter of own) {
    if (own.length > 1)
      lines.push(
        `  ${paint.bold(fit(safeText(`${words.chapters[chapter.kind]}: ${chapter.method} ${chapter.url}`), width - 4))}`,
      );

    for (const phase of chapter.phases) {
      const label = padTo(words.phases[phase.kind], labelWidth);
      const room = Math.max(10, width - labelWidth - 18);
      lines.push(`  ${label} ${bar(phase, span, room, paint)} ${timeOf(phase)}`);
    }
  }
  if (files.length > 0) lines.push(...renderFiles(files, options));
  return lines;
}

const timeOf = ({ startMs, endMs }: Phase): string => `${(endMs - startMs).toFixed(1)} ms`.padStart(11);

function renderFiles(
  files: readonly ChapterPhases[],
  { width, paint, words, files: most }: WaterfallOptions,
): string[] {
  const span = spanOf(files);
  const nameWidth = Math.max(16, Math.min(44, Math.floor(width * 0.4)));
  const room = Math.max(10, width - nameWidth - 26);
  const lines = [`  ${paint.bold(words.files)}`];
  for (const file of files.slice(0, most)) {
    const { pathname, host } = new URL(file.url);
    const name = padTo(fit(safeText(`${host}${pathname}`), nameWidth), nameWidth);
    const status = String(file.status ?? '—').padStart(3);
    const first = file.phases[0];
    const last = file.phases.at(-1);
    const whole = first && last ? timeOf({ ...first, endMs: last.endMs }) : ''.padStart(11);
    const mark = file.reused ? ' ' : '+';
    lines.push(
      `  ${name} ${file.failed ? paint.red(status) : status} ${mark}${file.connection} ${bars(file.phases, span, room, paint)} ${whole}`,
    );
  }
  if (files.length > most) lines.push(`  … ${words.more.replace('{count}', String(files.length - most))}`);
  return lines;
}

function spanOf(chapters: readonly ChapterPhases[]): readonly [number, number] {
  const phases = chapters.flatMap((chapter) => chapter.phases);
  const start = Math.min(...phases.map(({ startMs }) => startMs));
  return [start, Math.max(start + 0.1, ...phases.map(({ endMs }) => endMs))];
}

function bar(phase: Phase, span: readonly [number, number], room: number, paint: Paint): string {
  const { lead, blocks } = cellsOf(phase, span, room);
  const rest = room - lead - widthOf(blocks);
  return `${' '.repeat(lead)}${paint[colours[phase.kind]](blocks)}${' '.repeat(Math.max(0, rest))}`;
}

function cellsOf(
  { startMs, endMs }: Phase,
  [from, to]: readonly [number, number],
  room: number,
): { lead: number; blocks: string } {
  const scale = room / (to - from);
  const lead = Math.min(room - 1, Math.floor((startMs - from) * scale));
  const eighths = Math.max(1, Math.min((room - lead) * 8, Math.round((endMs - startMs) * scale * 8)));
  return { lead, blocks: '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]! };
}

/** Several phases in one row. */
function bars(phases: readonly Phase[], span: readonly [number, number], room: number, paint: Paint): string {
  let text = '';
  let at = 0;
  for (const phase of phases) {
    const { lead, blocks } = cellsOf(phase, span, room);
    const cells = widthOf(blocks);
    if (at + cells > room || lead + cells <= at) continue;
    const gap = Math.max(0, lead - at);
    text += ' '.repeat(gap) + paint[colours[phase.kind]](blocks);
    at += gap + cells;
  }
  return text + ' '.repeat(Math.max(0, room - at));
}
