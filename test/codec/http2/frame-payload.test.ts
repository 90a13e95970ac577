import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ErrorCode, errorCodeName } from '../../../src/codec/http2/error-codes.ts';
import {
  parsePriority,
  PayloadRange,
  readData,
  readGoaway,
  readHeaders,
  readPriority,
  readPriorityUpdate,
  readPushPromise,
  readResetCode,
  readWindowIncrement,
  zeroIncrement,
} from '../../../src/codec/http2/frame-payload.ts';
import {
  finishHeaders,
  headersRoom,
  writeData,
  writeGoaway,
  writePing,
  writeReset,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from '../../../src/codec/http2/frame-writer.ts';
import { FrameFlag, frameTypeName, FrameType } from '../../../src/codec/http2/frames.ts';
import { readInPieces } from './frames.ts';

const range = new PayloadRange();
const out = Buffer.alloc(70_000);

/** The frames that stand in [0, end) of `out`, read back. */
function written(end: number) {
  const result = readInPieces(Buffer.from(out.subarray(0, end)), []);
  assert.equal(result.violation, null);
  assert.equal(result.pending, 0);
  return result.frames.map((one) => ({ ...one, payload: Buffer.from(one.payload, 'hex') }));
}

test('DATA: padding is taken off, and must leave the payload whole', () => {
  const payload = Buffer.from('02 6161 0000'.replace(/ /g, ''), 'hex');
  assert.equal(readData(FrameFlag.PADDED, payload, 0, 5, range), null);
  assert.deepEqual([range.start, range.end], [1, 3]);
  assert.equal(readData(0, payload, 0, 5, range), null);
  assert.deepEqual([range.start, range.end], [0, 5]);
  // Nothing but padding is allowed; padding as long as the payload is not.
  assert.equal(readData(FrameFlag.PADDED, Buffer.of(4, 0, 0, 0, 0), 0, 5, range), null);
  assert.equal(range.end - range.start, 0);
  assert.equal(readData(FrameFlag.PADDED, Buffer.of(5, 0, 0, 0, 0), 0, 5, range)?.reason, 'h2-padding-too-long');
  assert.equal(readData(FrameFlag.PADDED, payload, 0, 0, range)?.reason, 'h2-frame-length-wrong');
});

test('HEADERS: padding and priority are taken off', () => {
  const flags = FrameFlag.PADDED | FrameFlag.PRIORITY;
  const payload = Buffer.from('01 80000003 0f 82 00'.replace(/ /g, ''), 'hex');
  assert.equal(readHeaders(flags, 5, payload, 0, payload.length, range), null);
  assert.deepEqual([range.start, range.end, range.dependency, range.exclusive, range.weight], [6, 7, 3, true, 16]);
  assert.equal(readHeaders(0, 5, payload, 6, 7, range), null);
  assert.deepEqual([range.start, range.end, range.dependency], [6, 7, -1]);
  assert.equal(readHeaders(flags, 3, payload, 0, payload.length, range)?.reason, 'h2-depends-on-itself');
  for (let end = 1; end < 7; end += 1) {
    const refused = readHeaders(flags, 5, payload, 0, end, range);
    assert.match(refused?.reason ?? '', /h2-(padding-too-long|frame-length-wrong)/, `cut at ${end}`);
  }
});

test('PRIORITY: five octets, not on itself; both concern the stream only', () => {
  const payload = Buffer.from('0000000b0f', 'hex');
  assert.equal(readPriority(1, payload, 0, 5, range), null);
  assert.deepEqual([range.dependency, range.weight, range.exclusive], [11, 16, false]);
  assert.deepEqual(readPriority(11, payload, 0, 5, range), {
    reason: 'h2-depends-on-itself',
    scope: 'stream',
    errorCode: ErrorCode.PROTOCOL_ERROR,
  });
  assert.deepEqual(readPriority(1, payload, 0, 4, range), {
    reason: 'h2-priority-length-wrong',
    scope: 'stream',
    errorCode: ErrorCode.FRAME_SIZE_ERROR,
  });
});

test('PRIORITY_UPDATE: the stream, then its priority in words', () => {
  // 80000005 stream 5, its reserved bit is ignored; 'u=1, i'
  const payload = Buffer.from('80000005753d312c2069', 'hex');
  const read = readPriorityUpdate(payload, 0, payload.length);
  assert.deepEqual(read, { streamId: 5, urgency: 1, incremental: true });
});

test('PUSH_PROMISE: the promised stream, then the block', () => {
  const payload = Buffer.from('01 80000002 82 00'.replace(/ /g, ''), 'hex');
  assert.equal(readPushPromise(FrameFlag.PADDED, payload, 0, payload.length, range), null);
  assert.deepEqual([range.promisedStreamId, range.start, range.end], [2, 5, 6]);
  assert.equal(readPushPromise(0, payload, 0, 3, range)?.reason, 'h2-frame-length-wrong');
});

test('an increment of 0 is an error of the stream, or on stream 0 of the connection', () => {
  assert.equal(readWindowIncrement(Buffer.from('80000000', 'hex'), 0), 0);
  assert.equal(zeroIncrement(0).scope, 'connection');
  assert.equal(zeroIncrement(1).scope, 'stream');
});

test('priorities: urgency and incremental, the rest ignored', () => {
  assert.deepEqual(parsePriority('u=0, i'), { urgency: 0, incremental: true });
  assert.deepEqual(parsePriority('i=?0,u=7;x=1, z'), { urgency: 7, incremental: false });
  assert.deepEqual(parsePriority('i;q, u=8'), { urgency: 3, incremental: true });
  assert.deepEqual(parsePriority(''), { urgency: 3, incremental: false });
  assert.deepEqual(parsePriority('u="1", , =,;'), { urgency: 3, incremental: false });
});

test('every frame that is written is read back as it was meant', () => {
  const content = Buffer.from('hello');
  let [one] = written(writeData(out, 0, 3, content, 1, 5, true));
  assert.deepEqual(one, { type: FrameType.DATA, flags: 1, streamId: 3, payload: Buffer.from('ello') });

  [one] = written(
    writeSettings(out, 0, [
      [4, 0xffff_ffff],
      [0x1234, 1],
    ]),
  );
  assert.equal(one!.payload.toString('hex'), '0004ffffffff123400000001');
  [one] = written(writeSettingsAck(out, 0));
  assert.deepEqual(one, { type: FrameType.SETTINGS, flags: 1, streamId: 0, payload: Buffer.alloc(0) });

  [one] = written(writePing(out, 0, Buffer.from('0123456789'), 1, true));
  assert.deepEqual(one, { type: FrameType.PING, flags: 1, streamId: 0, payload: Buffer.from('12345678') });

  [one] = written(writeReset(out, 0, 9, ErrorCode.CANCEL));
  assert.deepEqual([one!.streamId, readResetCode(one!.payload, 0)], [9, 8]);

  [one] = written(writeGoaway(out, 0, 0x7fffffff, ErrorCode.ENHANCE_YOUR_CALM, 'too many resets'));
  assert.deepEqual(readGoaway(one!.payload, 0, one!.payload.length), {
    lastStreamId: 0x7fffffff,
    errorCode: 0xb,
    debugData: 'too many resets',
  });

  [one] = written(writeWindowUpdate(out, 0, 5, 0x7fffffff));
  assert.deepEqual([one!.streamId, readWindowIncrement(one!.payload, 0)], [5, 0x7fffffff]);
});

test('a header block of any length becomes HEADERS and as many CONTINUATION frames as it needs', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.integer({ min: 1, max: 70 }), fc.boolean(), fc.nat(20), (length, size, ends, at) => {
      const block = Buffer.from(Uint8Array.from({ length }, (_, i) => i * 7));
      out.fill(0xee);
      out.set(block, at + 9);
      const end = finishHeaders(out, at, at + 9 + length, 11, ends, size);
      assert.ok(end - at <= headersRoom(length, size));
      assert.equal(out[end], 0xee);
      const { frames } = readInPieces(Buffer.from(out.subarray(at, end)), []);
      assert.equal(Buffer.from(frames.map((one) => one.payload).join(''), 'hex').compare(block), 0);
      for (const [place, one] of frames.entries()) {
        const last = place === frames.length - 1 ? FrameFlag.END_HEADERS : 0;
        const first = place === 0 && ends ? FrameFlag.END_STREAM : 0;
        assert.equal(one.type, place === 0 ? FrameType.HEADERS : FrameType.CONTINUATION);
        assert.equal(one.flags, first | last);
        assert.equal(one.streamId, 11);
        assert.ok(one.payload.length / 2 <= size);
      }
    }),
  );
});

test('types and error codes have their registered names', () => {
  assert.equal(frameTypeName(0), 'DATA');
  assert.equal(frameTypeName(0x10), 'PRIORITY_UPDATE');
  assert.equal(frameTypeName(0xbe), '0xbe');
  for (const [name, code] of Object.entries(ErrorCode)) assert.equal(errorCodeName(code), name);
  assert.equal(errorCodeName(0x99), '0x99');
});
