import { Duplex } from 'node:stream';
import test from 'node:test';
import assert from 'node:assert/strict';
import { errorCodeName } from '../../../src/codec/http2/error-codes.ts';
import { writeFrameHeader, writeGoaway, writeReset, writeSettings } from '../../../src/codec/http2/frame-writer.ts';
import { FrameFlag, FrameType } from '../../../src/codec/http2/frames.ts';
import { HpackEncoder } from '../../../src/codec/http2/hpack/encoder.ts';
import { Http2Client } from '../../../src/trace/http/http2-client.ts';
import type { FrameEvent } from '../../../src/trace/http/frame-event.ts';
import { traceLimits, type TraceLimits } from '../../../src/trace/limits.ts';

/** The server's end: says what the test says once the client has spoken, and keeps what that said. */
class Scripted extends Duplex {
  readonly sent: Buffer[] = [];
  #answer: Buffer | undefined;

  constructor(answer: Buffer) {
    super();
    this.#answer = answer;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.sent.push(chunk);
    done();
    // The HEADERS of the request are the third write: preface, settings, request.
    if (this.sent.length === 3 && this.#answer !== undefined) {
      this.push(this.#answer);
      this.#answer = undefined;
    }
  }
}

function frame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const out = Buffer.alloc(9 + payload.length);
  writeFrameHeader(out, 0, payload.length, type, flags, streamId);
  out.set(payload, 9);
  return out;
}

const settings = (): Buffer => {
  const out = Buffer.alloc(9);
  writeSettings(out, 0, []);
  return out;
};

/** A header block without references, so that several may follow each other. */
function block(fields: readonly (readonly [string, string])[]): Buffer {
  const encoder = new HpackEncoder(Buffer.alloc(4_096), 0);
  const out = Buffer.alloc(65_536);
  let at = encoder.beginBlock(out, 0);
  for (const [name, value] of fields) at = encoder.encodeField(name, value, out, at);
  return out.subarray(0, at);
}

const headers = (fields: readonly (readonly [string, string])[], flags: number = FrameFlag.END_HEADERS): Buffer =>
  frame(FrameType.HEADERS, flags, 1, block(fields));
const END = FrameFlag.END_HEADERS | FrameFlag.END_STREAM;

async function answered(pieces: readonly Buffer[], limits: Partial<TraceLimits> = {}) {
  const events: FrameEvent[] = [];
  const socket = new Scripted(Buffer.concat(pieces));
  const client = new Http2Client(socket, {
    limits: { ...traceLimits, ...limits },
    nowMs: () => 0,
    onFrame: (event) => events.push(event),
  });
  const request = {
    method: 'GET',
    url: new URL('https://a.example/x?y'),
    fields: [['Accept', '*/*']] as const,
    content: undefined,
  };
  const exchange = await client.exchange(request, AbortSignal.timeout(5_000));
  client.close();
  return { exchange, events, socket, client };
}

test('an answer with interim answer, content in pieces, padding and trailers is read whole', async () => {
  const padded = Buffer.concat([Buffer.of(3), Buffer.from('lo'), Buffer.alloc(3)]);
  const { exchange, events } = await answered([
    settings(),
    headers([
      [':status', '103'],
      ['link', '</a>'],
    ]),
    headers([
      [':status', '200'],
      ['content-length', '5'],
      ['x', '1'],
    ]),
    frame(FrameType.DATA, 0, 1, Buffer.from('hel')),
    frame(FrameType.PING, 0, 0, Buffer.alloc(8)),
    frame(FrameType.DATA, FrameFlag.PADDED, 1, padded),
    headers([['grpc-status', '0']], END),
  ]);
  assert.equal(exchange.problem, undefined);
  assert.equal(exchange.content.toString(), 'hello');
  assert.deepEqual([exchange.interim[0]?.status, exchange.head?.status], [103, 200]);
  assert.deepEqual(
    exchange.trailers.map(({ name, value }) => [name, value]),
    [['grpc-status', '0']],
  );
  assert.ok(
    events.some(({ type, direction, flags }) => type === 'PING' && direction === 'sent' && flags.includes('ACK')),
  );
  assert.ok(events.some(({ type, direction }) => type === 'SETTINGS' && direction === 'received'));
});

test('what breaks the rules is told by its rule, and the server is told too', async () => {
  const status = headers([[':status', '200']]);
  const goaway = Buffer.alloc(17);
  writeGoaway(goaway, 0, 0, 2);
  const reset = Buffer.alloc(13);
  writeReset(reset, 0, 1, 13);
  const cases: readonly (readonly [string, readonly Buffer[], string, string])[] = [
    ['no settings first', [status], 'trace-not-http2', 'h2-settings-not-first'],
    [
      'push',
      [settings(), frame(FrameType.PUSH_PROMISE, END, 1, Buffer.alloc(4))],
      'trace-h2-violation',
      'h2-push-refused',
    ],
    [
      'headers in between',
      [settings(), headers([[':status', '200']], 0), frame(FrameType.DATA, 0, 1, Buffer.alloc(1))],
      'trace-h2-violation',
      'h2-continuation-missing',
    ],
    [
      'padding',
      [settings(), status, frame(FrameType.DATA, FrameFlag.PADDED, 1, Buffer.of(9, 1))],
      'trace-h2-violation',
      'h2-padding-too-long',
    ],
    ['hpack', [settings(), frame(FrameType.HEADERS, END, 1, Buffer.of(0xff, 0xff, 0xff))], 'trace-h2-violation', ''],
    ['no status', [settings(), headers([['x', '1']])], 'trace-response-malformed', 'h2-status-invalid'],
    [
      'late pseudo',
      [
        settings(),
        headers([
          [':status', '200'],
          [':status', '200'],
        ]),
      ],
      'trace-response-malformed',
      'h2-pseudo-unknown',
    ],
    [
      'data first',
      [settings(), frame(FrameType.DATA, 0, 1, Buffer.from('x'))],
      'trace-response-malformed',
      'content-before-head',
    ],
    [
      'too short',
      [
        settings(),
        headers(
          [
            [':status', '200'],
            ['content-length', '9'],
          ],
          END,
        ),
      ],
      'trace-content-cut-short',
      '',
    ],
    [
      'window',
      [settings(), frame(FrameType.WINDOW_UPDATE, 0, 0, Buffer.alloc(4))],
      'trace-h2-violation',
      'h2-window-increment-zero',
    ],
    ['goaway', [settings(), goaway], 'trace-goaway', ''],
    ['reset', [settings(), reset], 'trace-stream-reset', ''],
  ];
  for (const [name, pieces, code, reason] of cases) {
    const { exchange } = await answered(pieces);
    assert.equal(exchange.problem?.code, code, name);
    if (reason !== '') assert.equal(exchange.problem.values['reason'], reason, name);
  }
  assert.equal(errorCodeName(13), 'HTTP_1_1_REQUIRED');
});

test('limits: heads, interim answers and content', async () => {
  const large = headers(
    [
      [':status', '200'],
      ['x', 'y'.repeat(3_000)],
    ],
    END,
  );
  const few = { ...traceLimits, headBytes: 1_000 };
  assert.equal((await answered([settings(), large], few)).exchange.problem?.code, 'trace-head-too-large');
  const interim = headers([[':status', '103']]);
  const flood = [settings(), ...Array.from({ length: 40 }, () => interim)];
  assert.equal((await answered(flood)).exchange.problem?.code, 'trace-interim-flood');
  const much = [settings(), headers([[':status', '200']]), frame(FrameType.DATA, 0, 1, Buffer.alloc(2_000))];
  assert.equal((await answered(much, { contentBytes: 1_000 })).exchange.problem?.code, 'trace-content-too-large');
});
