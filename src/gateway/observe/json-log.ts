/** The log as JSON, one object a line: events through pino, access lines through the fast path beside it. */
import { pino, stdSerializers, type Logger } from 'pino';
import type { Language } from '../../story/catalog.ts';
import { tellFinding, type Finding } from '../../story/finding.ts';
import type { AccessRecord } from '../access-record.ts';
import { AccessBatch } from './access-batch.ts';
import { copyAllFields } from './access-fields.ts';
import { accessJson } from './access-line.ts';
import type { LogDestination } from './destination.ts';
import { shortenOffers, type HandshakeFailure } from './handshake-failure.ts';
import { levelOf, type Level, type LogFields } from './level.ts';
import { hardenJson } from './line-text.ts';
import type { Log } from './log.ts';
import { isoTime } from './log-time.ts';
import { openDestination, reopenDestination } from './log-output.ts';

export class JsonLog implements Log {
  readonly wantsAgent = true;
  readonly #destination: LogDestination;
  readonly #batch: AccessBatch;
  readonly #language: Language;
  readonly #clock: () => number;
  readonly #pino: Logger;
  /** The time of the line that is being written. */
  #timeMs = 0;

  constructor(target: number | string, language: Language, level: Level, clock: () => number) {
    const destination = openDestination(this, target);
    this.#destination = destination;
    this.#batch = new AccessBatch(destination, copyAllFields, accessJson);
    this.#language = language;
    this.#clock = clock;
    this.#pino = pino(
      {
        level,
        base: null,
        timestamp: () => `,"time":"${isoTime(this.#timeMs)}"`,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { error: stdSerializers.err },
      },
      { write: (line) => destination.write(hardenJson(line)) },
    );
  }

  get lostLines(): number {
    return this.#destination.lostLines;
  }

  event(name: string, level: Level, fields: LogFields = {}): void {
    this.#timeMs = this.#clock();
    this.#pino[level]({ event: name, ...fields });
    this.#destination.hurry();
  }

  finding(found: Finding, fields: LogFields = {}): void {
    this.#timeMs = this.#clock();
    this.#pino[levelOf(found)]({ event: 'finding', ...this.#told(found), values: found.values, ...fields });
    this.#destination.hurry();
  }

  relay(text: string, lines: number): void {
    this.#destination.write(text, lines);
  }

  access(record: AccessRecord): void {
    this.#batch.add(record);
  }

  handshakeFailure(failure: HandshakeFailure): void {
    this.#timeMs = failure.timeMs;
    this.#pino[levelOf(failure.finding)]({
      event: 'handshake-failed',
      peer: failure.peer,
      serverName: failure.serverName,
      site: failure.site,
      offeredVersions: shortenOffers(failure.offeredVersions),
      offeredCiphers: shortenOffers(failure.offeredCiphers),
      offeredAlpn: shortenOffers(failure.offeredAlpn),
      alert: failure.alert,
      opensslError: failure.opensslError,
      ...this.#told(failure.finding),
    });
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

  #told(found: Finding): LogFields {
    const { cause, mend } = tellFinding(found, this.#language);
    return { code: found.code, fault: found.fault, sentence: cause, mend };
  }
}
