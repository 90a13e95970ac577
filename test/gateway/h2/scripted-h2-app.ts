/** An app that speaks HTTP/2 without TLS, frame by frame as a test tells it. */
import net from 'node:net';
import type { TestContext } from 'node:test';
import { readFieldList } from '../../../src/codec/http2/field-list.ts';
import { FrameReader } from '../../../src/codec/http2/frame-reader.ts';
import {
  finishHeaders,
  writeData,
  writeFrameHeader,
  writeGoaway,
  writeReset,
  writeSettings,
  writeWindowUpdate,
} from '../../../src/codec/http2/frame-writer.ts';
import { FRAME_HEADER_LENGTH, FrameFlag, FrameType, readUint32 } from '../../../src/codec/http2/frames.ts';
import { HpackDecoder } from '../../../src/codec/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../src/codec/http2/hpack/encoder.ts';
import { CLIENT_PREFACE } from '../../../src/codec/http2/preface.ts';
import { until } from '../quiet.ts';

export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
  /** Of HEADERS. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

type Fields = readonly (readonly [name: string, value: string])[];

export class H2AppConnection {
  readonly socket: net.Socket;
  readonly frames: SeenFrame[] = [];
  closed = false;
  #preface: Buffer = Buffer.alloc(0);
  readonly #reader = new FrameReader();
  readonly #decoder = new HpackDecoder({ tableSize: 4096, listSize: 1e6, fieldCount: 1e4 }, Buffer.alloc(100_000));
  readonly #encoder = new HpackEncoder(Buffer.alloc(16_384));
  #taken = 0;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => (this.closed = true));
  }

  #onData(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#preface.length < CLIENT_PREFACE.length) {
      bytes = Buffer.concat([this.#preface, chunk]);
      this.#preface = bytes.subarray(0, CLIENT_PREFACE.length);
      if (bytes.length < CLIENT_PREFACE.length) return;
      if (!this.#preface.equals(CLIENT_PREFACE)) throw new Error('no preface');
      bytes = bytes.subarray(CLIENT_PREFACE.length);
    }
    const failed = this.#reader.feed(bytes, 0, bytes.length, {
      onFrame: (type, flags, streamId, from, start, end) => {
        const payload = Buffer.from(from.subarray(start, end));
        // The gateway pads nothing and prioritizes nothing.
        const fields =
          type === FrameType.HEADERS
            ? readFieldList(this.#decoder, payload, 0, payload.length).fields.map(
                ({ name, value }) => [name, value] as const,
              )
            : [];
        this.frames.push({ type, flags, streamId, payload, fields });
        return null;
      },
    });
    if (failed !== null) throw new Error(failed.reason);
  }

  /** The next frame of that type that has not been taken. */
  async next(type: number): Promise<SeenFrame> {
    const find = () => this.frames.findIndex((frame, index) => index >= this.#taken && frame.type === type);
    await until(() => find() >= 0, `a frame of type ${type}`);
    const index = find();
    this.#taken = index + 1;
    return this.frames[index]!;
  }

  /** Octets of DATA that have come on a stream. */
  contentLength(streamId: number): number {
    return this.frames
      .filter((frame) => frame.type === FrameType.DATA && frame.streamId === streamId)
      .reduce((sum, frame) => sum + frame.payload.length, 0);
  }

  send(...frames: Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  headers(streamId: number, fields: Fields, endStream = false): Buffer {
    const out = Buffer.alloc(200_000);
    let end = this.#encoder.beginBlock(out, FRAME_HEADER_LENGTH);
    for (const [name, value] of fields) end = this.#encoder.encodeField(name, value, out, end);
    return out.subarray(0, finishHeaders(out, 0, end, streamId, endStream, 16_384));
  }
}

export const settings = (...pairs: (readonly [number, number])[]): Buffer => {
  const out = Buffer.alloc(9 + pairs.length * 6);
  writeSettings(out, 0, pairs);
  return out;
};
export const data = (streamId: number, content: string | Buffer, endStream = false): Buffer => {
  const bytes = Buffer.from(content as string);
  const out = Buffer.alloc(9 + bytes.length);
  writeData(out, 0, streamId, bytes, 0, bytes.length, endStream);
  return out;
};
export const reset = (streamId: number, code: number): Buffer => {
  const out = Buffer.alloc(13);
  writeReset(out, 0, streamId, code);
  return out;
};
export const goaway = (lastStreamId: number, code: number): Buffer => {
  const out = Buffer.alloc(17);
  writeGoaway(out, 0, lastStreamId, code);
  return out;
};
export const windowUpdate = (streamId: number, increment: number): Buffer => {
  const out = Buffer.alloc(13);
  writeWindowUpdate(out, 0, streamId, increment);
  return out;
};
export const frame = (type: number, flags: number, streamId: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9);
  writeFrameHeader(head, 0, payload.length, type, flags, streamId);
  return Buffer.concat([head, payload]);
};
/** What RST_STREAM and GOAWAY say. */
export const errorCodeOf = ({ type, payload }: SeenFrame): number =>
  readUint32(payload, type === FrameType.GOAWAY ? 4 : 0);
export const endsStream = ({ flags }: SeenFrame): boolean => (flags & FrameFlag.END_STREAM) !== 0;

export interface ScriptedH2App {
  readonly target: string;
  readonly connections: readonly H2AppConnection[];
  /** The connection with that number, once it has come. */
  connection(index: number): Promise<H2AppConnection>;
}

/** `greet` is called for each connection; by default it sends SETTINGS without a word in them. */
export async function startScriptedH2App(
  t: TestContext,
  greet: (connection: H2AppConnection, index: number) => void = (connection) => connection.send(settings()),
): Promise<ScriptedH2App> {
  const connections: H2AppConnection[] = [];
  const server = net.createServer({ noDelay: true }, (socket) => {
    const connection = new H2AppConnection(socket);
    connections.push(connection);
    greet(connection, connections.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const { socket } of connections) socket.destroy();
    server.close();
  });
  return {
    target: `h2c://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    connections,
    async connection(index) {
      await until(() => connections.length > index, `connection ${index} to the app`);
      return connections[index]!;
    },
  };
}
