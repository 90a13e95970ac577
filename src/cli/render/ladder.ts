/** A stage as a ladder: what went from the client to the server and back, with its time, one rung an observation. */
import type { Language } from '../../story/catalog.ts';
import type { Detail, Observation, Stage } from '../../story/observation.ts';
import { labels, notes } from '../../story/words/index.ts';
import { tellWord } from '../../story/words/word.ts';
import { widthOf } from '../report.ts';
import { compactPackets } from './compact-packets.ts';
import { fit } from './fit.ts';
import type { Paint } from './paint.ts';
import { safeText } from './safe-text.ts';
import type { TracePageWords } from './trace-page-words.ts';

export interface LadderOptions {
  readonly width: number;
  readonly paint: Paint;
  readonly language: Language;
  readonly words: TracePageWords;
  /** Every field with its octets. */
  readonly verbose: boolean;
}

/** Octets of one message that are printed; the outputs for machines have all of them. */
const MOST_OCTETS = 4_096;
const TIME_CELLS = 10;
const NARROWEST = 24;
const WIDEST = 92;

/** One rung, or several that are alike. */
interface Rung {
  readonly observation: Observation;
  readonly count: number;
  readonly bytes: number;
}

export function renderLadder(stage: Stage, options: LadderOptions): string[] {
  const { width, paint, words } = options;
  const room = Math.max(NARROWEST, Math.min(WIDEST, width - TIME_CELLS - 5));
  const lines: string[] = [];
  const peers = new Set(stage.observations.map(({ peer }) => peer));
  let peer: string | undefined = '';
  const observations = options.verbose ? stage.observations : compactPackets(stage.observations);
  for (const rung of gather(observations, options.verbose)) {
    const { observation } = rung;
    if (peers.size > 1 && observation.peer !== peer && observation.peer !== undefined) {
      peer = observation.peer;
      const end = safeText(peer);
      lines.push(
        `${' '.repeat(TIME_CELLS)} ${paint.dim(`${words.client}${' '.repeat(Math.max(1, room - widthOf(words.client) - widthOf(end) + 2))}${end}`)}`,
      );
    }
    lines.push(...renderRung(rung, room, options), ...renderDetails(observation, options));
  }
  return lines;
}

/** The same frame again and again is one rung, unless everything is to be shown. */
function gather(observations: readonly Observation[], verbose: boolean): Rung[] {
  const rungs: Rung[] = [];
  for (const observation of observations) {
    // Sent for old boxes on the way only.
    if (!verbose && observation.label === 'tls.ccs-compatibility') continue;
    const last = rungs.at(-1);
    const bytes = Number(observation.values['length'] ?? 0);
    // Two questions, A and AAAA, with one answer.
    if (!verbose && last !== undefined && isSameAnswer(last.observation, observation)) continue;
    if (!verbose && last !== undefined && isSameFrame(last.observation, observation)) {
      rungs[rungs.length - 1] = { observation: last.observation, count: last.count + 1, bytes: last.bytes + bytes };
    } else rungs.push({ observation, count: 1, bytes });
  }
  return rungs;
}

const isSameAnswer = (a: Observation, b: Observation): boolean =>
  a.label === 'name.localhost' && b.label === a.label && b.values['host'] === a.values['host'];

const isSameFrame = (a: Observation, b: Observation): boolean =>
  a.label === b.label &&
  a.label === 'http.frame' &&
  a.direction === b.direction &&
  a.values['type'] === b.values['type'] &&
  a.values['stream'] === b.values['stream'] &&
  a.values['flags'] === b.values['flags'];

/** How it is known, where that is not by sight. */
const marks: Readonly<Record<Observation['known'], string>> = { seen: '', kernel: ' ^', inferred: ' ~' };

function observationText({ label, values }: Observation, language: Language): string {
  return tellWord(labels[label], language, values);
}

function renderRung(
  { observation, count, bytes }: Rung,
  room: number,
  { paint, language, words }: LadderOptions,
): string[] {
  const time = observation.atMs.toFixed(1).padStart(TIME_CELLS - 1);
  const mark = marks[observation.known];
  const again = count > 1 ? ` ×${count}, ${words.octetsTotal.replace('{count}', String(bytes))}` : '';
  const text = safeText(observationText(observation, language)) + again + mark;
  if (observation.direction === 'here') return [`${paint.dim(time)}  ${paint.dim('·')} ${fit(text, room)}`];
  const shown = fit(text, room - 6);
  const shaft = '─'.repeat(Math.max(1, room - widthOf(shown) - 4));
  return observation.direction === 'sent'
    ? [`${paint.dim(time)}  ${paint.green(`├─ ${shown} ${shaft}▶`)}`]
    : [`${paint.dim(time)}  ${paint.blue(`◀${shaft} ${shown} ─┤`)}`];
}

/** Messages of HTTP are read field by field; everything else is opened where everything is wanted. */
function renderDetails(observation: Observation, options: LadderOptions): string[] {
  const { verbose } = options;
  const { label, details, octets } = observation;
  const isMessage = label === 'http.request' || label === 'http.response' || label === 'http.trailers';
  const always = isMessage || label === 'certificate.leaf' || OPENED.has(label);
  const lines = details
    .filter((detail) => verbose || (always && detail.fine !== true))
    .flatMap((detail, index, shown) =>
      renderDetail(detail, holds(detail, shown[index + 1]) ? undefined : octets, options),
    );
  if (
    verbose &&
    octets !== undefined &&
    octets.length > 0 &&
    !details.every(({ range }) => range !== undefined && details.length > 0)
  )
    lines.push(...hexDump(octets, options));
  return lines;
}

/** A field whose octets the next ones open up needs none of its own. */
function holds({ range }: Detail, next: Detail | undefined): boolean {
  if (range === undefined || next?.range === undefined) return false;
  return next.range[0] >= range[0] && next.range[1] <= range[1] && next.range[1] > next.range[0];
}

/** Messages of the handshake whose chief fields are shown always. */
const OPENED: ReadonlySet<string> = new Set(['tls.agreed', 'name.answer', 'tls.message']);

const INDENT = ' '.repeat(TIME_CELLS + 4);

function renderDetail(detail: Detail, octets: Uint8Array | undefined, options: LadderOptions): string[] {
  const { paint, language, width, verbose } = options;
  const name = typeof detail.label === 'string' ? tellWord(labels[detail.label], language) : detail.label.literal;
  const note = detail.note === undefined ? '' : tellWord(notes[detail.note.key], language, detail.note.values);
  const value = safeText(detail.value);
  const room = Math.max(20, width - INDENT.length);
  const head = `${safeText(name)}: `;
  const isShort = widthOf(head) + widthOf(value) + widthOf(note) + 3 <= room;
  const shown = verbose ? value : fit(value, Math.max(4, room - widthOf(head)));
  const lines = [
    `${INDENT}${paint.cyan(head)}${shown}${isShort && note !== '' ? paint.dim(`   ${safeText(note)}`) : ''}`,
  ];
  if (!isShort && note !== '') lines.push(`${INDENT}  ${paint.dim(fit(safeText(note), room - 2))}`);
  if (verbose && octets !== undefined && detail.range !== undefined) {
    const [start, end] = detail.range;
    lines.push(...hexLines(octets.subarray(start, end), start, options).map((line) => `  ${line}`));
  }
  return lines;
}

function hexDump(octets: Uint8Array, options: LadderOptions): string[] {
  return hexLines(octets, 0, options);
}

/** `0010  16 03 01 …  .....`; as many octets a line as fit, 8 or 16. */
function hexLines(octets: Uint8Array, offset: number, { width, paint, words }: LadderOptions): string[] {
  const perLine = width - INDENT.length >= 74 ? 16 : 8;
  const lines: string[] = [];
  const shown = octets.subarray(0, MOST_OCTETS);
  for (let at = 0; at < shown.length; at += perLine) {
    const piece = shown.subarray(at, at + perLine);
    const hex = Array.from(piece, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
    const text = Array.from(piece, (octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.')).join(
      '',
    );
    const place = (offset + at).toString(16).padStart(4, '0');
    lines.push(`${INDENT}${paint.dim(`${place}  ${hex.padEnd(perLine * 3 - 1)}  ${text}`)}`);
  }
  if (octets.length > shown.length)
    lines.push(`${INDENT}… ${words.more.replace('{count}', String(octets.length - shown.length))} ${words.octets}`);
  return lines;
}
