/** A trace as one JSON value, as docs/trace.schema.json describes it. */
import type { Language } from '../../story/catalog.ts';
import { tellFinding, type Finding } from '../../story/finding.ts';
import type { Detail, Observation, Story } from '../../story/observation.ts';
import { decisiveFinding } from '../../story/stages.ts';
import { labels, notes } from '../../story/words/index.ts';
import { tellWord } from '../../story/words/word.ts';

/** Longer messages are content for the other outputs. */
const MOST_OCTETS = 65_536;

export function traceJson(story: Story, exitCode: number, language: Language): string {
  return `${JSON.stringify(traceValue(story, exitCode, language), undefined, 2)}\n`;
}

/** The value before it is written. Times are milliseconds since the trace began. */
function traceValue(story: Story, exitCode: number, language: Language): object {
  const { url, startedAtMs, endMs, chapters, stages } = story;
  return {
    url,
    verdict: decisiveFinding(story)?.code ?? 'fine',
    exitCode,
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: round(endMs),
    chapters: chapters.map(({ kind, method, url: chapterUrl }) => ({ kind, method, url: chapterUrl })),
    stages: stages.map(({ name, chapter, connection, title, startMs, endMs: stageEndMs, observations, findings }) => ({
      name,
      chapter,
      connection,
      title,
      startMs: round(startMs),
      endMs: round(stageEndMs),
      observations: observations.map((observation) => tellObservation(observation, language)),
      findings: findings.map((found) => tellFindingJson(found, language)),
    })),
  };
}

function tellObservation(observation: Observation, language: Language): object {
  const { atMs, direction, known, label, values, details, octets, peer } = observation;
  return {
    atMs: round(atMs),
    direction,
    known,
    label,
    text: tellWord(labels[label], language, values),
    values,
    ...(peer !== undefined && { peer }),
    details: details.map((detail) => tellDetail(detail, language)),
    ...(octets !== undefined && octets.length <= MOST_OCTETS && { octets: Buffer.from(octets).toString('hex') }),
  };
}

function tellDetail({ label, value, note, range, hidden }: Detail, language: Language): object {
  return {
    ...(typeof label === 'string' ? { label, name: tellWord(labels[label], language) } : { name: label.literal }),
    value,
    ...(note !== undefined && { note: tellWord(notes[note.key], language, note.values) }),
    ...(range !== undefined && { start: range[0], end: range[1] }),
    ...(hidden === true && { hidden }),
  };
}

function tellFindingJson(found: Finding, language: Language): object {
  const { cause, mend } = tellFinding(found, language);
  const { code, fault, severity, values } = found;
  return { code, fault, severity, sentence: cause, mend, values };
}

const round = (ms: number): number => Math.round(ms * 1_000) / 1_000;
