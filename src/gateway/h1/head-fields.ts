/** What one connection makes of the field sections of its requests, and need not make again when they come again. */
import { applyCuts } from '../../codec/http1/field-section.ts';
import { KnownFields } from '../../codec/http1/known-fields.ts';
import type { RequestHeadReader } from '../../codec/http1/request-head.ts';
import type { AccessRecord } from '../access-record.ts';
import type { RequestHead } from '../exchange.ts';
import { RepeatedText } from './repeated-text.ts';

export class HeadFields {
  readonly #authority: RepeatedText = new RepeatedText();
  readonly #userAgent: RepeatedText = new RepeatedText();
  readonly #referer: RepeatedText = new RepeatedText();
  #known: KnownFields | undefined;
  #lastLength = 0;
  /** Texts of the known section; undefined until they have been made. */
  #knownAuthority: string | undefined;
  #knownAgent: string | undefined;
  #knownReferer: string | undefined;

  /** For the reader: fields that may come again. Kept once two requests in a row had as many octets of them. */
  get known(): KnownFields | undefined {
    return this.#known;
  }

  /** Fills in what the fields that `reader` has just read say; the agent and the referer where `wantsAgent`. */
  take(buffer: Buffer, reader: RequestHeadReader, head: RequestHead, record: AccessRecord, wantsAgent: boolean): void {
    if (reader.recalled) this.#recall(buffer, reader, head, record, wantsAgent);
    else this.#read(buffer, reader, head, record, wantsAgent);
  }

  #read(buffer: Buffer, reader: RequestHeadReader, head: RequestHead, record: AccessRecord, wantsAgent: boolean): void {
    const { fields, fieldsStart } = reader;
    const length = fields.end - fieldsStart;
    if (length === this.#lastLength) {
      this.#known ??= new KnownFields();
      this.#known.keep(buffer, fieldsStart, fields);
      this.#knownAuthority = undefined;
      this.#knownAgent = undefined;
      this.#knownReferer = undefined;
    }
    this.#lastLength = length;
    head.authority = this.#authority.read(buffer, fields.hostStart, fields.hostEnd, true);
    if (wantsAgent) {
      record.userAgent = this.#userAgent.read(buffer, fields.userAgentStart, fields.userAgentEnd, false);
      record.referer = this.#referer.read(buffer, fields.refererStart, fields.refererEnd, false);
    }
    head.fields = buffer;
    head.fieldsEnd = reader.headEnd - 2;
    head.fieldsStart = applyCuts(buffer, fieldsStart, fields);
  }

  #recall(
    buffer: Buffer,
    { fields }: RequestHeadReader,
    head: RequestHead,
    record: AccessRecord,
    wantsAgent: boolean,
  ): void {
    const { block } = this.#known!;
    head.authority = this.#knownAuthority ??= this.#authority.read(buffer, fields.hostStart, fields.hostEnd, true);
    if (wantsAgent) {
      const { userAgentStart, userAgentEnd, refererStart, refererEnd } = fields;
      record.userAgent = this.#knownAgent ??= this.#userAgent.read(buffer, userAgentStart, userAgentEnd, false);
      record.referer = this.#knownReferer ??= this.#referer.read(buffer, refererStart, refererEnd, false);
    }
    head.fields = block;
    head.fieldsStart = 0;
    head.fieldsEnd = block.length;
  }
}
