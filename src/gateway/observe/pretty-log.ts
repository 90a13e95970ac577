/** The log for a person at a terminal. */
import { isatty } from 'node:tty';
import type { Finding } from '../../story/finding.ts';
import type { AccessRecord } from '../access-record.ts';
import type { LogDestination } from './destination.ts';
import type { HandshakeFailure } from './handshake-failure.ts';
import { LEVELS, levelOf, type Level, type LogFields } from './level.ts';
import type { Log } from './log.ts';
import { openDestination, reopenDestination } from './log-output.ts';
import type { PrettyLines } from './pretty-line.ts';

export class PrettyLog implements Log {
  readonly wantsAgent = false;
  readonly #destination: LogDestination;
  readonly #lines: PrettyLines;
  readonly #level: number;
  readonly #clock: () => number;
  readonly #eager: boolean;

  constructor(target: number | string, lines: PrettyLines, level: Level, clock: () => number) {
    this.#destination = openDestination(this, target);
    this.#lines = lines;
    this.#level = LEVELS.indexOf(level);
    this.#clock = clock;
    this.#eager = typeof target === 'number' && isatty(target);
  }

  get lostLines(): number {
    return this.#destination.lostLines;
  }

  event(name: string, level: Level, fields: LogFields = {}): void {
    if (LEVELS.indexOf(level) < this.#level) return;
    this.#destination.write(this.#lines.event(this.#clock(), name, level, fields));
    this.#destination.hurry();
  }

  finding(found: Finding, fields: LogFields = {}): void {
    if (LEVELS.indexOf(levelOf(found)) < this.#level) return;
    this.#destination.write(this.#lines.finding(this.#clock(), found, fields));
    this.#destination.hurry();
  }

  relay(text: string, lines: number): void {
    this.#destination.write(text, lines);
  }

  access(record: AccessRecord): void {
    this.#destination.write(this.#lines.access(record));
    if (this.#eager) this.#destination.hurry();
  }

  handshakeFailure(failure: HandshakeFailure): void {
    if (LEVELS.indexOf(levelOf(failure.finding)) < this.#level) return;
    this.#destination.write(this.#lines.handshakeFailure(failure));
    if (this.#eager) this.#destination.hurry();
  }

  flush(): Promise<void> {
    return this.#destination.flush();
  }

  reopen(): void {
    reopenDestination(this, this.#destination);
  }

  close(): Promise<void> {
    return this.#destination.close();
  }
}
