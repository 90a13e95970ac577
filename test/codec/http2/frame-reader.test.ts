import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FrameReader } from '../../../src/codec/http2/frame-reader.ts';
import { FrameFlag, FrameType } from '../../../src/codec/http2/frames.ts';
import { CLIENT_PREFACE, matchPreface, PREFACE_MISMATCH } from '../../../src/codec/http2/preface.ts';
import { violation } from '../../../src/codec/http2/violation.ts';
import { frame, FrameKeeper, readInPieces, type SeenFrame } from './frames.ts';

const { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION } =
  FrameType;

const conversation = Buffer.concat([
  frame(SETTINGS, 0, 0, '000300000064'),
  frame(HEADERS, 0x4, 1, '82 87 84 41 01 61'),
  frame(DATA, 0x1, 1, Buffer.alloc(300, 0x61)),
  frame(0xbe, 0xff, 7, '010203'),
  frame(PING, 0, 0, '0102030405060708'),
  frame(WINDOW_UPDATE, 0, 0x80000003, '80000001'),
  frame(DATA, 0, 3, ''),
]);
const whole = readInPieces(conversation, []);

test('frames come out with type, flags, stream and payload; the reserved bit is ignored', () => {
  assert.equal(whole.violation, null);
  assert.deepEqual(
    whole.frames.map((one) => [one.type, one.flags, one.streamId, one.payload.length / 2]),
    [
      [SETTINGS, 0, 0, 6],
      [HEADERS, 4, 1, 6],
      [DATA, 1, 1, 300],
      [0xbe, 0xff, 7, 3],
      [PING, 0, 0, 8],
      [WINDOW_UPDATE, 0, 3, 4],
      [DATA, 0, 3, 0],
    ],
  );
  assert.equal(whole.offset, conversation.length);
});

test('split at every octet, the same frames come out', () => {
  for (let cut = 0; cut <= conversation.length; cut += 1) assert.deepEqual(readInPieces(conversation, [cut]), whole);
});

test('octet by octet, the same frames come out', () => {
  const cuts = Array.from({ length: conversation.length - 1 }, (_, at) => at + 1);
  assert.deepEqual(readInPieces(conversation, cuts), whole);
});

test('cut short at every octet, the frames before come out and the rest waits', () => {
  for (let end = 0; end < conversation.length; end += 1) {
    const result = readInPieces(conversation.subarray(0, end), []);
    assert.equal(result.violation, null);
    assert.deepEqual(result.frames, whole.frames.slice(0, result.frames.length));
    assert.equal(result.offset + result.pending, end);
  }
});

test('in pieces of any size, the same frames come out', () => {
  const frames = fc.array(
    fc.record({
      type: fc.constantFrom(0, 1, 9, 0x33, 0xff),
      flags: fc.nat(255),
      streamId: fc.integer({ min: 1, max: 0x7fffffff }),
      payload: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 900, maxLength: 2000 })),
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(frames, fc.array(fc.nat(5000), { maxLength: 12 }), (frames, places) => {
      const bytes = Buffer.concat(
        frames.map((one) => frame(one.type, one.flags, one.streamId, Buffer.from(one.payload))),
      );
      const cuts = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
      const result = readInPieces(bytes, cuts);
      assert.equal(result.violation, null);
      assert.equal(result.pending, 0);
      assert.deepEqual(
        result.frames,
        frames.map((one) => ({ ...one, payload: Buffer.from(one.payload).toString('hex') })),
      );
    }),
  );
});

/** Joins the parts of split DATA frames; what stands between two parts is nothing but parts of the same frame. */
function joinParts(parts: readonly SeenFrame[], lengths: readonly number[]): SeenFrame[] {
  const joined: SeenFrame[] = [];
  let at = 0;
  for (const length of lengths) {
    let whole = parts[at++]!;
    while (whole.payload.length < length * 2) {
      const next = parts[at++]!;
      assert.equal(whole.type, DATA);
      assert.equal(whole.flags & FrameFlag.END_STREAM, 0, 'a part says that the stream ends');
      assert.ok(whole.payload.length > 0 && next.payload.length > 0, 'a part is empty');
      whole = { ...next, payload: whole.payload + next.payload };
    }
    joined.push(whole);
  }
  assert.equal(at, parts.length);
  return joined;
}

test('a reader that splits content hands on the same octets, flags and streams, wherever chunks end', () => {
  const frames = fc.array(
    fc.record({
      type: fc.constantFrom<number>(DATA, DATA, HEADERS),
      flags: fc.constantFrom<number>(
        0,
        FrameFlag.END_STREAM,
        FrameFlag.PADDED,
        FrameFlag.PADDED | FrameFlag.END_STREAM,
      ),
      streamId: fc.integer({ min: 1, max: 5 }),
      payload: fc.uint8Array({ maxLength: 40 }),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(frames, fc.array(fc.nat(5000), { maxLength: 12 }), (frames, places) => {
      const bytes = Buffer.concat(
        frames.map((one) => frame(one.type, one.flags, one.streamId, Buffer.from(one.payload))),
      );
      const cuts = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
      const result = readInPieces(bytes, cuts, undefined, true);
      assert.equal(result.violation, null);
      assert.equal(result.pending, 0);
      assert.equal(result.offset, bytes.length);
      assert.deepEqual(
        joinParts(
          result.frames,
          frames.map((one) => one.payload.length),
        ),
        frames.map((one) => ({ ...one, payload: Buffer.from(one.payload).toString('hex') })),
      );
    }),
    { numRuns: 2000 },
  );
});

test('a reader that splits content holds no octet of it, and refuses by the header alone', () => {
  const whole = frame(DATA, FrameFlag.END_STREAM, 1, Buffer.alloc(16_384));
  const cut = readInPieces(whole.subarray(0, 10_000), [4], undefined, true);
  assert.equal(cut.pending, 0);
  assert.deepEqual(
    cut.frames.map((part) => [part.flags, part.payload.length / 2]),
    [[0, 9991]],
  );
  const large = frame(DATA, 0, 1, Buffer.alloc(16_385)).subarray(0, 9);
  for (const cuts of [[], [4]]) {
    const refused = readInPieces(large, cuts, undefined, true);
    assert.equal(refused.violation?.reason, 'h2-frame-too-large');
    assert.deepEqual(refused.frames, []);
  }
});

test('any octets are frames, a wait, or a violation; never an exception, never more held than a frame', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), (chunks) => {
      const reader = new FrameReader();
      const keeper = new FrameKeeper();
      for (const chunk of chunks) {
        reader.feed(Buffer.from(chunk), 0, chunk.length, keeper);
        assert.ok(reader.pending <= 16_384 + 9);
      }
    }),
    { numRuns: 2000 },
  );
});

test('what a header alone gets wrong is refused before the payload comes', () => {
  const cases: [type: number, flags: number, streamId: number, length: number, reason: string][] = [
    [DATA, 0, 1, 16_385, 'h2-frame-too-large'],
    [0xbe, 0, 0, 16_385, 'h2-frame-too-large'],
    [DATA, 0, 0, 5, 'h2-frame-on-wrong-stream'],
    [HEADERS, 4, 0, 5, 'h2-frame-on-wrong-stream'],
    [CONTINUATION, 4, 0, 5, 'h2-frame-on-wrong-stream'],
    [PRIORITY, 0, 0, 5, 'h2-frame-on-wrong-stream'],
    [PUSH_PROMISE, 0, 0, 5, 'h2-frame-on-wrong-stream'],
    [RST_STREAM, 0, 0, 4, 'h2-frame-on-wrong-stream'],
    [RST_STREAM, 0, 1, 3, 'h2-frame-length-wrong'],
    [SETTINGS, 0, 1, 6, 'h2-frame-on-wrong-stream'],
    [SETTINGS, 0, 0, 5, 'h2-frame-length-wrong'],
    [SETTINGS, 1, 0, 6, 'h2-frame-length-wrong'],
    [PING, 0, 1, 8, 'h2-frame-on-wrong-stream'],
    [PING, 0, 0, 7, 'h2-frame-length-wrong'],
    [GOAWAY, 0, 1, 8, 'h2-frame-on-wrong-stream'],
    [GOAWAY, 0, 0, 7, 'h2-frame-length-wrong'],
    [WINDOW_UPDATE, 0, 0, 5, 'h2-frame-length-wrong'],
    [FrameType.PRIORITY_UPDATE, 0, 1, 5, 'h2-frame-on-wrong-stream'],
    [FrameType.PRIORITY_UPDATE, 0, 0, 3, 'h2-frame-length-wrong'],
  ];
  for (const [type, flags, streamId, length, reason] of cases) {
    const head = frame(type, flags, streamId, Buffer.alloc(length)).subarray(0, 9);
    for (const cuts of [[], [4]]) {
      const result = readInPieces(head, cuts);
      assert.equal(result.violation?.reason, reason, `type ${type}, length ${length}`);
      assert.equal(result.violation?.scope, 'connection');
      assert.deepEqual(result.frames, []);
    }
  }
});

test('a frame as large as the limit is taken, one octet more is not', () => {
  assert.equal(readInPieces(frame(DATA, 0, 1, Buffer.alloc(16_384)), [100, 10_000]).frames.length, 1);
  const large = frame(DATA, 0, 1, Buffer.alloc(16_385));
  assert.equal(readInPieces(large, []).violation?.reason, 'h2-frame-too-large');
  assert.equal(readInPieces(large, [], 16_385).frames.length, 1);
});

test('after a violation nothing further is read', () => {
  const reader = new FrameReader();
  const refused = violation('h2-setting-invalid');
  let calls = 0;
  const sink = {
    onFrame: () => {
      calls += 1;
      return refused;
    },
  };
  assert.equal(reader.feed(conversation, 0, conversation.length, sink), refused);
  assert.equal(reader.feed(conversation, 0, conversation.length, sink), refused);
  assert.equal(calls, 1);
});

test('the preface is matched in one piece, in pieces, with octets behind it, and refused at the first that differs', () => {
  const preface = Buffer.from(CLIENT_PREFACE);
  assert.equal(preface.toString('latin1'), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  const followed = Buffer.concat([preface, Buffer.of(0, 0, 0)]);
  assert.equal(matchPreface(followed, 0, followed.length, 0), 24);
  for (let cut = 0; cut <= 24; cut += 1) {
    const matched = matchPreface(followed, 0, cut, 0);
    assert.equal(matched, cut);
    assert.equal(matchPreface(followed, cut, followed.length, matched), 24);
    if (cut < 24) {
      const wrong = Buffer.from(preface);
      wrong[cut]! ^= 1;
      assert.equal(matchPreface(wrong, 0, 24, 0), PREFACE_MISMATCH);
    }
  }
  assert.equal(matchPreface(Buffer.from('GET / HTTP/1.1\r\n'), 0, 16, 0), PREFACE_MISMATCH);
});
