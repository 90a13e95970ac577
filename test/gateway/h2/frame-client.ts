/** A client that sends frames octet by octet and understands what comes back; it keeps to no rule by itself. */
import type net from 'node:net';
import { ErrorCode, errorCodeName } from '../../../src/codec/http2/error-codes.ts';
import { readFieldList } from '../../../src/codec/http2/field-list.ts';
import { FrameFlag, FrameType, frameTypeName, readUint32 } from '../../../src/codec/http2/frames.ts';
import { HpackDecoder } from '../../../src/codec/http2/hpack/decoder.ts';
import { until } from '../quiet.ts';

export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** What has come of the answer on one stream. */
export interface Answer {
  /** Of interim heads, in order. */
  readonly interims: number[];
  /** 0 while no final head has come. */
  status: number;
  fields: [string, string][];
  trailers: [string, string][];
  content: Buffer[];
  /** END_STREAM has come. */
  ended: boolean;
  /** Error code of RST_STREAM, or -1. */
  reset: number;
}

/** One frame as octets. */
export function frame(type: number, flags: number, streamId: number, payload: Uint8Array | string = ''): Buffer {
  const content = Buffer.from(payload as string, 'latin1');
  const head = Buffer.alloc(9);
  head.writeUIntBE(content.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, content]);
}

function integer(value: number, mask: number): number[] {
  if (value < mask) return [value];
  const octets = [mask];
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128);
  return [...octets, rest];
}

/** A field as a literal that goes into no table, names and values as they are. */
export function literal(name: string, value: string): Buffer {
  const [nameOctets, valueOctets] = [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')];
  return Buffer.concat([
    Buffer.from([0, ...integer(nameOctets.length, 0x7f)]),
    nameOctets,
    Buffer.from(integer(valueOctets.length, 0x7f)),
    valueOctets,
  ]);
}

export type FieldPairs = readonly (readonly [string, string])[];

export function block(fields: FieldPairs): Buffer {
  return Buffer.concat(fields.map(([name, value]) => literal(name, value)));
}

export function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value >>> 0);
  return octets;
}

export function settings(...pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.concat(
    pairs.map(([id, value]) => Buffer.concat([Buffer.from([id >>> 8, id]), uint32(value)])),
  );
  return frame(FrameType.SETTINGS, 0, 0, payload);
}

export function data(streamId: number, content: Uint8Array | string, endStream = false): Buffer {
  return frame(FrameType.DATA, endStream ? FrameFlag.END_STREAM : 0, streamId, content);
}

export function reset(streamId: number, errorCode: number = ErrorCode.CANCEL): Buffer {
  return frame(FrameType.RST_STREAM, 0, streamId, uint32(errorCode));
}

export function windowUpdate(streamId: number, increment: number): Buffer {
  return frame(FrameType.WINDOW_UPDATE, 0, streamId, uint32(increment));
}

export class FrameClient {
  readonly socket: net.Socket;
  readonly scheme: string;
  readonly frames: Frame[] = [];
  /** What the gateway's GOAWAY frames said, in order. */
  readonly goaways: { readonly lastStreamId: number; readonly errorCode: number; readonly debugData: string }[] = [];
  /** SETTINGS are acknowledged as they come. */
  acknowledges = true;
  octets = 0;
  ended = false;
  closed = false;
  readonly #answers = new Map<number, Answer>();
  readonly #decoder = new HpackDecoder({ tableSize: 4096, listSize: 1 << 20, fieldCount: 4096 }, Buffer.alloc(1 << 20));
  #pending: Buffer = Buffer.alloc(0);
  #headerBlock: Buffer[] = [];

  constructor(socket: net.Socket) {
    this.socket = socket;
    this.scheme = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => (this.ended = true));
    socket.on('error', () => {});
    socket.on('close', () => (this.closed = true));
  }

  /** Sends octets as they are, in one write. */
  send(...parts: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** Preface and settings. */
  greet(...pairs: readonly (readonly [number, number])[]): void {
    this.send(PREFACE, settings(...pairs));
  }

  /** HEADERS of a request, whole; fields given replace those of a plain GET or come behind them. */
  headers(streamId: number, fields: Readonly<Record<string, string>> = {}, endStream = true): Buffer {
    const pairs = Object.entries({
      ':method': 'GET',
      ':scheme': this.scheme,
      ':path': '/',
      ':authority': 'app.test',
      ...fields,
    });
    return this.headersOf(streamId, pairs, endStream);
  }

  headersOf(streamId: number, fields: FieldPairs, endStream = true): Buffer {
    const flags = FrameFlag.END_HEADERS | (endStream ? FrameFlag.END_STREAM : 0);
    return frame(FrameType.HEADERS, flags, streamId, block(fields));
  }

  answer(streamId: number): Answer {
    let found = this.#answers.get(streamId);
    if (found === undefined) {
      found = { interims: [], status: 0, fields: [], trailers: [], content: [], ended: false, reset: -1 };
      this.#answers.set(streamId, found);
    }
    return found;
  }

  /** The answer on a stream, once it has ended one way or the other. */
  async answered(streamId: number): Promise<Answer> {
    const answer = this.answer(streamId);
    await this.#comes(() => answer.ended || answer.reset >= 0, `the answer on stream ${streamId}`);
    return answer;
  }

  /** Error code with which the gateway resets a stream. */
  async resetOf(streamId: number): Promise<number> {
    const answer = this.answer(streamId);
    await this.#comes(() => answer.reset >= 0, `RST_STREAM on stream ${streamId}`);
    return answer.reset;
  }

  /** Error code of the GOAWAY with which the gateway ends the connection. */
  async goaway(): Promise<number> {
    await until(() => this.goaways.length > 0, `GOAWAY; ${this.tell()}`);
    return this.goaways.at(-1)!.errorCode;
  }

  /** A PING is answered, so that all that was sent before it has been dealt with. */
  async ping(octets = 'pingpong'): Promise<void> {
    this.send(frame(FrameType.PING, 0, 0, octets));
    const isAnswer = (each: Frame): boolean =>
      each.type === FrameType.PING && (each.flags & FrameFlag.ACK) !== 0 && each.payload.toString('latin1') === octets;
    const before = this.frames.filter(isAnswer).length;
    await this.#comes(() => this.frames.filter(isAnswer).length > before, 'the answer to a PING');
  }

  /** Waits for something while the connection stands. */
  async #comes(holds: () => boolean, what: string): Promise<void> {
    await until(() => holds() || this.closed || this.ended, `${what}; ${this.tell()}`);
    if (!holds()) throw new Error(`the connection ended before ${what}; ${this.tell()}`);
  }

  async over(): Promise<void> {
    await until(() => this.ended || this.closed, `the end of the connection; ${this.tell()}`);
  }

  /** The frames that have come, for messages of failed tests. */
  tell(): string {
    const told = this.frames.map((each) => `${frameTypeName(each.type)}(${each.streamId})`);
    const ends = this.goaways.map((each) => `${errorCodeName(each.errorCode)} ${each.debugData}`);
    return `frames: ${told.slice(-40).join(' ')} ${ends.join(' ')}`;
  }

  destroy(): void {
    this.socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.octets += chunk.length;
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 9) {
      const end = 9 + this.#pending.readUIntBE(0, 3);
      if (this.#pending.length < end) break;
      const whole = this.#pending.subarray(0, end);
      this.#pending = this.#pending.subarray(end);
      this.#take({
        type: whole[3]!,
        flags: whole[4]!,
        streamId: whole.readUInt32BE(5),
        payload: Buffer.from(whole.subarray(9)),
      });
    }
  }

  #take(each: Frame): void {
    this.frames.push(each);
    const { type, flags, streamId, payload } = each;
    switch (type) {
      case FrameType.SETTINGS:
        if ((flags & FrameFlag.ACK) === 0 && this.acknowledges) this.send(frame(FrameType.SETTINGS, FrameFlag.ACK, 0));
        return;
      case FrameType.GOAWAY:
        this.goaways.push({
          lastStreamId: readUint32(payload, 0),
          errorCode: readUint32(payload, 4),
          debugData: payload.toString('latin1', 8),
        });
        return;
      case FrameType.RST_STREAM:
        this.answer(streamId).reset = readUint32(payload, 0);
        return;
      case FrameType.DATA:
        this.answer(streamId).content.push(payload);
        if ((flags & FrameFlag.END_STREAM) !== 0) this.answer(streamId).ended = true;
        return;
      case FrameType.HEADERS:
      case FrameType.CONTINUATION:
        if (type === FrameType.HEADERS) this.answer(streamId).ended = (flags & FrameFlag.END_STREAM) !== 0;
        this.#headerBlock.push(payload);
        if ((flags & FrameFlag.END_HEADERS) !== 0) this.#takeBlock(streamId);
    }
  }

  #takeBlock(streamId: number): void {
    const octets = Buffer.concat(this.#headerBlock);
    this.#headerBlock = [];
    const { fields, violation } = readFieldList(this.#decoder, octets, 0, octets.length);
    if (violation !== null) throw new Error(`the gateway sent a header block that is none: ${violation.reason}`);
    const answer = this.answer(streamId);
    const pairs = fields.map(({ name, value }): [string, string] => [name, value]);
    if (answer.status !== 0) {
      answer.trailers = pairs;
      return;
    }
    const status = Number(pairs.find(([name]) => name === ':status')?.[1]);
    if (status < 200) answer.interims.push(status);
    else {
      answer.status = status;
      answer.fields = pairs.filter(([name]) => name !== ':status');
    }
  }
}
