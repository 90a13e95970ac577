import assert from 'node:assert/strict';
import test from 'node:test';
import { ErrorCode } from '../../../src/codec/http2/error-codes.ts';
import { FrameFlag, FrameType } from '../../../src/codec/http2/frames.ts';
import { until } from '../quiet.ts';
import { data, frame, reset } from './frame-client.ts';
import { setH2Stage } from './h2-stage.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK';

test('a request that the client cancels is cancelled at the app at once, the others go on', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  client.send(client.headers(1), client.headers(3));
  const [one, other] = [await stage.app.connection(0), await stage.app.connection(1)];
  await Promise.all([one.head(), other.head()]);
  client.send(reset(1));
  await until(() => one.ended || one.closed, 'the end at the app');
  other.write(OK);
  assert.equal((await client.answered(3)).status, 200);
  const cancelled = stage.harness.records.find(({ error }) => error !== '');
  assert.equal(cancelled?.error, 'client-gone');
  assert.equal(cancelled?.status, 0);
});

test('a download that the client cancels is cancelled at the app', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  client.send(client.headers(1));
  const app = await stage.app.connection(0);
  await app.head();
  app.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nsome');
  await until(() => client.answer(1).content.length > 0, 'some content');
  client.send(reset(1));
  await until(() => app.ended || app.closed, 'the end at the app');
  await client.ping();
});

test('a client that goes takes all its requests with it', async (t) => {
  for (const leave of ['end', 'destroy'] as const) {
    const stage = await setH2Stage(t);
    const client = await stage.client();
    client.send(client.headers(1), client.headers(3, { ':method': 'POST' }, false));
    const apps = [await stage.app.connection(0), await stage.app.connection(1)];
    await Promise.all(apps.map((app) => app.head()));
    client.socket[leave]();
    for (const app of apps) await until(() => app.ended || app.closed, 'the end at the app');
    await until(() => stage.harness.records.length === 2, 'a record of each');
    assert.deepEqual(new Set(stage.harness.records.map(({ error }) => error)), new Set(['client-gone']));
  }
});

test('a response that breaks off at the app is cut visibly', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  const broken = [
    'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n',
  ];
  for (const [index, text] of broken.entries()) {
    const id = 1 + index * 2;
    client.send(client.headers(id));
    const app = await stage.app.connection(index);
    await app.head();
    app.socket.end(text);
    assert.equal(await client.resetOf(id), ErrorCode.INTERNAL_ERROR);
    assert.equal(client.answer(id).ended, false);
    assert.equal(stage.harness.records[index]?.error, 'upstream-response-truncated');
  }
});

test('content that contradicts its length takes the request away from the app', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  for (const [index, last] of [data(1, 'too long'), data(3, 'x', true), data(5, 'fits', false)].entries()) {
    const id = 1 + index * 2;
    client.send(client.headers(id, { ':method': 'POST', 'content-length': '5' }, false), data(id, 's'));
    const app = await stage.app.connection(index);
    await app.through('\r\n\r\ns');
    client.send(last);
    if (id === 5) client.send(client.headersOf(5, [['x', 'one more']], true), data(5, ''));
    if (id === 5) assert.equal((await app.through('fits')).endsWith('fits'), true);
    else {
      assert.equal(await client.resetOf(id), ErrorCode.PROTOCOL_ERROR);
      await until(() => app.ended || app.closed, 'the end at the app');
      assert.equal(app.rest, '', 'nothing more came');
      assert.equal(stage.harness.records[index]?.error, 'h2-content-length-differs');
    }
  }
});

test('a gateway that drains answers what was on its way, then says which stream was the last and closes', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  client.send(client.headers(1));
  const app = await stage.app.connection(0);
  await app.head();
  stage.harness.drain();
  const isAsked = (each: { type: number; flags: number }): boolean =>
    each.type === FrameType.PING && (each.flags & FrameFlag.ACK) === 0;
  await until(() => client.frames.some(isAsked), 'the PING');
  assert.deepEqual(client.goaways, [{ lastStreamId: 0x7fff_ffff, errorCode: ErrorCode.NO_ERROR, debugData: '' }]);
  // It has not heard of it yet, and asks once more.
  client.send(client.headers(3));
  const later = await stage.app.connection(1);
  await later.head();
  client.send(frame(FrameType.PING, FrameFlag.ACK, 0, client.frames.find(isAsked)!.payload));
  await until(() => client.goaways.length === 2, 'the last stream');
  assert.equal(client.goaways[1]?.lastStreamId, 3);
  // What comes behind that is not looked at.
  client.send(client.headers(5), reset(5));
  await client.ping();
  app.write(OK);
  later.write(OK);
  assert.equal((await client.answered(1)).status, 200);
  assert.equal((await client.answered(3)).status, 200);
  await client.over();
  assert.equal(client.answer(5).status, 0);
  assert.equal(stage.app.connections.length, 2);
});

test('a drain does not wait for a client that does not answer; an idle connection closes soon', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  await client.ping();
  stage.harness.drain();
  await until(() => client.goaways.length === 1, 'the first GOAWAY');
  stage.harness.advance(5600);
  await client.over();
  assert.deepEqual(
    client.goaways.map(({ lastStreamId }) => lastStreamId),
    [0x7fff_ffff, 0],
  );
});

test('a client that hears of a drain seconds later loses none of the requests that it had sent', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  await client.ping();
  stage.harness.drain();
  const isAsked = (each: { type: number; flags: number }): boolean =>
    each.type === FrameType.PING && (each.flags & FrameFlag.ACK) === 0;
  await until(() => client.frames.some(isAsked), 'the PING');
  stage.harness.advance(3000);
  const answer = frame(FrameType.PING, FrameFlag.ACK, 0, client.frames.find(isAsked)!.payload);
  client.send(client.headers(1), client.headers(3), answer);
  for (const index of [0, 1]) {
    const app = await stage.app.connection(index);
    await app.head();
    app.write(OK);
  }
  assert.equal((await client.answered(1)).status, 200);
  assert.equal((await client.answered(3)).status, 200);
  await client.over();
  assert.equal(client.goaways[1]?.lastStreamId, 3);
});

test('a two-way stream may be silent for as long as a tunnel may, once its answer has begun', async (t) => {
  const stage = await setH2Stage(t, {
    timeouts: { requestContentIdleMs: 60_000, tunnelIdleMs: 600_000, upstreamContentIdleMs: 3_600_000 },
  });
  const client = await stage.client();
  client.send(client.headers(1, { ':method': 'POST' }, false), data(1, 'first'));
  const app = await stage.app.connection(0);
  await app.through('first');
  app.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n');
  await until(() => client.answer(1).content.length > 0, 'some content');
  for (let minute = 0; minute < 5; minute += 1) {
    stage.harness.advance(61_000);
    await client.ping();
  }
  client.send(data(1, 'second'));
  await app.through('second');
  for (let minute = 0; minute < 8; minute += 1) {
    stage.harness.advance(61_000);
    await client.ping();
  }
  assert.equal(stage.harness.records.length, 0, 'it lives on');
  for (let minute = 0; minute < 6 && stage.harness.records.length === 0; minute += 1) {
    stage.harness.advance(61_000);
    await client.ping();
  }
  assert.equal(stage.harness.records[0]?.error, 'content-timeout');
  assert.equal(await client.resetOf(1), ErrorCode.CANCEL);
});

test('a connection without requests is ended in order when its time is over', async (t) => {
  const stage = await setH2Stage(t, { timeouts: { keepAliveIdleMs: 10_000 } });
  const client = await stage.client();
  client.send(client.headers(1));
  const app = await stage.app.connection(0);
  await app.head();
  stage.harness.advance(20_000);
  await client.ping();
  app.write(OK);
  await client.answered(1);
  stage.harness.advance(9000);
  await client.ping();
  assert.equal(client.goaways.length, 0);
  stage.harness.advance(2000);
  assert.equal(await client.goaway(), ErrorCode.NO_ERROR);
  await client.over();
  assert.equal(stage.harness.records.length, 1);
});

test('a client that never takes its last octets is cut off in the end', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.connect();
  client.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await client.over();
  assert.equal(stage.harness.connections.size, 1, 'octets that still come are taken for a while');
  stage.harness.advance(2100);
  await until(() => stage.harness.connections.size === 0, 'the end');
  assert.equal(stage.harness.records[0]?.error, 'h2-preface-invalid');
});
