/**
 * Lines for a person at a terminal: the local time, what happened, and sentences in the person's language. Columns of
 * changing width stand at the end, so that the others stay aligned.
 *
 *     13:55:36.120  GET     200      3.2 ms   1.2 kB  app.localhost/path  → http://127.0.0.1:3000 2.1 ms
 *     13:55:37.002  ⚠  TLS 192.0.2.7:50312 → app.localhost: …
 */
import { catalog, type FindingCode } from '../../story/catalog/index.ts';
import type { Language } from '../../story/catalog.ts';
import { finding, tellFinding, type Finding, type FindingValues } from '../../story/finding.ts';
import type { AccessRecord } from '../access-record.ts';
import { shortenOffers, type HandshakeFailure } from './handshake-failure.ts';
import { levelOf, type Level, type LogFields, type LogValue } from './level.ts';
import { visible } from './line-text.ts';
import { clockTime } from './log-time.ts';

/** Select Graphic Rendition parameters (ECMA-48 section 8.3.117). */
const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const CYAN = 36;
const FAINT = 2;

const MARKS: Readonly<Record<Level, { readonly sign: string; readonly colour: number }>> = {
  debug: { sign: '·', colour: FAINT },
  info: { sign: '•', colour: CYAN },
  warn: { sign: '⚠', colour: YELLOW },
  error: { sign: '✗', colour: RED },
};

export class PrettyLines {
  readonly #language: Language;
  readonly #colour: boolean;

  constructor(language: Language, colour: boolean) {
    this.#language = language;
    this.#colour = colour;
  }

  /** An event. One that the catalogue knows is told as its sentence; values that it does not use follow. */
  event(timeMs: number, name: string, level: Level, fields: LogFields): string {
    if (!isCode(name)) return this.#line(timeMs, level, visible(name), fields, '');
    const told = this.#tell(finding(name, textValues(fields)));
    return this.#line(timeMs, level, told.text, fields, told.template);
  }

  finding(timeMs: number, found: Finding, fields: LogFields): string {
    return this.#line(timeMs, levelOf(found), this.#tell(found).text, fields, '');
  }

  handshakeFailure(failure: HandshakeFailure): string {
    const name = failure.serverName === '' ? '-' : failure.serverName;
    const text = `TLS ${visible(failure.peer)} → ${visible(name)}: ${this.#tell(failure.finding).text}`;
    return this.#line(failure.timeMs, levelOf(failure.finding), text, offerFields(failure), '');
  }

  access(record: AccessRecord): string {
    const { status } = record;
    const colour = status >= 500 || status === 0 ? RED : status >= 400 ? YELLOW : status >= 300 ? CYAN : GREEN;
    let line = `${this.#paint(FAINT, clockTime(record.timeMs))}  ${visible(record.method).padEnd(7)} `;
    line += `${this.#paint(colour, status === 0 ? '---' : String(status))} `;
    line += `${duration(record.totalMs).padStart(10)} ${size(record.bytesSent).padStart(8)}  `;
    line += visible(record.authority + record.target);
    if (record.upstream !== '') {
      const took = record.upstreamMs >= 0 ? ` ${duration(record.upstreamMs)}` : '';
      line += this.#paint(FAINT, `  → ${visible(record.upstream)}${took}`);
    }
    if (record.tlsMs >= 0) line += this.#paint(FAINT, `  ${visible(record.tlsVersion)} ${duration(record.tlsMs)}`);
    if (record.error !== '') line += `  ${this.#paint(RED, this.#requestError(record))}`;
    return `${line}\n`;
  }

  /** The sentence of the request's error, as far as the record can fill it; otherwise its code. */
  #requestError(record: AccessRecord): string {
    if (!isCode(record.error)) return visible(record.error);
    const { site, authority, target, method, peer, upstream } = record;
    const told = tellFinding(
      finding(record.error, { site, authority, target, method, peer, upstream }),
      this.#language,
    );
    return /\{\w+\}/.test(told.cause) ? record.error : visible(told.cause);
  }

  #tell(found: Finding): { readonly text: string; readonly template: string } {
    const phrase = tellFinding(found, this.#language);
    const { cause, mend } = catalog[found.code][this.#language];
    const text = this.#language === 'zh' ? phrase.cause + phrase.mend : `${phrase.cause} ${phrase.mend}`.trimEnd();
    return { text: visible(text), template: cause + mend };
  }

  #line(timeMs: number, level: Level, text: string, fields: LogFields, template: string): string {
    const { sign, colour } = MARKS[level];
    let line = `${this.#paint(FAINT, clockTime(timeMs))}  ${this.#paint(colour, sign)}  ${text}`;
    let stack = '';
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined || value === '' || template.includes(`{${name}}`)) continue;
      line += this.#paint(FAINT, `  ${name}=${visible(valueText(value))}`);
      if (value instanceof Error && level === 'error') stack += this.#stack(value);
    }
    return `${line}\n${stack}`;
  }

  /** Where an error came from, indented, so that none of its lines can be taken for a line of the log. */
  #stack(error: Error): string {
    const frames = (error.stack ?? '').split('\n').filter((frame) => /^\s+at /.test(frame));
    return frames.map((frame) => `${this.#paint(FAINT, `    ${visible(frame.trim())}`)}\n`).join('');
  }

  #paint(parameter: number, text: string): string {
    return this.#colour ? `\u001b[${parameter}m${text}\u001b[0m` : text;
  }
}

function isCode(name: string): name is FindingCode {
  return Object.hasOwn(catalog, name);
}

function offerFields(failure: HandshakeFailure): LogFields {
  return {
    versions: failure.offeredVersions,
    ciphers: failure.offeredCiphers.length === 0 ? '' : `${failure.offeredCiphers.length}`,
    alpn: shortenOffers(failure.offeredAlpn),
    alert: failure.alert,
    openssl: failure.opensslError,
  };
}

function textValues(fields: LogFields): FindingValues {
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) values[name] = typeof value === 'number' ? value : valueText(value);
  }
  return values;
}

function valueText(value: LogValue): string {
  if (value instanceof Error) return value.message;
  if (Array.isArray(value)) return value.map((item: LogValue) => valueText(item)).join(', ');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** `0.8 ms`, `12 ms`, `3.4 s`. */
function duration(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 100 ? `${ms.toFixed(0)} ms` : `${Math.max(ms, 0).toFixed(1)} ms`;
}

/** `312 B`, `1.2 kB`, `48 MB`; powers of a thousand. */
function size(octets: number): string {
  if (octets < 1000) return `${octets} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = octets / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}
