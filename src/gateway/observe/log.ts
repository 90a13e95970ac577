/**
 * The gateway's log: what the operator reads, in one of four formats.
 *
 * `json` and `pretty` write everything to one place. `common` and `combined` are formats of access lines only: what else
 * there is to say goes to standard error, as pretty lines.
 */
import { isatty } from 'node:tty';
import type { LogFormat } from '../../config/config.ts';
import type { Language } from '../../story/catalog.ts';
import type { Finding } from '../../story/finding.ts';
import type { AccessRecord } from '../access-record.ts';
import { ClfLog } from './clf-log.ts';
import type { HandshakeFailure } from './handshake-failure.ts';
import { JsonLog } from './json-log.ts';
import type { Level, LogFields } from './level.ts';
import { PrettyLines } from './pretty-line.ts';
import { PrettyLog } from './pretty-log.ts';

export interface Log {
  /** Whether access lines show `referer` and `userAgent`: only then a record needs them. */
  readonly wantsAgent: boolean;
  /** Lines that were given up because nobody took them. */
  readonly lostLines: number;
  /** Something that happened, named by a kebab-case word. A name that is a catalogue code is told as its sentence. */
  event(name: string, level: Level, fields?: LogFields): void;
  /** Something that the operator should know and perhaps mend; the level follows from the finding. */
  finding(found: Finding, fields?: LogFields): void;
  /** `text` is whole lines, line ends included, of the log of another process that logs in the same format. */
  relay(text: string, lines: number): void;
  /** A finished request. The record is read before this returns and may be used again. */
  access(record: AccessRecord): void;
  handshakeFailure(failure: HandshakeFailure): void;
  /** Writes what is held back; resolves when it is written, or cannot be for now. Never rejects. */
  flush(): Promise<void>;
  /** Opens log files anew, after rotation. A file that cannot be opened is reported in the old one. */
  reopen(): void;
  /**
   * Writes what is held back and closes files; nothing may be logged afterwards. The end of the process without it
   * (`process.exit`, an uncaught exception) loses nothing either, but a signal that nobody handles does.
   */
  close(): Promise<void>;
}

export interface LogOptions {
  readonly format: LogFormat;
  readonly language: Language;
  /** Descriptor or path of a file; standard output by default. */
  readonly output?: number | string;
  /** Where `common` and `combined` send what is no access line; standard error by default. */
  readonly errorOutput?: number | string;
  /** The least important level that is written; 'info' by default. */
  readonly level?: Level;
  /** Colours in pretty lines; by default on a terminal, unless NO_COLOR says otherwise. */
  readonly colour?: boolean;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
}

/** Opens a log. Throws the system's error where a file cannot be opened. */
export function createLog(options: LogOptions): Log {
  const output = options.output ?? 1;
  const level = options.level ?? 'info';
  const clock = options.clock ?? Date.now;
  const colourOf = (target: number | string): boolean => options.colour ?? hasColours(target);
  if (options.format === 'json') return new JsonLog(output, options.language, level, clock);
  if (options.format === 'pretty') {
    return new PrettyLog(output, new PrettyLines(options.language, colourOf(output)), level, clock);
  }
  const errorOutput = options.errorOutput ?? 2;
  const events = new PrettyLog(errorOutput, new PrettyLines(options.language, colourOf(errorOutput)), level, clock);
  return new ClfLog(output, options.format, events);
}

/** https://no-color.org: a NO_COLOR that is not empty turns colours off. */
export function hasColours(target: number | string): boolean {
  return typeof target === 'number' && isatty(target) && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}
