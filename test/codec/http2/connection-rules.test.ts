// What holds a connection together: header blocks in pieces, settings, windows.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ErrorCode } from '../../../src/codec/http2/error-codes.ts';
import {
  changeWindow,
  DEFAULT_WINDOW,
  LARGEST_WINDOW,
  ReceiveWindow,
  WINDOW_OVERFLOW,
} from '../../../src/codec/http2/flow-control.ts';
import { FrameType } from '../../../src/codec/http2/frames.ts';
import { HeaderBlockAssembler } from '../../../src/codec/http2/header-block.ts';
import { applySettings, forEachSetting, settingName, Settings } from '../../../src/codec/http2/settings.ts';

const { DATA, HEADERS, SETTINGS, CONTINUATION } = FrameType;

test('a block in pieces comes out whole, wherever it is cut', () => {
  const block = Buffer.from('828784418cf1e3c2e5f23a6ba0ab90f4ff', 'hex');
  for (let cut = 0; cut <= block.length; cut += 1) {
    for (let second = cut; second <= block.length; second += 1) {
      const assembler = new HeaderBlockAssembler({ blockSize: 100, continuations: 2 });
      assert.equal(assembler.admit(HEADERS, 1), null);
      assert.equal(assembler.begin(1, true, block, 0, cut), null);
      assert.equal(assembler.admit(CONTINUATION, 1), null);
      assert.equal(assembler.proceed(block, cut, second), null);
      assert.equal(assembler.proceed(block, second, block.length), null);
      assert.ok(assembler.block.subarray(0, assembler.length).equals(block));
      assert.equal(assembler.endStream, true);
      assembler.finish();
      assert.equal(assembler.admit(DATA, 1), null);
    }
  }
});

test('inside a block only its own CONTINUATION may come, outside none', () => {
  const assembler = new HeaderBlockAssembler({ blockSize: 100, continuations: 10 });
  assert.equal(assembler.admit(CONTINUATION, 1)?.reason, 'h2-continuation-unexpected');
  assembler.begin(1, false, Buffer.of(0x82), 0, 1);
  for (const [type, streamId] of [
    [DATA, 1],
    [HEADERS, 3],
    [SETTINGS, 0],
    [CONTINUATION, 3],
    [0xbe, 1],
  ] as const) {
    assert.equal(assembler.admit(type, streamId)?.reason, 'h2-continuation-missing');
  }
});

test('a block beyond the limit, or in too many pieces, ends the connection', () => {
  const assembler = new HeaderBlockAssembler({ blockSize: 10, continuations: 3 });
  const octets = Buffer.alloc(11);
  assert.equal(assembler.begin(1, false, octets, 0, 11)?.errorCode, ErrorCode.ENHANCE_YOUR_CALM);
  assert.equal(assembler.begin(1, false, octets, 0, 10), null);
  assert.equal(assembler.proceed(octets, 0, 1)?.reason, 'h2-header-block-too-large');
  assert.equal(assembler.begin(1, false, octets, 0, 1), null);
  for (let empty = 0; empty < 3; empty += 1) assert.equal(assembler.proceed(octets, 0, 0), null);
  assert.equal(assembler.proceed(octets, 0, 0)?.reason, 'h2-too-many-continuations');
});

function settingsOf(pairs: [number, number][]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [place, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, place * 6);
    payload.writeUInt32BE(value, place * 6 + 2);
  }
  return payload;
}

test('settings are taken over, the last of a kind counts, unknown ones are ignored', () => {
  const settings = new Settings();
  const payload = settingsOf([
    [1, 100],
    [2, 0],
    [3, 7],
    [4, LARGEST_WINDOW],
    [5, 16_777_215],
    [6, 0xffffffff],
    [8, 1],
    [9, 1],
    [0xabcd, 5],
    [1, 200],
  ]);
  assert.equal(applySettings(settings, 'client', payload, 0, payload.length), null);
  assert.deepEqual(Object.fromEntries(Object.entries(settings)), {
    headerTableSize: 200,
    enablePush: false,
    maximumConcurrentStreams: 7,
    initialWindowSize: LARGEST_WINDOW,
    maximumFrameSize: 16_777_215,
    maximumHeaderListSize: 0xffffffff,
    enableConnectProtocol: true,
    noRfc7540Priorities: true,
    count: 1,
  });
  const seen: string[] = [];
  forEachSetting(payload, 0, payload.length, (id, value) => seen.push(`${settingName(id)}=${value}`));
  assert.equal(seen[3], 'INITIAL_WINDOW_SIZE=2147483647');
  assert.equal(seen[8], '0xabcd=5');
});

test('values that a setting may not have end the connection', () => {
  const cases: [id: number, value: number, sender: 'client' | 'server', reason: string][] = [
    [2, 2, 'client', 'h2-setting-invalid'],
    [2, 1, 'server', 'h2-setting-invalid'],
    [4, 0x80000000, 'client', 'h2-initial-window-too-large'],
    [5, 16_383, 'client', 'h2-setting-invalid'],
    [5, 16_777_216, 'client', 'h2-setting-invalid'],
    [8, 2, 'server', 'h2-setting-invalid'],
    [9, 2, 'client', 'h2-setting-invalid'],
  ];
  for (const [id, value, sender, reason] of cases) {
    const payload = settingsOf([[id, value]]);
    const refused = applySettings(new Settings(), sender, payload, 0, payload.length);
    assert.equal(refused?.reason, reason, `${id}=${value}`);
    assert.equal(refused?.scope, 'connection');
  }
});

test('what was promised in settings is not taken back', () => {
  const on = settingsOf([[8, 1]]);
  const off = settingsOf([[8, 0]]);
  const settings = new Settings();
  assert.equal(applySettings(settings, 'server', off, 0, 6), null);
  assert.equal(applySettings(settings, 'server', on, 0, 6), null);
  assert.equal(applySettings(settings, 'server', off, 0, 6)?.reason, 'h2-setting-invalid');
  assert.equal(applySettings(settings, 'client', settingsOf([[9, 1]]), 0, 6)?.reason, 'h2-setting-invalid');
});

test('a window may become negative, and must not pass 2^31 - 1', () => {
  assert.equal(changeWindow(DEFAULT_WINDOW, 1), 65_536);
  assert.equal(changeWindow(10, -65_535), -65_525);
  assert.equal(changeWindow(1, LARGEST_WINDOW - 1), LARGEST_WINDOW);
  assert.equal(changeWindow(1, LARGEST_WINDOW), WINDOW_OVERFLOW);
});

test('credit is given back by halves, and never more than was used', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.array(fc.nat(20_000), { maxLength: 60 }), (size, reads) => {
      const window = new ReceiveWindow(size);
      let granted = size;
      let received = 0;
      for (const read of reads) {
        const length = Math.min(read, window.available);
        assert.ok(window.receive(length));
        received += length;
        granted += window.release(length);
        assert.equal(window.available, granted - received);
        assert.ok(window.available * 2 > size || window.available === size, 'the peer is never left with nothing');
        assert.ok(window.available <= size);
      }
      assert.equal(window.available + window.grant(), size);
      assert.equal(window.receive(size + 1), false);
    }),
  );
  const window = new ReceiveWindow(100);
  assert.equal(window.enlarge(150), 50);
  assert.equal(window.available, 150);
});
