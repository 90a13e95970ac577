/** A story as bars over time: what the waterfall shows. */
import type { ChapterKind, Observation, Stage, Story } from './observation.ts';

export type PhaseKind = 'name' | 'tcp' | 'tls' | 'certificate' | 'request' | 'wait' | 'content' | 'close';

/** One bar. Milliseconds since the trace began. */
export interface Phase {
  readonly kind: PhaseKind;
  readonly startMs: number;
  readonly endMs: number;
}

/** The bars of one chapter. */
export interface ChapterPhases {
  readonly chapter: number;
  readonly kind: ChapterKind;
  readonly method: string;
  readonly url: string;
  readonly phases: readonly Phase[];
  /** Of the answer; undefined where none came. */
  readonly status: number | undefined;
  /** Octets of content. */
  readonly bytes: number;
  /** Number of the connection that the request went over; 0 where there was none. */
  readonly connection: number;
  /** The request went over a connection that was open already. */
  readonly reused: boolean;
  readonly failed: boolean;
}

export function phasesOf(story: Story): ChapterPhases[] {
  return story.chapters.map(({ kind, method, url }, chapter) => {
    const stages = story.stages.filter((stage) => stage.chapter === chapter);
    const http = stages.find(({ name }) => name === 'http');
    const status = valueOf(http, 'http.response', 'status');
    return {
      chapter,
      kind,
      method,
      url,
      phases: stages.flatMap(phasesOfStage),
      status: typeof status === 'number' ? status : undefined,
      bytes: Number(valueOf(http, 'http.content', 'bytes') ?? 0),
      connection: http?.connection ?? stages.at(-1)?.connection ?? 0,
      reused: find(http, 'http.connection-reused') !== undefined,
      failed:
        stages.some(({ findings }) => findings.some(({ severity }) => severity === 'error')) ||
        (kind === 'resource' && !(Number(status ?? 0) > 0 && Number(status) < 400)),
    };
  });
}

function phasesOfStage(stage: Stage): Phase[] {
  const { name, startMs, endMs } = stage;
  switch (name) {
    case 'name':
    case 'tcp':
    case 'tls':
    case 'certificate':
    case 'close':
      return [{ kind: name, startMs, endMs }];
    case 'http':
      return phasesOfExchange(stage);
    case 'route':
    case 'page':
      return [];
  }
  return [];
}

/** A request's own time, the wait for the first octet, and the content. */
function phasesOfExchange(stage: Stage): Phase[] {
  const request = find(stage, 'http.request');
  if (request === undefined) return [];
  const first = find(stage, 'http.first-byte');
  const sent = Number(request.values['sentMs'] ?? request.atMs);
  const sentMs = first === undefined ? sent : Math.min(sent, first.atMs);
  const phases: Phase[] = [{ kind: 'request', startMs: request.atMs, endMs: sentMs }];
  phases.push({ kind: 'wait', startMs: sentMs, endMs: first?.atMs ?? stage.endMs });
  if (first !== undefined) phases.push({ kind: 'content', startMs: first.atMs, endMs: stage.endMs });
  return phases;
}

const find = (stage: Stage | undefined, label: Observation['label']): Observation | undefined =>
  stage?.observations.find((one) => one.label === label);

const valueOf = (stage: Stage | undefined, label: Observation['label'], name: string): string | number | undefined =>
  find(stage, label)?.values[name];
