/** Access lines in the Common or Combined Log Format; everything else goes to another log. */
import type { Finding } from '../../story/finding.ts';
import type { AccessRecord } from '../access-record.ts';
import { AccessBatch } from './access-batch.ts';
import { copyClfFields } from './access-fields.ts';
import { accessCombined, accessCommon } from './access-line.ts';
import type { LogDestination } from './destination.ts';
import type { HandshakeFailure } from './handshake-failure.ts';
import type { Level, LogFields } from './level.ts';
import type { Log } from './log.ts';
import { openDestination, reopenDestination } from './log-output.ts';

export class ClfLog implements Log {
  readonly wantsAgent: boolean;
  readonly #destination: LogDestination;
  readonly #batch: AccessBatch;
  readonly #events: Log;

  constructor(target: number | string, format: 'common' | 'combined', events: Log) {
    this.#destination = openDestination(this, target);
    this.wantsAgent = format === 'combined';
    const line = format === 'combined' ? accessCombined : accessCommon;
    this.#batch = new AccessBatch(this.#destination, copyClfFields, line);
    this.#events = events;
  }

  get lostLines(): number {
    return this.#destination.lostLines + this.#events.lostLines;
  }

  event(name: string, level: Level, fields?: LogFields): void {
    this.#events.event(name, level, fields);
  }

  finding(found: Finding, fields?: LogFields): void {
    this.#events.finding(found, fields);
  }

  relay(text: string, lines: number): void {
    this.#destination.write(text, lines);
  }

  access(record: AccessRecord): void {
    this.#batch.add(record);
  }

  handshakeFailure(failure: HandshakeFailure): void {
    this.#events.handshakeFailure(failure);
  }

  async flush(): Promise<void> {
    await Promise.all([this.#destination.flush(), this.#events.flush()]);
  }

  reopen(): void {
    reopenDestination(this, this.#destination);
    this.#events.reopen();
  }

  async close(): Promise<void> {
    await Promise.all([this.#destination.close(), this.#events.close()]);
  }
}
