/** Builds a story: stages are opened, filled and closed, several at a time where requests run side by side. */
import type { Finding, FindingValues } from './finding.ts';
import type { Chapter, Detail, Direction, Knowledge, Observation, Stage, StageName, Story } from './observation.ts';
import type { LabelKey } from './words/index.ts';

/** What an observation needs besides the stage that it stands in. */
export interface Sighting {
  readonly label: LabelKey;
  readonly values?: FindingValues;
  readonly direction?: Direction;
  readonly peer?: string;
  readonly details?: readonly Detail[];
  readonly octets?: Uint8Array;
  readonly known?: Knowledge;
  /** Milliseconds since the trace began; now, where it is left out. */
  readonly atMs?: number;
}

/** A stage that is being told. */
export class OpenStage implements Stage {
  readonly name: StageName;
  readonly chapter: number;
  connection: number;
  title: string;
  startMs: number;
  endMs: number;
  readonly observations: Observation[] = [];
  readonly findings: Finding[] = [];
  readonly #nowMs: () => number;
  #closed = false;

  constructor(name: StageName, chapter: number, connection: number, title: string, nowMs: () => number) {
    this.name = name;
    this.chapter = chapter;
    this.connection = connection;
    this.title = title;
    this.#nowMs = nowMs;
    this.startMs = nowMs();
    this.endMs = this.startMs;
  }

  observe(sighting: Sighting): void {
    const { label, values = {}, direction = 'here', details = [], known = 'seen', peer, octets } = sighting;
    const atMs = sighting.atMs ?? this.#nowMs();
    const observation: Observation = {
      stage: this.name,
      atMs,
      direction,
      label,
      values,
      details,
      known,
      ...(peer !== undefined && { peer }),
      ...(octets !== undefined && { octets }),
    };
    this.observations.push(observation);
    if (!this.#closed) this.endMs = Math.max(this.endMs, atMs);
  }

  conclude(...found: readonly Finding[]): void {
    this.findings.push(...found);
  }

  /** Ends the stage, now unless told otherwise. What is learnt of it later is still taken, and moves no end. */
  close(atMs: number = this.#nowMs()): void {
    this.endMs = Math.max(this.startMs, atMs);
    this.#closed = true;
    this.observations.sort((a, b) => a.atMs - b.atMs);
  }
}

export class StoryLog {
  readonly url: string;
  readonly startedAtMs: number;
  readonly chapters: Chapter[] = [];
  readonly stages: OpenStage[] = [];
  readonly #nowMs: () => number;
  readonly #onStage: (stage: Stage) => void;

  /** `nowMs` counts from the beginning of the trace; `onStage` is told of each stage that opens. */
  constructor(url: string, startedAtMs: number, nowMs: () => number, onStage: (stage: Stage) => void = () => {}) {
    this.url = url;
    this.startedAtMs = startedAtMs;
    this.#nowMs = nowMs;
    this.#onStage = onStage;
  }

  nowMs(): number {
    return this.#nowMs();
  }

  /** Begins a chapter and returns its index. */
  begin(chapter: Chapter): number {
    return this.chapters.push(chapter) - 1;
  }

  open(name: StageName, chapter: number, connection: number, title: string): OpenStage {
    const stage = new OpenStage(name, chapter, connection, title, this.#nowMs);
    this.stages.push(stage);
    this.#onStage(stage);
    return stage;
  }

  /** The story so far. What fails for a file of a page is a warning: it does not decide over the page. */
  tell(): Story {
    const { url, startedAtMs, chapters } = this;
    const stages = this.stages.map((stage): Stage => {
      const { name, chapter, connection, title, startMs, endMs } = stage;
      const observations = stage.observations.toSorted((a, b) => a.atMs - b.atMs);
      const isFile = chapters[chapter]?.kind === 'resource';
      const findings = isFile ? stage.findings.map(lessSevere) : stage.findings;
      return { name, chapter, connection, title, startMs, endMs, observations, findings };
    });
    const endMs = stages.reduce((last, stage) => Math.max(last, stage.endMs), 0);
    return { url, startedAtMs, endMs, chapters, stages };
  }
}

const lessSevere = (found: Finding): Finding =>
  found.severity === 'error' ? { ...found, severity: 'warning' } : found;

/** Every finding of a story, in the order of its stages. */
export function findingsOf({ stages }: Story): readonly Finding[] {
  return stages.flatMap(({ findings }) => findings);
}

/** The finding that decides: the first error, in the order in which the stages began. */
export function decisiveFinding(story: Story): Finding | undefined {
  return findingsOf(story).find(({ severity }) => severity === 'error');
}
