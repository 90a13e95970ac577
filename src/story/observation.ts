/**
 * What was observed of an HTTPS exchange: one event each, on the wire or told by the kernel, in the stage that it belongs
 * to. Observations are plain data; what they mean is for rules to say, how they are called for the words.
 */
import type { Finding, FindingValues } from './finding.ts';
import type { LabelKey, NoteKey } from './words/index.ts';

/** The stages of an exchange, in the order in which they begin. */
const stageNames = ['name', 'route', 'tcp', 'tls', 'certificate', 'http', 'page', 'close'] as const;
export type StageName = (typeof stageNames)[number];

/**
 * How something is known. `seen`: its octets passed through our hands. `kernel`: the system told it when asked.
 * `inferred`: it follows from what was seen (a connection that stands had its three segments), but nobody looked.
 */
export type Knowledge = 'seen' | 'kernel' | 'inferred';

/** From our side; `here` is for what happened on this machine and went nowhere. */
export type Direction = 'sent' | 'received' | 'here';

/** A protocol's own name for something, the same in every language (`Content-Type`, `server_name`). */
export interface ProtocolName {
  readonly literal: string;
}

/** One decoded value inside an observation. */
export interface Detail {
  readonly label: LabelKey | ProtocolName;
  readonly value: string;
  /** One line that says what it is for, or why it is good or bad. */
  readonly note?: { readonly key: NoteKey; readonly values?: FindingValues };
  /** Where it stands in the observation's octets: [start, end). */
  readonly range?: readonly [number, number];
  /** A secret that is shown only to whoever asks by name: its value never leaves by default. */
  readonly hidden?: boolean;
  /** Shown only where everything is. */
  readonly fine?: boolean;
}

export interface Observation {
  readonly stage: StageName;
  /** Milliseconds since the trace began. */
  readonly atMs: number;
  readonly direction: Direction;
  /** Who stands at the other end of the arrow, where that is not the server (a name server). */
  readonly peer?: string;
  readonly label: LabelKey;
  /** Fill the label; stable names, for programs. */
  readonly values: FindingValues;
  readonly details: readonly Detail[];
  /** The octets that it was decoded from. */
  readonly octets?: Uint8Array;
  readonly known: Knowledge;
}

/** One stage of one request. */
export interface Stage {
  readonly name: StageName;
  /** Index into the story's chapters. */
  readonly chapter: number;
  /** Number of the connection, from 1 on; 0 where there was none yet. */
  readonly connection: number;
  /** What this one is about: a host, an address, a request. */
  readonly title: string;
  /** Milliseconds since the trace began. */
  readonly startMs: number;
  readonly endMs: number;
  readonly observations: readonly Observation[];
  readonly findings: readonly Finding[];
}

/** Why a request was made. */
export type ChapterKind = 'request' | 'redirect' | 'repeat' | 'resource';

export interface Chapter {
  readonly kind: ChapterKind;
  readonly method: string;
  readonly url: string;
}

/** A whole trace. */
export interface Story {
  readonly url: string;
  /** When it began, epoch milliseconds. */
  readonly startedAtMs: number;
  readonly endMs: number;
  readonly chapters: readonly Chapter[];
  readonly stages: readonly Stage[];
}
