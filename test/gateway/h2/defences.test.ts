import assert from 'node:assert/strict';
import test from 'node:test';
import { ErrorCode } from '../../../src/codec/http2/error-codes.ts';
import { FrameFlag, FrameType } from '../../../src/codec/http2/frames.ts';
import { h2Floods, h2Limits, type H2FloodCode } from '../../../src/gateway/h2/defences.ts';
import { until } from '../quiet.ts';
import { block, data, frame, reset, settings, uint32, windowUpdate, type FrameClient } from './frame-client.ts';
import { setH2Stage } from './h2-stage.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK';

/** One more of what a flood is made of; `id` is a stream of its own. */
const floods: Readonly<Record<H2FloodCode, (client: FrameClient, id: number) => readonly Uint8Array[]>> = {
  'h2-reset-flood': (client, id) => [client.headers(id), reset(id)],
  // MadeYouReset: the gateway is made to reset what it works on.
  'h2-stream-error-flood': (client, id) => [client.headers(id), windowUpdate(id, 0)],
  'h2-large-head-flood': (client, id) => [
    client.headers(id, Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`x-${index}`, '']))),
  ],
  'h2-empty-data-flood': (client, id) => (id === 1 ? [client.headers(1, { ':method': 'POST' }, false)] : [data(1, '')]),
  'h2-settings-flood': () => [settings([3, 100])],
  'h2-ping-flood': () => [frame(FrameType.PING, 0, 0, 'pingpong')],
  'h2-window-update-flood': () => [windowUpdate(0, 1)],
  'h2-priority-flood': () => [frame(FrameType.PRIORITY_UPDATE, 0, 0, Buffer.concat([uint32(7), Buffer.from('u=1')]))],
  'h2-unknown-frame-flood': () => [frame(0x2a, 0, 0, 'x')],
};

for (const [code, one] of Object.entries(floods) as [H2FloodCode, (typeof floods)[H2FloodCode]][]) {
  test(`${code}: as many as are honest pass, more end the connection and are counted`, async (t) => {
    const stage = await setH2Stage(t, { limits: { requestHeadBytes: 1400 } });
    const client = await stage.client();
    const { burst } = h2Floods[code];
    let id = 1;
    const send = async (count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent += 25) {
        const octets: Uint8Array[] = [];
        for (let k = sent; k < Math.min(count, sent + 25); k += 1, id += 2) octets.push(...one(client, id));
        client.send(...octets);
        await new Promise(setImmediate);
      }
    };
    // Greeting and PING at the end are of the same kind in two cases.
    await send(burst - 2);
    await client.ping();
    assert.equal(client.goaways.length, 0);
    // Time passes and refills it meanwhile, however little.
    for (let more = 0; client.goaways.length === 0 && more < burst; more += 5) await send(5);
    assert.equal(await client.goaway(), ErrorCode.ENHANCE_YOUR_CALM);
    assert.equal(client.goaways[0]?.debugData, code);
    await client.over();
    assert.equal(stage.harness.defences.at(-1), code);
  });

  test(`${code}: at the rate that is honest it goes on for ever`, async (t) => {
    const stage = await setH2Stage(t, { limits: { requestHeadBytes: 1400 } });
    const client = await stage.client();
    const { perSecond } = h2Floods[code];
    for (let second = 0, id = 1; second * perSecond < h2Floods[code].burst + 3 * perSecond; second += 1) {
      const octets: Uint8Array[] = [];
      for (let k = 0; k < perSecond; k += 1, id += 2) octets.push(...one(client, id));
      client.send(...octets);
      await until(() => client.socket.writableLength === 0, 'the octets are gone');
      await new Promise(setImmediate);
      if (second % 16 === 0 && code !== 'h2-ping-flood') await client.ping();
      stage.harness.advance(1000);
    }
    if (code !== 'h2-ping-flood') await client.ping();
    await stage.settled();
    assert.equal(client.goaways.length, 0, client.tell());
  });
}

test('Rapid Reset: an app is never busy with more than the limit, whatever was cancelled meanwhile', async (t) => {
  const stage = await setH2Stage(t, { stillClock: true });
  const client = await stage.client();
  const limit = h2Limits.workInFlight.value;
  let id = 1;
  // Each batch reaches the app before it is cancelled: the worst that a client can do.
  for (let batch = 0; batch < 5; batch += 1) {
    const ids = Array.from({ length: 100 }, () => (id += 2) - 2);
    client.send(...ids.map((each) => client.headers(each)));
    await stage.settled();
    client.send(...ids.map((each) => reset(each)));
    await client.ping();
  }
  await stage.settled();
  const asked = stage.app.connections.filter(({ received }) => received !== '').length;
  assert.equal(asked, limit, 'requests that reached the app');
  assert.equal(client.goaways.length, 0, 'a browser that cancels five pages of images is not cut off');
  assert.equal(stage.harness.records.length, 500);

  // Who waits is served when the app has had time to notice.
  const waiting = [client.headers(id), client.headers(id + 2)];
  client.send(...waiting, reset(id));
  await client.ping();
  assert.equal(stage.app.connections.length, limit);
  stage.harness.advance(1100);
  stage.harness.advance(1100);
  const app = await stage.app.connection(limit);
  await app.head();
  app.write(OK);
  assert.equal((await client.answered(id + 2)).status, 200);
});

test('MadeYouReset: each reset takes the request from the app', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  const provocations = [
    (id: number) => windowUpdate(id, 0),
    (id: number) => windowUpdate(id, 0x7fff_ffff),
    (id: number) => data(id, 'x'),
    (id: number) => frame(FrameType.PRIORITY, 0, id, Buffer.concat([uint32(id), Buffer.from([0])])),
    (id: number) => client.headersOf(id, [['x', 'y']]),
  ];
  for (const [index, provoke] of provocations.entries()) {
    const id = 1 + index * 2;
    client.send(client.headers(id));
    const app = await stage.app.connection(index);
    await app.head();
    client.send(provoke(id));
    assert.ok((await client.resetOf(id)) > 0);
    await until(() => app.ended || app.closed, 'the end at the app');
  }
});

test('a header block without end is cut off by size, by number of pieces, and by time', async (t) => {
  const stage = await setH2Stage(t, { timeouts: { requestHeadMs: 5000 } });
  const first = frame(FrameType.HEADERS, 0, 1, block([[':method', 'GET']]));
  const bySize = await stage.client();
  await bySize.ping();
  bySize.send(first, ...Array.from({ length: 5 }, () => frame(FrameType.CONTINUATION, 0, 1, Buffer.alloc(16_000))));
  assert.equal(await bySize.goaway(), ErrorCode.ENHANCE_YOUR_CALM);
  const byPieces = await stage.client();
  await byPieces.ping();
  byPieces.send(first, ...Array.from({ length: 17 }, () => frame(FrameType.CONTINUATION, 0, 1)));
  assert.equal(await byPieces.goaway(), ErrorCode.ENHANCE_YOUR_CALM);

  const byTime = [await stage.client(), await stage.client(), await stage.client()] as const;
  for (const client of byTime) await client.ping();
  byTime[0].send(first);
  byTime[1].send(byTime[1].headers(1).subarray(0, 12));
  byTime[2].send(frame(FrameType.PING, 0, 0, 'pingpong').subarray(0, 3));
  const silent = await stage.connect();
  silent.acknowledges = false;
  await stage.settled();
  for (let second = 0; second < 3; second += 1) {
    stage.harness.advance(1500);
    byTime[0].send(frame(FrameType.CONTINUATION, 0, 1, block([['x', 'y']])));
    await stage.settled();
  }
  for (const client of byTime) assert.equal(client.goaways.length, 0);
  stage.harness.advance(1500);
  for (const client of [...byTime, silent]) {
    assert.equal(await client.goaway(), ErrorCode.ENHANCE_YOUR_CALM);
    assert.equal(client.goaways[0]?.debugData, 'h2-head-unfinished');
    await client.over();
  }
  assert.deepEqual(stage.harness.defences, [
    'h2-header-block-too-large',
    'h2-too-many-continuations',
    ...Array.from({ length: 4 }, () => 'h2-head-unfinished'),
  ]);
});

test('settings that are not acknowledged end the connection', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.connect();
  client.acknowledges = false;
  client.greet();
  await client.ping();
  stage.harness.advance(29_000);
  await client.ping();
  stage.harness.advance(2000);
  assert.equal(await client.goaway(), ErrorCode.SETTINGS_TIMEOUT);
});

test('a window that stays shut, or opens by a trickle, ends the stream; one that moves does not', async (t) => {
  const stage = await setH2Stage(t, { timeouts: { responseWriteStallMs: 10_000 } });
  const client = await stage.client([4, 0]);
  const ids = [1, 3, 5];
  client.send(...ids.map((id) => client.headers(id)));
  for (const [index] of ids.entries()) {
    const app = await stage.app.connection(index);
    await app.head();
    app.write(`HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n${'x'.repeat(60_000)}`);
  }
  await stage.settled();
  for (let second = 0; second < 22; second += 1) {
    stage.harness.advance(500);
    client.send(windowUpdate(3, 1), windowUpdate(5, 100));
    await client.ping();
    stage.harness.advance(500);
  }
  assert.equal(await client.resetOf(1), ErrorCode.CANCEL);
  assert.equal(await client.resetOf(3), ErrorCode.CANCEL);
  assert.equal(client.answer(5).reset, -1);
  assert.deepEqual(
    stage.harness.records.map(({ error }) => error),
    ['response-write-stalled', 'response-write-stalled'],
  );
  assert.deepEqual(stage.harness.defences, ['response-write-stalled', 'response-write-stalled']);
  client.send(windowUpdate(5, 60_000));
  assert.equal((await client.answered(5)).ended, true);
});

test('an upload that does not move is ended; one that waits for the app is not', async (t) => {
  const stage = await setH2Stage(t, { timeouts: { requestContentIdleMs: 10_000 }, limits: { minimumContentRate: 16 } });
  const client = await stage.client();
  client.send(
    client.headers(1, { ':method': 'POST' }, false),
    client.headers(3, { ':method': 'POST' }, false),
    client.headers(5, { ':method': 'CONNECT', ':protocol': 'websocket' }, false),
    data(5, 'early'),
  );
  await stage.settled();
  for (let second = 0; second < 12; second += 1) {
    stage.harness.advance(1000);
    client.send(data(3, 'x'.repeat(32)));
    await client.ping();
  }
  const answer = await client.answered(1);
  assert.equal(answer.status, 408);
  assert.equal(await client.resetOf(1), ErrorCode.NO_ERROR);
  assert.equal(client.answer(3).status, 0);
  assert.equal(client.answer(5).status, 0);
  assert.equal(stage.harness.records[0]?.error, 'content-timeout');
});

test('a frame of content that takes minutes on a slow line is progress', async (t) => {
  const stage = await setH2Stage(t, { timeouts: { requestContentIdleMs: 10_000 } });
  const client = await stage.client();
  client.send(client.headers(1, { ':method': 'POST', 'content-length': '1000' }, false));
  const app = await stage.app.connection(0);
  await app.head();
  const whole = data(1, 'x'.repeat(1000), true);
  for (let at = 0; at < whole.length; at += 50) {
    client.send(whole.subarray(at, at + 50));
    await stage.settled();
    stage.harness.advance(2000);
  }
  await app.through('x'.repeat(1000));
  app.write(OK);
  assert.equal((await client.answered(1)).status, 200);
});

test('heads that would unpack to many times their size are refused as a whole, and the table goes on', async (t) => {
  const stage = await setH2Stage(t, { limits: { requestHeadBytes: 65_536 } });
  const client = await stage.client();
  const usual = client.headers(1).subarray(9);
  const big = Buffer.concat([
    Buffer.from([0x40, 3]),
    Buffer.from('x-b'),
    Buffer.from([0x7f, ((3900 - 127) % 128) | 0x80, Math.floor((3900 - 127) / 128)]),
    Buffer.alloc(3900, 0x76),
  ]);
  const whole = FrameFlag.END_HEADERS | FrameFlag.END_STREAM;
  client.send(frame(FrameType.HEADERS, whole, 1, Buffer.concat([usual, big])));
  const app = await stage.app.connection(0);
  assert.match(await app.head(), /x-b: v{3900}\r\n/);
  app.write(OK);
  await client.answered(1);
  client.send(frame(FrameType.HEADERS, whole, 3, Buffer.concat([usual, Buffer.alloc(12_000, 0xbe)])));
  assert.equal((await client.answered(3)).status, 431);
  client.send(frame(FrameType.HEADERS, whole, 5, Buffer.concat([usual, Buffer.from([0xbe])])));
  assert.match(await app.head(), /x-b: v{3900}\r\n/);
  app.write(OK);
  assert.equal((await client.answered(5)).status, 200);
  assert.equal(stage.app.connections.length, 1);
});
